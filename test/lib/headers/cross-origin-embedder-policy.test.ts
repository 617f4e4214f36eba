import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { crossOriginEmbedderPolicySchema, type CrossOriginEmbedderPolicy } from '../../../lib/headers/cross-origin-embedder-policy.ts'

const check = compileOptions<CrossOriginEmbedderPolicy>(crossOriginEmbedderPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
const words: CrossOriginEmbedderPolicy[] = ['require-corp', 'credentialless', 'unsafe-none']

t.test('Cross-Origin-Embedder-Policy has these words', async (t) => {
  for (const word of words) t.equal(check(word, 'x'), word)
})

t.test('Cross-Origin-Embedder-Policy has no other word', async (t) => {
  for (const word of ['', 'require-corp ', 'REQUIRE-CORP', 'require-corp; report-to="a"', 'require-corp\r\nx: y', 'none', true, null, ['require-corp']]) {
    t.throws(() => check(word, 'x'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /^x: expected `'/ }, JSON.stringify(word))
  }
})
