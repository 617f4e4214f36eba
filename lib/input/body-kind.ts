/** The kinds of body that a route may read. */
export type BodyKind = 'form' | 'json'

const TYPE = /^[ \t]*([!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+)[ \t]*((?:;[\s\S]*)?)$/
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/gi

/**
 * The kind of body that a Content-Type announces; `undefined` for every other one, for none, and for a character set that is not
 * UTF-8. `text/plain` is never read: every page of the web can send it (Fetch Standard, "CORS-safelisted request-header").
 */
export function kindOfBody (contentType: string | undefined): BodyKind | undefined {
  return contentType === undefined ? undefined : USUAL.get(contentType) ?? readKind(contentType)
}

/** What nearly every client sends, to the letter. */
const USUAL: ReadonlyMap<string, BodyKind> = new Map([
  ['application/json', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['application/json;charset=UTF-8', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['application/x-www-form-urlencoded;charset=UTF-8', 'form']
])

function readKind (contentType: string): BodyKind | undefined {
  const match = TYPE.exec(contentType)
  if (match === null) return undefined
  for (const [, quoted, plain] of match[2]!.matchAll(CHARSET)) {
    if (!/^(?:utf-?8|us-ascii)$/i.test(quoted ?? plain!)) return undefined
  }
  const type = match[1]!.toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return /^application\/(?:[\w.-]+\+)?json$/.test(type) ? 'json' : undefined
}

/** Whether a body comes in parts, as with files (RFC 7578). */
export function isMultipart (contentType: string | undefined): boolean {
  return /^\s*multipart\/form-data\s*;/i.test(contentType ?? '')
}
