import fc from 'fast-check'
import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { formatStrictTransportSecurity, strictTransportSecuritySchema, type StrictTransportSecurity } from '../../../lib/headers/strict-transport-security.ts'

const YEAR = 31_536_000

const formatted: Array<[rule: string, option: StrictTransportSecurity, value: string]> = [
  ['a year with subdomains by default', {}, 'max-age=31536000; includeSubDomains'],
  ['another age', { maxAge: 2 * YEAR }, 'max-age=63072000; includeSubDomains'],
  ['0 makes browsers forget', { maxAge: 0 }, 'max-age=0; includeSubDomains'],
  ['without subdomains', { includeSubDomains: false }, 'max-age=31536000'],
  ['preload with a year and subdomains', { preload: true }, 'max-age=31536000; includeSubDomains; preload'],
  ['preload false', { preload: false, maxAge: 60 }, 'max-age=60; includeSubDomains']
]

for (const [rule, option, value] of formatted) {
  t.test(`Strict-Transport-Security: ${rule}`, async (t) => t.equal(formatStrictTransportSecurity(option, 'hsts'), value))
}

t.test('preload needs what the list of the browsers asks for', async (t) => {
  for (const option of [{ preload: true, maxAge: YEAR - 1 }, { preload: true, maxAge: 0 }, { preload: true, includeSubDomains: false }]) {
    t.throws(() => formatStrictTransportSecurity(option, 'hsts'), {
      code: 'BULWARK_ERR_HEADERS_OPTION_INVALID',
      message: 'hsts.preload: expected `false`, or a `maxAge` of at least 31536000 with `includeSubDomains`, received boolean.'
    })
  }
})

const check = compileOptions<StrictTransportSecurity>(strictTransportSecuritySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const refused: Array<[what: string, option: unknown, message: string]> = [
  ['a negative age', { maxAge: -1 }, 'x.maxAge: expected an integer from 0 to 3153600000, received the number -1.'],
  ['an age beyond a hundred years', { maxAge: 100 * YEAR + 1 }, 'x.maxAge: expected an integer from 0 to 3153600000, received the number 3153600001.'],
  ['a fraction', { maxAge: 0.5 }, 'x.maxAge: expected an integer from 0 to 3153600000, received a number that is no integer.'],
  ['infinity', { maxAge: Infinity }, 'x.maxAge: expected an integer'],
  ['a text', { maxAge: '1; preload' }, 'x.maxAge: expected an integer from 0 to 3153600000, received a string of length 10.'],
  ['the name that helmet 3 had', { includeSubdomains: true }, 'x.includeSubdomains: expected a known name, received an unknown one. Did you mean `includeSubDomains`?'],
  ['a word for a boolean', { preload: 'true' }, 'x.preload: expected a boolean, received a string of length 4.']
]

for (const [what, option, message] of refused) {
  t.test(`the option refuses ${what}`, async (t) => t.throws(() => check(option, 'x'), { message }))
}

t.test('property: any option that the schema admits is refused for preload alone, or in the grammar of RFC 6797', async () => {
  const option = fc.record({ maxAge: fc.integer({ min: 0, max: 100 * YEAR }), includeSubDomains: fc.boolean(), preload: fc.boolean() }, { requiredKeys: [] })
  fc.assert(fc.property(option, (option) => {
    const isListed = (option.maxAge ?? YEAR) >= YEAR && option.includeSubDomains !== false
    try {
      return /^max-age=[0-9]+(?:; includeSubDomains)?(?:; preload)?$/.test(formatStrictTransportSecurity(check(option, 'x'), 'x'))
    } catch {
      return option.preload === true && !isListed
    }
  }))
})
