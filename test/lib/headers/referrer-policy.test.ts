import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { formatReferrerPolicy, referrerPolicySchema, type ReferrerPolicy } from '../../../lib/headers/referrer-policy.ts'

const check = compileOptions<ReferrerPolicy | ReferrerPolicy[]>(referrerPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const admitted: Array<[what: string, value: ReferrerPolicy | ReferrerPolicy[], expected: string]> = [
  ['one token is the value', 'no-referrer', 'no-referrer'],
  ['every token of the specification is known', 'strict-origin-when-cross-origin', 'strict-origin-when-cross-origin'],
  ['several tokens are a list in the order given', ['no-referrer', 'same-origin'], 'no-referrer, same-origin'],
  ['a list of one is that one', ['origin'], 'origin']
]
for (const [what, value, expected] of admitted) {
  t.test(what, async (t) => t.equal(formatReferrerPolicy(check(value, 'headers')), expected))
}

const refused: Array<[what: string, value: unknown]> = [
  ['an unknown token', 'none'],
  ['a token in upper case', 'NO-REFERRER'],
  ['two tokens in one string', 'no-referrer, origin'],
  ['an empty string', ''],
  ['an empty list', []],
  ['a list with an unknown token', ['origin', 'never']],
  ['a line break', 'origin\r\nset-cookie: a=b'],
  ['a number', 1],
  ['null', null]
]
for (const [what, value] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => check(value, 'headers.referrerPolicy'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /^headers\.referrerPolicy/ }))
}
