/** A cookie as a reply sets it, without its value: nothing here needs it, and it may be a secret. */
export interface SetCookie {
  readonly name: string
  /** Attributes in lower case, those without a value as `''`. */
  readonly attributes: ReadonlyMap<string, string>
}

/** A `Set-Cookie` header (RFC 6265 §5.2); nothing for a header without a name. */
export function parseSetCookie (header: string): SetCookie | undefined {
  const [pair, ...rest] = header.split(';') as [string, ...string[]]
  const at = pair.indexOf('=')
  const name = pair.slice(0, at).trim()
  if (at === -1 || name === '') return undefined
  const attributes = new Map(rest.map((attribute) => {
    const [key, value = ''] = attribute.split('=', 2) as [string, string?]
    return [key.trim().toLowerCase(), value.trim()]
  }))
  return { name, attributes }
}

/** Whether a browser keeps the cookie that `host` sets: its Domain must cover the host, and its name must not promise what it does not hold (RFC 6265bis §4.1.3). */
export function isKept ({ name, attributes }: SetCookie, host: string): boolean {
  const domain = attributes.get('domain')?.toLowerCase().replace(/^\./, '') ?? ''
  if (domain !== '' && host !== domain && !host.endsWith(`.${domain}`)) return false
  if (name.startsWith('__Host-')) return attributes.has('secure') && domain === '' && attributes.get('path') === '/'
  return !name.startsWith('__Secure-') || attributes.has('secure')
}

/** The header with its attributes and without its value. */
export function withoutValue (header: string): string {
  return header.replace(/^([^=;]*=)[^;]*/, '$1…').replace(/^[^=;]*(?=;|$)/, '…')
}
