import t from 'tap'
import { formatReportingEndpoints, reportingSchema } from '../../../lib/headers/reporting-endpoints.ts'
import { compileOptions } from '../../../lib/options.ts'

const CODES = { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' } as const

const admitted: Array<[what: string, endpoints: Record<string, string>, expected: string]> = [
  ['an https URL', { csp: 'https://reports.test/csp' }, 'csp="https://reports.test/csp"'],
  ['a path of this site', { csp: '/reports' }, 'csp="/reports"'],
  ['several endpoints keep their order', { b: '/b', a: '/a' }, 'b="/b", a="/a"'],
  ['every character of a key', { '*a-z_0.9*': '/r' }, '*a-z_0.9*="/r"'],
  ['a port and a query', { csp: 'https://reports.test:8443/r?a=b&c=%20' }, 'csp="https://reports.test:8443/r?a=b&c=%20"'],
  ['plain http on loopback, for development', { csp: 'http://localhost:3000/r' }, 'csp="http://localhost:3000/r"'],
  ['plain http on 127.0.0.1', { csp: 'http://127.0.0.1:3000/r' }, 'csp="http://127.0.0.1:3000/r"'],
  ['plain http on ::1', { csp: 'http://[::1]:3000/r' }, 'csp="http://[::1]:3000/r"']
]
for (const [what, endpoints, expected] of admitted) {
  t.test(`admitted: ${what}`, async (t) => t.equal(formatReportingEndpoints({ endpoints }, 'headers.reporting'), expected))
}

const refused: Array<[what: string, endpoints: Record<string, string>]> = [
  ['no endpoint', {}],
  ['a name with capitals', { Csp: '/r' }],
  ['a name that begins with a digit', { '1csp': '/r' }],
  ['an empty name', { '': '/r' }],
  ['a name that would end the member', { 'a="x", b': '/r' }],
  ['plain http elsewhere', { csp: 'http://reports.test/r' }],
  ['another scheme', { csp: 'ftp://reports.test/r' }],
  ['a relative path', { csp: 'reports' }],
  ['a host without a scheme', { csp: '//reports.test/r' }],
  ['a URL that no parser reads', { csp: 'https://:99999' }],
  ['a quote', { csp: '/r"' }],
  ['a single quote', { csp: "/r'" }],
  ['a backslash', { csp: '/r\\' }],
  ['a semicolon, which would end the directive', { csp: '/r;sandbox' }],
  ['a comma, which would end the policy', { csp: '/r,x' }],
  ['white space', { csp: '/r x' }],
  ['a line break', { csp: '/r\r\nx: y' }],
  ['non-ASCII text', { csp: '/ré' }],
  ['nothing', { csp: '' }]
]
for (const [what, endpoints] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => formatReportingEndpoints({ endpoints }, 'headers.reporting'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /^headers\.reporting\.endpoints/ }))
}

t.test('the shape is an object with `endpoints`, name to URL, and nothing else', async (t) => {
  const check = compileOptions(reportingSchema, CODES)
  t.same(check({ endpoints: { a: '/r' } }, 'reporting'), { endpoints: { a: '/r' } })
  t.throws(() => check({}, 'reporting'), { code: CODES.invalid })
  t.throws(() => check({ endpoints: { a: 1 } }, 'reporting'), { code: CODES.invalid })
  t.throws(() => check({ endpoints: { a: '/r' }, endpoint: 'a' }, 'reporting'), { code: CODES.unknown, message: /`endpoints`/ })
})
