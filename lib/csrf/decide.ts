import type { IncomingHttpHeaders } from 'node:http'
import { parseUrl } from '../parse-url.ts'
import { hasAmbientCredential } from './ambient.ts'

/** Why a request was refused by its headers alone. */
export type HeaderReason = 'cross-site' | 'same-site' | 'fetch-site-unknown' | 'origin-foreign' | 'referer-foreign'

/** What the headers say: `pass`, `token` where only a token can tell, or the reason to refuse. */
export type Verdict = 'pass' | 'token' | HeaderReason

/** Origins as browsers write them. */
export interface OriginLists {
  readonly own: ReadonlySet<string>
  readonly trusted: ReadonlySet<string>
}

/** RFC 9110 §9.2.1 has TRACE, too; a cross-site TRACE cannot be sent by a browser, and whoever serves it gets no exception here. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** RFC 6455 §4.1: a list of protocols in which `websocket` stands in any case. */
const WEBSOCKET = /(?:^|[\s,])websocket(?:$|[\s,/])/i

/** True where a request may be sent by anybody: a method that changes nothing, and no opening of a WebSocket, over which changes go unasked. */
export function isSafe (method: string, headers: IncomingHttpHeaders): boolean {
  return SAFE.has(method) && (headers.upgrade === undefined || !WEBSOCKET.test(headers.upgrade))
}

/**
 * Decides by what the browser says of where a request comes from: Sec-Fetch-Site (Fetch Metadata), where it is absent Origin (RFC 6454 §7),
 * then Referer. All three are compared as they are: a browser writes each in one way only, so what is spelt otherwise comes from none.
 *
 * A client that names no origin at all is let through where its request carries nothing that a browser would have added on its own.
 */
export function decide (headers: IncomingHttpHeaders, { own, trusted }: OriginLists, socket: object | undefined): Verdict {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return 'pass'
    if (origin !== undefined && trusted.has(origin)) return 'pass'
    return site === 'cross-site' || site === 'same-site' ? site : 'fetch-site-unknown'
  }
  if (origin !== undefined) {
    if (own.has(origin) || trusted.has(origin)) return 'pass'
    return origin === 'null' ? 'token' : 'origin-foreign'
  }
  // An empty one is what privacy tools leave.
  if (headers.referer) {
    const from = originOf(headers.referer)
    if (own.has(from) || trusted.has(from)) return 'pass'
    return from === 'null' ? 'token' : 'referer-foreign'
  }
  return hasAmbientCredential(headers, socket) ? 'token' : 'pass'
}

/** The origin of an address in the notation of the header Origin: `null` for what is no address, or has no origin (`android-app:`). */
export function originOf (address: string): string {
  return parseUrl(address)?.origin ?? 'null'
}
