/** A host as a request names it. */
export interface Host {
  /** Lower case, without the dot that may end a name: `app.test`, `127.0.0.1`, `[::1]`. */
  readonly name: string
  /** The port, or `''` where there is none. */
  readonly port: string
}

/**
 * Django's rule for a Host (`django.http.request`): a name of letters, digits, dots and hyphens, or an address of IPv6 in brackets, and
 * a port. It is narrower than RFC 3986 §3.2.2, which lets through what ends an attribute or an address in the pages that print it.
 */
const HOST = /^([a-z\d.-]+|\[[a-f\d:]*:[a-f\d:.]+\])(?::(\d{1,5}))?$/i

const LARGEST_PORT = 65_535

/** DNS knows no empty label but the last one (RFC 1034 §3.1). */
const EMPTY_LABEL = /^\.|\.\.|\.$|^$/

/** The host that a Host header, an `:authority` or a forwarded host names; `undefined` for what names none, whatever it is. */
export function parseHost (text: string): Host | undefined {
  const match = HOST.exec(text)
  if (match === null) return undefined
  // Lower case only now: before, it would make an ASCII letter of the Kelvin sign.
  const name = match[1]!.toLowerCase().replace(/\.$/, '')
  const port = Number(match[2] ?? 1)
  if (EMPTY_LABEL.test(name) || port < 1 || port > LARGEST_PORT) return undefined
  return { name, port: match[2] === undefined ? '' : String(port) }
}

/** A host as it is written: the name, and the port where there is one. */
export function formatHost (name: string, port: string): string {
  return port === '' ? name : `${name}:${port}`
}
