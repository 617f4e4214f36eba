import type { RequestHeaders } from './request.ts'

/** Where a proxy says over which scheme it was asked itself. */
const SCHEME_HEADERS = ['x-forwarded-proto', 'forwarded', 'x-forwarded-scheme', 'x-forwarded-protocol', 'x-forwarded-ssl', 'front-end-https', 'x-url-scheme', 'cloudfront-forwarded-proto', 'cf-visitor']

const SAYS_HTTPS = /\bhttps\b|^on$/i

/**
 * The header by which a proxy says that it was asked over https, on a request that Fastify takes for plain http, so that its word did not
 * count: the sign of a redirect that leads back to itself. A client can write it, too, so that nothing but a line in the log may follow.
 */
export function unheardProxyHeader (headers: RequestHeaders): string | undefined {
  return SCHEME_HEADERS.find((name) => SAYS_HTTPS.test(String(headers[name] ?? '')))
}
