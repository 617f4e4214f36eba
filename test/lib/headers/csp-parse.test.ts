import fc from 'fast-check'
import t from 'tap'
import { parsePolicy } from '../../../lib/headers/csp-parse.ts'
import { formatPolicy } from '../../../lib/headers/csp-policy.ts'
import { compileTemplate } from '../../../lib/headers/csp-template.ts'
import { arbitraryPolicy } from './arbitrary-policy.ts'

const NONCE = 'abcdefghijklmnopqrstuv'

const parsed: Array<[rule: string, header: string, policy: string]> = [
  ['directives stand between semicolons', "default-src 'none'; img-src 'self'", "default-src 'none'; img-src 'self'"],
  ['the first directive of a name counts', "img-src 'self'; img-src *; IMG-SRC data:", "img-src 'self'"],
  ['the letter case of a name does not count', "DEFAULT-SRC 'none'", "default-src 'none'"],
  ['empty parts are skipped', ";; default-src 'none' ; ;", "default-src 'none'"],
  ['ASCII white space separates, however much', "\t default-src\f\r\n  'self'\tdata:  ", "default-src 'self' data:"],
  ['a directive without a value', 'upgrade-insecure-requests', 'upgrade-insecure-requests'],
  ['an empty sandbox', 'sandbox', 'sandbox'],
  ['a nonce is read as the place for one', `script-src 'nonce-${NONCE}'`, "script-src 'nonce'"],
  ['a nonce in standard base64', "script-src 'nonce-ab+/cd=='", "script-src 'nonce'"],
  ['nothing', '', ''],
  ['white space alone', ' \t', '']
]

for (const [rule, header, policy] of parsed) {
  t.test(rule, async (t) => t.equal(formatPolicy(parsePolicy(header)), policy))
}

const refused: Array<[what: string, header: string, message: RegExp]> = [
  ['two policies in one header', "default-src 'self', default-src *", /policy\.default-src\[0\].*would end the directive/],
  ['an unknown directive', 'scrpt-src x.test', /Did you mean `script-src`/],
  ['a directive of Object.prototype', 'constructor x.test', /policy\.constructor: expected a known name/],
  ['__proto__', '__proto__ x.test', /policy\.__proto__: expected a known name/],
  ['a no-break space before a name, which browsers skip with the directive', "\u00a0script-src 'self'", /expected a known name/],
  ['a vertical tab before a name', "\vscript-src 'self'", /expected a known name/],
  ['a source list that is empty', 'img-src', /at least one expression/],
  ['a value of a directive that has none', 'upgrade-insecure-requests 1', /takes no value/],
  ['our own placeholder, which to a browser is no nonce', "script-src 'nonce' 'unsafe-inline'", /^policy: expected a nonce as a header has it, `'nonce-…'`, received a string of length 7\.$/],
  ['a nonce that is none', "script-src 'nonce-<>'", /nonce/],
  ['an empty nonce', "script-src 'nonce-'", /nonce/],
  ['an unquoted keyword', 'script-src self', /single quotes/]
]

for (const [what, header, message] of refused) {
  t.test(`what the builder would not write is refused: ${what}`, async (t) => {
    t.throws(() => parsePolicy(header), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', message })
  })
}

t.test('property: a policy comes back from the header that it makes', async () => {
  fc.assert(fc.property(arbitraryPolicy, (policy) => {
    const { forms } = compileTemplate(policy)
    // Where strict-dynamic is used, the header has no 'self'.
    const written = compileTemplate(policy).join(3, { script: NONCE, style: NONCE })
    const again = compileTemplate(parsePolicy(written))
    return again.join(3, { script: NONCE, style: NONCE }) === written && JSON.stringify(again.forms[3]) === JSON.stringify(forms[3])
  }))
})

t.test('property: any header is a policy or a coded error', async () => {
  const words = fc.constantFrom('default-src', 'script-src', "'self'", "'nonce-abc'", 'x.test', ';', ' ', '\n', '__proto__', 'constructor', "'nonce'", ',')
  fc.assert(fc.property(fc.array(fc.oneof(words, fc.string({ unit: 'binary' }))), (words) => {
    try {
      return parsePolicy(words.join(' ')) instanceof Map
    } catch (error) {
      return (error as { code?: string }).code === 'BULWARK_ERR_HEADERS_POLICY_INVALID'
    }
  }), { numRuns: 1000 })
})
