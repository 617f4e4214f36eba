/** The absolute form (RFC 9112 §3.2.2): a whole URL where a path is expected. */
const ABSOLUTE = /^https?:\/\/([^/?#\\]*)(.*)$/i

/** What cannot stand in a header, or would be repaired by a browser on the way. */
const NOT_VISIBLE_ASCII = /[^\x21-\x7e]/g

/** The target of a request, taken apart. */
export interface RequestTarget {
  /** Path and query, with the `/` that they begin with; `*` of a request about the server itself. */
  readonly path: string
  /** The host that the target names itself; `undefined` in the usual form, which leaves that to the Host header. */
  readonly authority: string | undefined
}

/** Takes a request target apart; `undefined` for a form that no server but a proxy knows. */
export function parseRequestTarget (target: string, method: string): RequestTarget | undefined {
  if (target.startsWith('/') || (target === '*' && method === 'OPTIONS')) return { path: target, authority: undefined }
  const match = ABSOLUTE.exec(target)
  if (match === null) return undefined
  const [, authority = '', rest = ''] = match
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority }
}

/** Path and query as a Location can carry them: each byte outside visible ASCII is escaped, and nothing else is changed. */
export function encodePath (path: string): string {
  // Node gives the bytes of a target as characters up to U+00FF.
  return path.replace(NOT_VISIBLE_ASCII, (character) => `%${Buffer.from(character, 'latin1').toString('hex').toUpperCase()}`)
}
