import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginResourcePolicySchema } from '../../../lib/headers/cross-origin-resource-policy.ts'

const check = compileOptions<string>(crossOriginResourcePolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const admitted = ['same-origin', 'same-site', 'cross-origin']
for (const word of admitted) {
  t.test(`admits ${word}`, async (t) => t.equal(check(word, 'headers'), word))
}

const refused: Array<[what: string, value: unknown]> = [
  ['in upper case', 'SAME-SITEX'],
  ['empty', ''],
  ['padded with white space', ' same-site'],
  ['followed by a line break', 'same-site\n'],
  ['a list', ['same-site']],
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['a word of another header', 'unsafe-none']
]
for (const [what, value] of refused) {
  t.test(`the resource policy is refused when it is ${what}`, async (t) => t.throws(() => check(value, 'headers'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' }))
}
