import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginResourcePolicySchema, type CrossOriginResourcePolicy } from '../../../lib/headers/cross-origin-resource-policy.ts'

const check = compileOptions<CrossOriginResourcePolicy>(crossOriginResourcePolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
const words: CrossOriginResourcePolicy[] = ['same-origin', 'same-site', 'cross-origin']

t.test('Cross-Origin-Resource-Policy has these words', async (t) => {
  for (const word of words) t.equal(check(word, 'x'), word)
})

t.test('Cross-Origin-Resource-Policy has no other word', async (t) => {
  for (const word of ['', 'same-origin ', 'SAME-ORIGIN', 'same-origin; report-to="a"', 'same-origin\r\nx: y', 'none', true, null, ['same-origin']]) {
    t.throws(() => check(word, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /^x: expected `'/ }, JSON.stringify(word))
  }
})
