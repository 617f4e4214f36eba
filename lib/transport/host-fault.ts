import { parseHost } from './host.ts'
import { parseRequestTarget } from './request-target.ts'
import { sentHost, type TransportRequest } from './request.ts'

/** What is wrong with the host that a request names. */
export type HostFault =
  /** There is none: HTTP/1.0, or a server with `requireHostHeader: false`. */
  | 'missing'
  /** There are several Host headers (RFC 9112 §3.2: answer 400). */
  | 'duplicate'
  /** It is empty, or has credentials, a bad port or a character that no host has. */
  | 'syntax'
  /** The request names two hosts: in Host and in `:authority` (RFC 9113 §8.3.1), or in Host and in the target (RFC 9112 §3.2.2). */
  | 'contradiction'
  /** The target is no path and no http or https URL. */
  | 'target'

/**
 * What the Host of a proxy may be while the one that counts was forwarded: proxies write the name of an upstream here, which may have an underscore.
 * No character ends anything where it is printed.
 */
const HARMLESS = /^[\w.:[\]-]*$/

/** Whether a Host may stand beside the one that counts. */
export function isHarmless (sent: string | undefined): boolean {
  return HARMLESS.test(sent ?? '')
}

/** Whether the Host header is there once at the most. Node keeps the first of several, and tells of the others only in this list. */
export function hasOneHost (rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 4 && name.toLowerCase() === 'host' && ++count > 1) return false
  }
  return true
}

/** The first fault of the host that a request names, or `undefined` where it names one. */
export function findHostFault (request: TransportRequest): HostFault | undefined {
  const { host, method, originalUrl, raw: { rawHeaders, headers } } = request
  if (!hasOneHost(rawHeaders)) return 'duplicate'
  const target = parseRequestTarget(originalUrl, method)
  if (target === undefined) return 'target'
  const sent = sentHost(request) ?? ''
  const others = [headers[':authority'], target.authority].filter((other) => other !== undefined)
  if (others.some((other) => String(other).toLowerCase() !== sent.toLowerCase())) return 'contradiction'
  if (host === '' && sentHost(request) === undefined) return 'missing'
  return parseHost(host) === undefined || !isHarmless(sent) ? 'syntax' : undefined
}
