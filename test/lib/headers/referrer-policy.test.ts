import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { formatReferrerPolicy, referrerPolicySchema, type ReferrerPolicy } from '../../../lib/headers/referrer-policy.ts'

const check = compileOptions<ReferrerPolicy | ReferrerPolicy[]>(referrerPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
const tokens: ReferrerPolicy[] = ['no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url']

t.test('Referrer-Policy is one of eight tokens', async (t) => {
  for (const token of tokens) t.equal(formatReferrerPolicy(check(token, 'x')), token)
})

t.test('Referrer-Policy may be a list, of which a browser takes the last that it knows', async (t) => {
  t.equal(formatReferrerPolicy(check(['no-referrer', 'strict-origin'], 'x')), 'no-referrer, strict-origin')
  t.equal(formatReferrerPolicy(check(['origin'], 'x')), 'origin')
  t.equal(formatReferrerPolicy(check(tokens, 'x')), tokens.join(', '))
})

const refused: Array<[what: string, value: unknown, message: RegExp]> = [
  ['a misspelt token, with the nearest', 'no-referer', /^x: .* received a string of length 10\. Did you mean `'no-referrer'`\?$/],
  ['a misspelt token of a list, with its place', ['origin', 'unsafe_url'], /^x\.1: .* received a string of length 10\. Did you mean `'unsafe-url'`\?$/],
  ['an empty list', [], /^x: .* received an array of length 0\.$/],
  ['an empty token, which is none', '', /^x: /],
  ['two tokens in one', 'origin, unsafe-url', /^x: /],
  ['capitals', 'ORIGIN', /^x: .*Did you mean `'origin'`\?$/],
  ['a line break', 'origin\r\nx: y', /^x: /],
  ['true', true, /^x: .* received boolean\.$/],
  ['null in a list', [null], /^x\.0: .* received null\.$/]
]

for (const [what, value, message] of refused) {
  t.test(`Referrer-Policy refuses ${what}`, async (t) => {
    t.throws(() => check(value, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message })
  })
}
