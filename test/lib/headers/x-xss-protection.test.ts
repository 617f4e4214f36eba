import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { xXssProtectionSchema, type XXssProtection } from '../../../lib/headers/x-xss-protection.ts'

const check = compileOptions<XXssProtection>(xXssProtectionSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

t.test('X-XSS-Protection is off, or on as old pages had it', async (t) => {
  for (const value of ['0', '1', '1; mode=block']) t.equal(check(value, 'x'), value)
})

t.test('X-XSS-Protection has no other value', async (t) => {
  for (const value of [0, 1, true, '', '1;mode=block', '1; report=https://a.test', '0\r\nx: y', null]) {
    t.throws(() => check(value, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: "x: expected `'0'` or `'1'` or `'1; mode=block'`, received" }, JSON.stringify(value))
  }
})
