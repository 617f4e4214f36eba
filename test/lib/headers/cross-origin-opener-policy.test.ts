import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginOpenerPolicySchema, type CrossOriginOpenerPolicy } from '../../../lib/headers/cross-origin-opener-policy.ts'

const check = compileOptions<CrossOriginOpenerPolicy>(crossOriginOpenerPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
const words: CrossOriginOpenerPolicy[] = ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none']

t.test('Cross-Origin-Opener-Policy has these words', async (t) => {
  for (const word of words) t.equal(check(word, 'x'), word)
})

t.test('Cross-Origin-Opener-Policy has no other word', async (t) => {
  for (const word of ['', 'same-origin ', 'SAME-ORIGIN', 'same-origin; report-to="a"', 'same-origin\r\nx: y', 'none', true, null, ['same-origin']]) {
    t.throws(() => check(word, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /^x: expected `'/ }, JSON.stringify(word))
  }
})
