import fc from 'fast-check'
import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { faultOf } from '../../../lib/headers/csp-sources.ts'
import { formatReportingEndpoints, reportingSchema, type Reporting } from '../../../lib/headers/reporting-endpoints.ts'

const formatted: Array<[rule: string, endpoints: Record<string, string>, value: string]> = [
  ['an https URL', { default: 'https://reports.test/r?site=1' }, 'default="https://reports.test/r?site=1"'],
  ['a path of this site', { csp: '/reports' }, 'csp="/reports"'],
  ['several, in order', { b: '/b', a: '/a' }, 'b="/b", a="/a"'],
  ['loopback in development', { a: 'http://localhost:3000/r', b: 'http://127.0.0.1/r', c: 'http://[::1]:8080/r' }, 'a="http://localhost:3000/r", b="http://127.0.0.1/r", c="http://[::1]:8080/r"'],
  ['every character of a name', { '*a-z_0.9*': '/' }, '*a-z_0.9*="/"']
]

for (const [rule, endpoints, value] of formatted) {
  t.test(`Reporting-Endpoints: ${rule}`, async (t) => t.equal(formatReportingEndpoints({ endpoints }, 'reporting'), value))
}

const NAME = 'expected a name of lower-case letters, digits, `_`, `-`, `.` and `*`'
const URL_TEXT = 'expected an https URL or a path that begins with `/`, percent-encoded'

const refused: Array<[what: string, endpoints: Record<string, string>, message: string]> = [
  ['none', {}, 'reporting.endpoints: expected at least one endpoint, received an object.'],
  ['a name in capitals', { Default: '/' }, `reporting.endpoints.Default: ${NAME}, received a string of length 7.`],
  ['a name that begins with a digit', { '1a': '/' }, NAME],
  ['a name with a blank', { 'a b': '/' }, NAME],
  ['a name with a line break', { 'a\n': '/' }, NAME],
  ['a name that ends the member', { 'a="/x", b': '/' }, NAME],
  ['an empty name', { '': '/' }, NAME],
  ['plain http', { a: 'http://reports.test/' }, `reporting.endpoints.a: ${URL_TEXT}, received a string of length 20.`],
  ['plain http of a host that begins like loopback', { a: 'http://localhost.evil.test/' }, URL_TEXT],
  ['a host without a scheme', { a: 'reports.test' }, URL_TEXT],
  ['a relative path', { a: 'reports' }, URL_TEXT],
  ['a URL without a scheme', { a: '//reports.test/' }, URL_TEXT],
  ['a backslash that browsers take for a slash', { a: '/\\reports.test' }, URL_TEXT],
  ['another scheme', { a: 'javascript:alert(1)' }, URL_TEXT],
  ['ftp', { a: 'ftp://reports.test/' }, URL_TEXT],
  ['a double quote', { a: '/a"b' }, URL_TEXT],
  ['a single quote, which a policy reserves for keywords', { a: "/'nonce'" }, URL_TEXT],
  ['a semicolon', { a: '/a;b' }, URL_TEXT],
  ['a comma', { a: '/a,b' }, URL_TEXT],
  ['a blank', { a: '/a b' }, URL_TEXT],
  ['a line break', { a: '/a\r\nx: y' }, URL_TEXT],
  ['a line break at the end', { a: '/a\n' }, URL_TEXT],
  ['a letter beyond ASCII', { a: 'https://b\u00fccher.test/' }, URL_TEXT],
  ['a port too high', { a: 'https://reports.test:65536/' }, URL_TEXT],
  ['https without a host', { a: 'https://' }, URL_TEXT],
  ['an empty URL', { a: '' }, URL_TEXT]
]

for (const [what, endpoints, message] of refused) {
  t.test(`an endpoint is refused: ${what}`, async (t) => {
    t.throws(() => formatReportingEndpoints({ endpoints }, 'reporting'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message })
  })
}

t.test('the option is an object of names to URLs', async (t) => {
  const check = compileOptions<Reporting>(reportingSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  t.same(check({ endpoints: { a: '/' } }, 'x'), { endpoints: { a: '/' } })
  t.throws(() => check({}, 'x'), { message: 'x.endpoints: expected an object, received undefined.' })
  t.throws(() => check({ endpoint: {} }, 'x'), { message: 'x.endpoint: expected a known name, received an unknown one. Did you mean `endpoints`?' })
  t.throws(() => check({ endpoints: { a: ['/'] } }, 'x'), { message: 'x.endpoints.a: expected a string, received an array of length 1.' })
})

t.test('property: what is admitted is printable ASCII, and a word of report-to and report-uri, too', async () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,5}$/))
  const url = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string({ unit: 'binary' }).map((text) => `/${text}`), fc.string({ unit: 'binary' }).map((text) => `https://a.test/${text}`))
  fc.assert(fc.property(name, url, (name, url) => {
    let value
    try {
      value = formatReportingEndpoints({ endpoints: Object.fromEntries([[name, url]]) }, 'x')
    } catch (error) {
      return (error as { code?: string }).code === 'BULWARK_ERR_HEADERS_OPTION_INVALID'
    }
    return /^[ -~]+$/.test(value) && faultOf('report-to', name) === undefined && faultOf('report-uri', url) === undefined
  }), { numRuns: 2000 })
})
