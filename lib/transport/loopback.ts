import { isLoopbackHost } from '../loopback-host.ts'
import { parseHost } from './host.ts'
import { sentHost, type RequestHeaders, type TransportRequest } from './request.ts'

/** The addresses of `isLoopbackHost` as a socket writes them. */
const LOOPBACK_ADDRESS = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/

/** What proxies add. A client can add it, too, and thereby only lose. */
const FORWARDED = /^(?:x-forwarded(?:-.+)?|forwarded|via|cdn-loop|x-real-ip|x-client-ip|x-cluster-client-ip|x-scheme|x-original-.+|x-envoy-.+|true-client-ip|cf-connecting-ip|fastly-client-ip)$/

/** No browser speaks it. nginx does, to the application, unless it is told otherwise. */
const HTTP_1_0 = '1.0'

function isForwarded (headers: RequestHeaders): boolean {
  return Object.keys(headers).some((name) => FORWARDED.test(name))
}

/**
 * Whether a program on this machine asks for this machine: the connection comes from a loopback address, the Host is a loopback name,
 * and nothing tells of a proxy.
 *
 * One of them alone proves nothing. A remote client writes any Host, and behind a proxy on the same machine every connection comes
 * from a loopback address. So the address is that of the socket and never `request.ip`, and the Host is that which was sent.
 */
export function isFromThisMachine (request: TransportRequest): boolean {
  return LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '') &&
    isLoopbackHost(parseHost(sentHost(request) ?? '')?.name ?? '') &&
    request.raw.httpVersion !== HTTP_1_0 && !isForwarded(request.raw.headers)
}
