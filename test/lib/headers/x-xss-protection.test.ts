import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { xXssProtectionSchema } from '../../../lib/headers/x-xss-protection.ts'

const check = compileOptions<string>(xXssProtectionSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const admitted = ['0', '1', '1; mode=block']
for (const word of admitted) {
  t.test(`admits ${word}`, async (t) => t.equal(check(word, 'headers'), word))
}

const refused: Array<[what: string, value: unknown]> = [
  ['in upper case', '0X'],
  ['empty', ''],
  ['padded with white space', ' 0'],
  ['followed by a line break', '0\n'],
  ['a list', ['0']],
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['an unknown mode', '1; mode=allow']
]
for (const [what, value] of refused) {
  t.test(`the switch of the filter is refused when it is ${what}`, async (t) => t.throws(() => check(value, 'headers'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' }))
}
