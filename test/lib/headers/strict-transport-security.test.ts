import t from 'tap'
import { formatStrictTransportSecurity, strictTransportSecuritySchema, type StrictTransportSecurity } from '../../../lib/headers/strict-transport-security.ts'
import { compileOptions } from '../../../lib/options.ts'

const table: Array<[what: string, option: StrictTransportSecurity, expected: string]> = [
  ['a year with subdomains by default', {}, 'max-age=31536000; includeSubDomains'],
  ['without the subdomains', { includeSubDomains: false }, 'max-age=31536000'],
  ['two years for the list', { maxAge: 63_072_000, preload: true }, 'max-age=63072000; includeSubDomains; preload'],
  ['a year is enough for the list', { preload: true }, 'max-age=31536000; includeSubDomains; preload'],
  ['zero makes browsers forget', { maxAge: 0 }, 'max-age=0; includeSubDomains']
]
for (const [what, option, expected] of table) {
  t.test(what, async (t) => t.equal(formatStrictTransportSecurity(option, 'headers.strictTransportSecurity'), expected))
}

const hopeless: Array<[what: string, option: StrictTransportSecurity]> = [
  ['less than a year', { preload: true, maxAge: 31_535_999 }],
  ['no subdomains', { preload: true, includeSubDomains: false }],
  ['the switch-off', { preload: true, maxAge: 0 }]
]
for (const [what, option] of hopeless) {
  t.test(`preload is refused with ${what}`, async (t) => {
    t.throws(() => formatStrictTransportSecurity(option, 'headers.strictTransportSecurity'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /preload.*maxAge.*31536000.*includeSubDomains/ })
  })
}

const refused: Array<[what: string, option: unknown]> = [
  ['a negative age', { maxAge: -1 }],
  ['a fraction', { maxAge: 1.5 }],
  ['more than a century', { maxAge: 3_153_600_001 }],
  ['an age in words', { maxAge: '1y' }],
  ['not a number', { maxAge: NaN }],
  ['a flag in words', { includeSubDomains: 'yes' }],
  ['a string', 'max-age=1']
]
for (const [what, option] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    const check = compileOptions(strictTransportSecuritySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
    t.throws(() => check(option, 'headers.strictTransportSecurity'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  })
}
