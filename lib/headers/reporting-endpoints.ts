import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { isLoopbackHost } from '../loopback-host.ts'
import { expectation, type OptionSchema } from '../options.ts'
import { parseUrl } from '../parse-url.ts'

/** Where browsers send reports (W3C Reporting API). */
export interface Reporting {
  /** Name to URL: `https://…`, or a path of this site. The first is the one that the policies name. */
  readonly endpoints: Readonly<Record<string, string>>
}

/** What the option admits. */
export const reportingSchema: OptionSchema = Type.Object({
  endpoints: Type.Record(Type.String(), Type.String(), { description: 'Name to URL (https, or a path of this site). The first is the one that the policies report to.' })
}, { additionalProperties: false, description: 'Endpoints for reports, declared in Reporting-Endpoints and named by every policy.' })

// RFC 9651 §3.1.2: a key of a dictionary.
const KEY = /^[a-z*][a-z0-9_.*-]*$/
// A URL that is one string of RFC 9651 §3.3.3 and one expression of a policy: no quotes, backslash, white space, `;` or `,`.
const URL_TEXT = /^[A-Za-z0-9\-._~:/?#[\]@!$&()*+=%]+$/

/** The value of Reporting-Endpoints. Throws `SecurityError` for a name or a URL that a browser would skip. */
export function formatReportingEndpoints ({ endpoints }: Reporting, path: string): string {
  const entries = Object.entries(endpoints)
  if (entries.length === 0) throw refusal(`${path}.endpoints`, 'at least one endpoint', endpoints)
  return entries.map(([name, url]) => {
    if (!KEY.test(name)) throw refusal(`${path}.endpoints.${name}`, 'a name of lower-case letters, digits, `_`, `-`, `.` and `*`', name)
    if (!isTrustworthy(url)) throw refusal(`${path}.endpoints.${name}`, 'an https URL or a path that begins with `/`, percent-encoded', url)
    return `${name}="${url}"`
  }).join(', ')
}

/** Browsers report to potentially trustworthy URLs only: https, or the page's own origin by a path, or loopback in development. */
function isTrustworthy (url: string): boolean {
  if (!URL_TEXT.test(url)) return false
  if (url.startsWith('/')) return !url.startsWith('//')
  const address = parseUrl(url)
  if (address === undefined) return false
  const { protocol, hostname } = address
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))
}

function refusal (path: string, expected: string, received: unknown): SecurityError {
  return new SecurityError('BULWARK_ERR_HEADERS_OPTION_INVALID', expectation(path, expected, received))
}
