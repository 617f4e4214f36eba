import t from 'tap'
import { parseDirectives } from '../../../lib/headers/csp-policy.ts'
import { formatXFrameOptions, xFrameOptionsSchema, type XFrameOptions } from '../../../lib/headers/x-frame-options.ts'
import { compileOptions } from '../../../lib/options.ts'

const table: Array<[what: string, option: XFrameOptions, ancestors: string[] | undefined, expected: string | undefined]> = [
  ["'none' is DENY", 'derive', ["'none'"], 'DENY'],
  ["'self' is SAMEORIGIN", 'derive', ["'self'"], 'SAMEORIGIN'],
  ['hosts cannot be said', 'derive', ['https://partner.test'], undefined],
  ["'self' and a host cannot be said", 'derive', ["'self'", 'https://partner.test'], undefined],
  ['a policy without frame-ancestors has nothing to derive', 'derive', undefined, undefined],
  ['what is asked for is sent', 'SAMEORIGIN', ["'none'"], 'SAMEORIGIN'],
  ['what is asked for needs no policy', 'DENY', undefined, 'DENY']
]
for (const [what, option, ancestors, expected] of table) {
  t.test(what, async (t) => {
    const policy = parseDirectives(ancestors === undefined ? { 'base-uri': ["'none'"] } : { 'frame-ancestors': ancestors }, 'policy')
    t.equal(formatXFrameOptions(option, policy), expected)
  })
}

t.test('without a policy there is nothing to derive', async (t) => t.equal(formatXFrameOptions('derive', undefined), undefined))

t.test('ALLOW-FROM and other words are refused', async (t) => {
  const check = compileOptions(xFrameOptionsSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  for (const word of ['ALLOW-FROM https://partner.test', 'deny', 'sameorigin', '', 'DENY, SAMEORIGIN']) {
    t.throws(() => check(word, 'headers.xFrameOptions'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  }
  t.equal(check('DENY', 'headers.xFrameOptions'), 'DENY')
})
