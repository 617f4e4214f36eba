import type { IncomingHttpHeaders } from 'node:http'

/** The part of a TLS socket that is read here; others do not have it. */
interface TlsSocket {
  getPeerCertificate? (): object | null
}

/** RFC 7617, 7616, 4559: what a browser remembers for a site and adds to every request, whoever caused it. `Bearer` it never adds. */
const REMEMBERED = /^(?:basic|digest|negotiate|ntlm)(?: |$)/i

/**
 * True where a request carries something that a browser adds on its own, so that somebody else may have caused it: any cookie, a
 * remembered password, a client certificate. Cookies are not told apart by name, since an application may know its users by any of them.
 */
export function hasAmbientCredential (headers: IncomingHttpHeaders, socket: object | undefined): boolean {
  if (headers.cookie || REMEMBERED.test(headers.authorization ?? '')) return true
  // An empty object where there is none, `null` where the connection is gone.
  return Object.keys((socket as TlsSocket | undefined)?.getPeerCertificate?.() ?? {}).length > 0
}
