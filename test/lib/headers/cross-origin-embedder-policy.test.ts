import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginEmbedderPolicySchema } from '../../../lib/headers/cross-origin-embedder-policy.ts'

const check = compileOptions<string>(crossOriginEmbedderPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const admitted = ['require-corp', 'credentialless', 'unsafe-none']
for (const word of admitted) {
  t.test(`admits ${word}`, async (t) => t.equal(check(word, 'headers'), word))
}

const refused: Array<[what: string, value: unknown]> = [
  ['in upper case', 'REQUIRE-CORPX'],
  ['empty', ''],
  ['padded with white space', ' require-corp'],
  ['followed by a line break', 'require-corp\n'],
  ['a list', ['require-corp']],
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['a word of another header', 'same-origin']
]
for (const [what, value] of refused) {
  t.test(`the embedder policy is refused when it is ${what}`, async (t) => t.throws(() => check(value, 'headers'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' }))
}
