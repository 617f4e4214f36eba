import { randomBytes } from 'node:crypto'
import { decodeBase64url } from '../base64url.ts'
import { findMacKey, mac } from '../mac.ts'

/**
 * RFC 6265bis §4.1.3.2: a browser takes a cookie of this prefix from the host itself only, over https, for all paths, so that neither a
 * subdomain nor somebody on the network can plant one.
 */
const PREFIX = '__Host-csrf-'

/**
 * What may stand around a pair. `trim()` takes more, a no-break space among it: a cookie whose name begins with one has no prefix to a browser, which
 * then takes it from a subdomain.
 */
const BLANKS = /^[ \t]+|[ \t]+$/g

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
  if (header === undefined || !header.includes(PREFIX)) return []
  return header.split(';').map((pair) => pair.replace(BLANKS, '')).filter((pair) => pair.startsWith(PREFIX)).slice(0, MOST).flatMap((pair) => {
    const value = pair.slice(pair.indexOf('=') + 1)
    const id = value.slice(0, ID_LENGTH)
    const signature = value[ID_LENGTH] === '.' ? decodeBase64url(value.slice(ID_LENGTH + 1)) : undefined
    return signature !== undefined && findMacKey(keys, [id], signature) !== -1 ? [id] : []
  })
}
