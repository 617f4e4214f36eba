import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginOpenerPolicySchema } from '../../../lib/headers/cross-origin-opener-policy.ts'

const check = compileOptions<string>(crossOriginOpenerPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const admitted = ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none']
for (const word of admitted) {
  t.test(`admits ${word}`, async (t) => t.equal(check(word, 'headers'), word))
}

const refused: Array<[what: string, value: unknown]> = [
  ['in upper case', 'SAME-ORIGINX'],
  ['empty', ''],
  ['padded with white space', ' same-origin'],
  ['followed by a line break', 'same-origin\n'],
  ['a list', ['same-origin']],
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['a word of another header', 'require-corp']
]
for (const [what, value] of refused) {
  t.test(`the opener policy is refused when it is ${what}`, async (t) => t.throws(() => check(value, 'headers'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' }))
}
