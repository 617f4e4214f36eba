import fc from 'fast-check'
import t from 'tap'
import { lintPolicy } from '../../../lib/headers/csp-lint.ts'
import { arbitraryDirectives } from '../headers/arbitrary-policy.ts'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { findingsOf, readPolicies } from '../../../lib/cli/csp-reading.ts'

const one = (header: string): ReturnType<typeof readPolicies>[number] => readPolicies(header)[0]!

const readings: Array<[what: string, header: string, policy: Record<string, string[]>, faults: string[]]> = [
  ['directives of any case, with any white space', " Default-SRC\t'SELF'  https://a.test ;; ", { 'default-src': ["'self'", 'https://a.test'] }, []],
  ['the first directive of a name counts', "img-src 'none'; IMG-SRC *", { 'img-src': ["'none'"] }, ['directive-twice low']],
  ['a nonce, in any case', "script-src 'NONCE-abc123='", { 'script-src': ["'nonce'"] }, []],
  ['our own placeholder is no nonce', "script-src 'nonce'", { 'script-src': ["'none'"] }, ['expression-ignored medium', 'value-missing low']],
  ['a hash whose algorithm is in capitals', `script-src ${hashOf('a').replace('sha256', 'SHA256')}`, { 'script-src': [hashOf('a')] }, []],
  ['a nonce where it means nothing', "img-src 'nonce-abc' a.test", { 'img-src': ['a.test'] }, ['expression-ignored medium']],
  ['a list in which nothing is understood allows nothing', "script-src 'unsafe_inline'", { 'script-src': ["'none'"] }, ['expression-ignored medium', 'value-missing low']],
  ['an empty list allows nothing', 'script-src', { 'script-src': ["'none'"] }, ['value-missing low']],
  ["'none' beside another", "script-src 'none' a.test", { 'script-src': ['a.test'] }, ['none-ignored medium']],
  ["'none' twice is 'none'", "script-src 'none' 'NONE'", { 'script-src': ["'none'"] }, []],
  ['an unknown directive', "scrpt-src 'self'; img-src a.test", { 'img-src': ['a.test'] }, ['directive-unknown medium']],
  ['a directive of the past', 'block-all-mixed-content; img-src a.test', { 'img-src': ['a.test'] }, ['directive-obsolete info']],
  ['typographic quotes', 'script-src ’self’; img-src a.test', { 'img-src': ['a.test'] }, ['not-ascii medium']],
  ['a value where there is none', 'upgrade-insecure-requests 1', { 'upgrade-insecure-requests': [] }, ['expression-ignored low']],
  ['a second value where there is one', 'report-to a b', { 'report-to': ['a'] }, ['value-ignored low']],
  ['no value where there must be one', 'report-to; img-src a.test', { 'report-to': [], 'img-src': ['a.test'] }, ['value-missing low']],
  ['sandbox, also without a word and in any case', 'sandbox ALLOW-scripts', { sandbox: ['allow-scripts'] }, []],
  ['an empty sandbox', 'sandbox', { sandbox: [] }, []],
  ['nothing that a browser knows', 'nonsense', {}, ['directive-unknown medium', 'policy-empty high']]
]
for (const [what, header, policy, faults] of readings) {
  t.test(`read: ${what}`, async (t) => {
    const reading = one(header)
    t.same(Object.fromEntries(reading.policy), policy)
    t.same(reading.faults.map(({ code, severity }) => `${code} ${severity}`), faults)
  })
}

t.test('every expression is kept as written, with what a browser takes it for', async (t) => {
  t.same(one("script-src 'SELF' 'nonsense' 'none'").directives, [{ name: 'script-src', expressions: [{ text: "'SELF'", known: "'self'" }, { text: "'nonsense'", known: undefined }, { text: "'none'", known: undefined }] }])
})

t.test('what stands in the place of a policy is none', async (t) => {
  for (const header of ['', ' , ', ',']) t.same(readPolicies(header), [])
})

t.test('a comma ends a policy, and a weakness counts when all policies have it', async (t) => {
  const codes = (header: string, endpoints?: string[]): string[] => findingsOf(readPolicies(header), endpoints).map(({ code }) => code)
  const strict = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  t.equal(readPolicies(`${strict}, img-src *`).length, 2)
  t.same(codes(strict), [])
  t.same(codes(`${strict}, script-src 'unsafe-inline' *`), [], 'the other policy does not allow it')
  t.same(codes("script-src 'unsafe-inline'; object-src 'none'; base-uri 'none', script-src 'unsafe-inline'"), ['unsafe-inline', 'frame-ancestors-missing', 'form-action-missing'])
  t.same(codes(`${strict}, script-src 'strict-dynamic'`), ['strict-dynamic-alone'], 'a policy that does nothing is told of all the same')
  t.same(codes(`${strict}, nonsense`), ['policy-empty', 'directive-unknown'])
  t.same(codes(`${strict}; report-to csp`), [], 'where the other headers are not known, nothing is said of endpoints')
  t.same(codes(`${strict}; report-to csp`, []), ['report-to-undeclared'])
  t.same(codes(`${strict}; report-to csp`, ['csp']), [])
})

t.test('the same fault twice is told once, the most serious first', async (t) => {
  const findings = findingsOf(readPolicies('a x; a x; default-src *'))
  t.equal(findings.filter(({ code }) => code === 'directive-unknown').length, 1)
  t.equal(findings[0]!.severity, 'high')
})

t.test('a policy that the builder would write is read without a fault, and linted the same', async () => {
  fc.assert(fc.property(arbitraryDirectives, (directives) => {
    const header = Object.entries(directives).map(([name, value]) => [name, ...value === true ? [] : value as string[]].join(' ')).join('; ').replaceAll("'nonce'", "'nonce-abc'")
    if (header === '') return true
    const readings = readPolicies(header)
    const endpoint = directives['report-to']
    return readings.every(({ faults }) => faults.length === 0) && JSON.stringify(findingsOf(readings)) === JSON.stringify(lintPolicy(directives, Array.isArray(endpoint) ? endpoint as string[] : []))
  }))
})

t.test('whatever comes is read', async () => {
  const word = fc.oneof(fc.constantFrom('script-src', 'default-src', "'self'", "'none'", "'nonce-a'", '*', ';', ',', 'sandbox', 'report-to', 'constructor', '__proto__'), fc.string({ unit: 'binary', maxLength: 8 }))
  fc.assert(fc.property(fc.array(word, { maxLength: 20 }), (words) => {
    const findings = findingsOf(readPolicies(words.join(' ')))
    return findings.every(({ message }) => message.endsWith('.') || message.endsWith('?') || message.length > 0)
  }))
})

t.test('a message has room for a word of any length', async (t) => {
  for (const { message } of one(`${'x'.repeat(5000)} a; img-src ${'y'.repeat(5000)}`).faults) t.ok(message.length < 400, message)
})
