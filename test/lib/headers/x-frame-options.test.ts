import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { parseDirectives, type Directives } from '../../../lib/headers/csp-policy.ts'
import { formatXFrameOptions, xFrameOptionsSchema, type XFrameOptions } from '../../../lib/headers/x-frame-options.ts'

const cases: Array<[rule: string, option: XFrameOptions, directives: Directives | undefined, value: string | undefined]> = [
  ["'none' is DENY", 'derive', { 'frame-ancestors': ["'none'"] }, 'DENY'],
  ["'self' is SAMEORIGIN", 'derive', { 'frame-ancestors': ["'self'"] }, 'SAMEORIGIN'],
  ['a host cannot be said', 'derive', { 'frame-ancestors': ['a.test'] }, undefined],
  ["'self' and a host cannot be said", 'derive', { 'frame-ancestors': ["'self'", 'a.test'] }, undefined],
  ['* cannot be said', 'derive', { 'frame-ancestors': ['*'] }, undefined],
  ['without frame-ancestors there is nothing to derive from', 'derive', { 'default-src': ["'none'"] }, undefined],
  ['without a policy there is nothing to derive from', 'derive', undefined, undefined],
  ['DENY is said whatever the policy', 'DENY', { 'frame-ancestors': ['a.test'] }, 'DENY'],
  ['SAMEORIGIN is said without a policy', 'SAMEORIGIN', undefined, 'SAMEORIGIN']
]

for (const [rule, option, directives, value] of cases) {
  t.test(`X-Frame-Options: ${rule}`, async (t) => t.equal(formatXFrameOptions(option, directives && parseDirectives(directives, 'policy')), value))
}

t.test('there is no ALLOW-FROM, and words are in capitals', async (t) => {
  const check = compileOptions<XFrameOptions>(xFrameOptionsSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  for (const option of ['ALLOW-FROM https://a.test', 'deny', 'SAMEORIGIN, DENY', '', true, null]) {
    t.throws(() => check(option, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: "x: expected `'derive'` or `'DENY'` or `'SAMEORIGIN'`, received" }, JSON.stringify(option))
  }
  for (const option of ['derive', 'DENY', 'SAMEORIGIN']) t.equal(check(option, 'x'), option)
})
