import type { TransportRequest } from '../../../lib/transport/request.ts'

/** What a test says of a request; the rest is that of an ordinary one. */
export interface Told {
  readonly method?: string
  readonly url?: string
  readonly protocol?: string
  /** The host that Fastify believes; without it, the one of the headers. */
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Without it, `headers`. */
  readonly rawHeaders?: readonly string[]
  readonly peer?: string | undefined
  readonly httpVersion?: string
}

/** A request as the plugin sees it. */
export function requestOf ({ method = 'GET', url = '/', protocol = 'http', headers = { host: 'app.test' }, host = headers['host'] ?? '', rawHeaders = Object.entries(headers).flat(), peer = '203.0.113.9', httpVersion = '1.1' }: Told): TransportRequest {
  return { method, originalUrl: url, protocol, host, headers, raw: { headers, rawHeaders, httpVersion }, socket: { remoteAddress: peer } }
}
