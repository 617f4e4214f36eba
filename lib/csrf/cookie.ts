import { randomBytes } from 'node:crypto'
import { decodeBase64url } from '../base64url.ts'
import { findMacKey, mac } from '../mac.ts'

/**
 * RFC 6265bis §4.1.3.2: a browser takes a cookie of this prefix from the host itself only, over https, for all paths, so that neither a
 * subdomain nor somebody on the network can plant one.
 */
const PREFIX = '__Host-csrf-'

const ID_LENGTH = 22

/** So many are looked at. More come about where that many pages were asked for at once, by a browser that had none yet. */
const MOST = 8

/**
 * The line that sets a cookie for a visitor without a session, with an id of its own: 128 random bits and their MAC.
 *
 * Its name ends with a piece of the id. With one name for all, two tabs that a browser opens at once would each be given a cookie, the
 * later one would replace the earlier, and the form in the first tab would be dead.
 *
 * Lax, not Strict: after a link from another site a Strict cookie is not sent, so that a new one would be set although there is one. It is no
 * credential; what is sent along with a request of another site is not looked at without the token.
 */
export function mintCookie (key: Buffer): { id: string, line: string } {
  const id = randomBytes(16).toString('base64url')
  return { id, line: `${PREFIX}${id.slice(0, 6)}=${id}.${mac(key, [id]).toString('base64url')}; Path=/; Secure; HttpOnly; SameSite=Lax` }
}

/** The ids in the Cookie header of a request that were signed by one of `keys`, the first first. */
export function readCookies (keys: readonly Buffer[], header: string | undefined): string[] {
  const ids: string[] = []
  if (header === undefined) return ids
  let looked = 0
  for (let at = header.indexOf(PREFIX); at !== -1 && looked < MOST; at = header.indexOf(PREFIX, at + PREFIX.length)) {
    // Only at the start of a pair: elsewhere it is a piece of another name, or of a value.
    if (!startsPair(header, at)) continue
    looked++
    const pair = header.slice(at, endOfPair(header, at))
    const value = pair.slice(pair.indexOf('=') + 1)
    const id = value.slice(0, ID_LENGTH)
    const signature = value[ID_LENGTH] === '.' ? decodeBase64url(value.slice(ID_LENGTH + 1)) : undefined
    if (signature !== undefined && findMacKey(keys, [id], signature) !== -1) ids.push(id)
  }
  return ids
}

/**
 * What may stand around a pair is a blank or a tab. `trim()` takes more, a no-break space among it: a cookie whose name begins with one has no prefix to a
 * browser, which then takes it from a subdomain.
 */
function isBlank (character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function startsPair (header: string, at: number): boolean {
  let before = at - 1
  while (isBlank(header[before])) before--
  return before < 0 || header[before] === ';'
}

/** Not by a regular expression, which looks at a run of blanks once for each of them. */
function endOfPair (header: string, at: number): number {
  const semicolon = header.indexOf(';', at)
  let end = semicolon === -1 ? header.length : semicolon
  while (isBlank(header[end - 1])) end--
  return end
}
