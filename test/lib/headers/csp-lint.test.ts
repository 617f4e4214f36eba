import fc from 'fast-check'
import t from 'tap'
import { lintParsed, lintPolicy } from '../../../lib/headers/csp-lint.ts'
import { parseDirectives, type Directives } from '../../../lib/headers/csp-policy.ts'
import { PRESETS } from '../../../lib/headers/presets.ts'
import { arbitraryPolicy } from './arbitrary-policy.ts'

/** A policy with nothing to find, for each case to spoil. */
const GOOD: Directives = {
  'default-src': ["'none'"],
  'script-src': ["'nonce'", "'strict-dynamic'"],
  'style-src': ["'self'", "'nonce'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"]
}
const HASH = `'sha256-${'A'.repeat(43)}='`

function without (...names: Array<keyof Directives>): Directives {
  return Object.fromEntries(Object.entries(GOOD).filter(([name]) => !names.includes(name as keyof Directives)))
}

function found (policy: string | Directives, endpoints?: readonly string[]): string[] {
  return lintPolicy(policy, endpoints).map(({ code, severity, where }) => `${severity} ${code} ${where}`)
}

t.test('a good policy has no finding', async (t) => {
  t.same(lintPolicy(GOOD), [])
  t.same(lintPolicy(PRESETS.strict.contentSecurityPolicy === false ? {} : PRESETS.strict.contentSecurityPolicy.set!), [], 'nor has the default')
})

const weak: Array<[rule: string, policy: Directives, findings: string[]]> = [
  ['scripts without a directive', without('default-src', 'script-src'), ['high script-src-missing script-src']],
  ['default-src is enough for scripts', without('script-src'), []],
  ['objects without a directive', without('default-src', 'object-src'), ['high object-src-missing object-src']],
  ['default-src is enough for objects', without('object-src'), []],
  ['no base-uri', without('base-uri'), ['high base-uri-missing base-uri']],
  ['no frame-ancestors', without('frame-ancestors'), ['medium frame-ancestors-missing frame-ancestors']],
  ['no form-action', without('form-action'), ['info form-action-missing form-action']],
  ["'unsafe-inline' for scripts", { ...GOOD, 'script-src': ["'self'", "'unsafe-inline'"] }, ['high unsafe-inline script-src']],
  ["'unsafe-inline' of default-src for scripts", { ...without('script-src'), 'default-src': ["'self'", "'unsafe-inline'"] }, ['high unsafe-inline script-src']],
  ["'unsafe-inline' beside a nonce is void", { ...GOOD, 'script-src': ["'nonce'", "'unsafe-inline'"] }, []],
  ["'unsafe-inline' beside a hash is void", { ...GOOD, 'script-src': [HASH, "'unsafe-inline'"] }, []],
  ["'unsafe-inline' for script elements", { ...GOOD, 'script-src-elem': ["'unsafe-inline'"] }, ['high unsafe-inline script-src-elem']],
  ["'unsafe-inline' for event handlers", { ...GOOD, 'script-src-attr': ["'unsafe-inline'"] }, ['high unsafe-inline script-src-attr']],
  ["'unsafe-eval'", { ...GOOD, 'script-src': ["'nonce'", "'strict-dynamic'", "'unsafe-eval'"] }, ['medium unsafe-eval script-src']],
  ["'wasm-unsafe-eval' is another thing", { ...GOOD, 'script-src': ["'self'", "'wasm-unsafe-eval'"] }, []],
  ["'strict-dynamic' alone", { ...GOOD, 'script-src': ["'self'", "'strict-dynamic'"] }, ['high strict-dynamic-alone script-src']],
  ["'strict-dynamic' with a hash", { ...GOOD, 'script-src': [HASH, "'strict-dynamic'"] }, []],
  ...['*', '*:443', 'https://*', 'http:', 'https:', 'HTTPS:', 'data:', 'blob:', 'filesystem:', 'javascript:', 'Data:'].map((source): [string, Directives, string[]] =>
    [`scripts from ${source}`, { ...GOOD, 'script-src': [source] }, ['high script-src-open script-src', ...source === 'http:' ? ['medium plain-http script-src'] : []]]),
  ["what 'strict-dynamic' overrules is not in force", { ...GOOD, 'script-src': ["'nonce'", "'strict-dynamic'", '*', 'https:', 'unpkg.com'] }, []],
  ['a wildcard for scripts is one finding, not two', { ...GOOD, 'script-src-elem': ['*'] }, ['high script-src-open script-src-elem']],
  ...['unpkg.com', 'https://unpkg.com', 'HTTPS://UNPKG.com', 'unpkg.com.', 'unpkg.com:443', 'https://unpkg.com/', 'https://cdn.jsdelivr.net/npm/', '*.googleapis.com', 'https://*.googleapis.com', '*.com'].map((source): [string, Directives, string[]] =>
    [`a host that serves JSONP or AngularJS: ${source}`, { ...GOOD, 'script-src': ["'self'", source] }, ['medium bypass-host script-src']]),
  ...['cdn.example', 'notunpkg.com', 'unpkg.com.example', 'https://cdn.jsdelivr.net/npm/vue@3.5.13/dist/vue.global.prod.js', '*.example.com', 'wss://unpkg.com'].map((source): [string, Directives, string[]] =>
    [`a host that is not known for it, or one whole path: ${source}`, { ...GOOD, 'script-src': ["'self'", source] }, []]),
  ["a nonce beside 'unsafe-inline' for styles", { ...GOOD, 'style-src': ["'nonce'", "'unsafe-inline'"] }, ['medium unsafe-inline-void style-src']],
  ["a hash beside 'unsafe-inline' for styles", { ...GOOD, 'style-src': [HASH, "'unsafe-inline'"] }, ['medium unsafe-inline-void style-src']],
  ["'unsafe-inline' for styles without either", { ...GOOD, 'style-src': ["'self'", "'unsafe-inline'"] }, []],
  ['no styles at all', { 'script-src': ["'none'"], 'object-src': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"], 'frame-ancestors': ["'none'"] }, []],
  ['a host over plain http', { ...GOOD, 'img-src': ["'self'", 'http://img.test'] }, ['medium plain-http img-src']],
  ['a host over plain http in capitals', { ...GOOD, 'connect-src': ['HTTP://api.test'] }, ['medium plain-http connect-src']],
  ['the scheme http:', { ...GOOD, 'img-src': ['http:'] }, ['medium plain-http img-src']],
  ['https is fine', { ...GOOD, 'img-src': ['https:', 'https://img.test', 'http.test'] }, []],
  ['a report URL over http is no source', { ...GOOD, 'report-uri': ['http://localhost/r'] }, []],
  ['a wildcard', { ...GOOD, 'img-src': ['*'] }, ['medium wildcard img-src']],
  ['a wildcard in another spelling', { ...GOOD, 'connect-src': ['https://*:443'] }, ['medium wildcard connect-src']],
  ['a wildcard for objects', { ...GOOD, 'object-src': ['*'] }, ['high wildcard object-src']],
  ['a wildcard for frames', { ...GOOD, 'frame-ancestors': ['*'] }, ['high wildcard frame-ancestors']],
  ['a scheme for frames is a wildcard', { ...GOOD, 'frame-ancestors': ['https:'] }, ['high wildcard frame-ancestors']],
  ['a scheme for the base is a wildcard', { ...GOOD, 'base-uri': ['HTTPS:'] }, ['high wildcard base-uri']],
  ['a wildcard for everything', { ...without('script-src'), 'default-src': ['*'] }, ['high script-src-open script-src', 'high wildcard default-src']],
  ['subdomains are no wildcard', { ...GOOD, 'img-src': ['*.img.test'] }, []],
  ['trusted-types * are no hosts', { ...GOOD, 'trusted-types': ['*'] }, []]
]

for (const [rule, policy, findings] of weak) {
  t.test(`lint: ${rule}`, async (t) => t.same(found(policy), findings))
}

t.test('report-to is looked up among the endpoints', async (t) => {
  const policy = { ...GOOD, 'report-to': ['csp'] }
  t.same(found(policy), ['medium report-to-undeclared report-to'])
  t.same(found(policy, ['other']), ['medium report-to-undeclared report-to'])
  t.same(found(policy, ['other', 'csp']), [])
})

t.test('a header value is read as a browser reads it', async (t) => {
  const tail = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  t.same(found(`script-src 'nonce-abcdefghijklmnopqrstuv' 'strict-dynamic' https: 'unsafe-inline'; ${tail}`), [])
  t.same(found(`SCRIPT-SRC 'self'; script-src *;; ${tail};`), [], 'the first of a name counts, in any letter case')
  t.same(found(`script-src 'self' 'unsafe-inline'; script-src 'none'; ${tail}`), ['high unsafe-inline script-src'])
  t.same(found(''), ['high script-src-missing script-src', 'high object-src-missing object-src', 'high base-uri-missing base-uri', 'medium frame-ancestors-missing frame-ancestors', 'info form-action-missing form-action'])
  t.throws(() => lintPolicy(`script-src 'nonce' 'unsafe-inline'; ${tail}`), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' }, 'the placeholder hides nothing')
})

t.test('a policy that breaks the grammar is refused, as a header and as an option', async (t) => {
  t.throws(() => lintPolicy('scrpt-src x.test'), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' })
  t.throws(() => lintPolicy({ 'script-src': [] }), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', message: /^policy\.script-src: / })
})

t.test('findings come by severity', async (t) => {
  const severities = lintPolicy({ 'img-src': ['*'], 'script-src': ["'unsafe-inline'", "'unsafe-eval'"] }).map(({ severity }) => severity)
  t.same(severities, ['high', 'high', 'high', 'medium', 'medium', 'medium', 'info'])
})

t.test('a finding is whole', async (t) => {
  t.same(lintPolicy(without('base-uri')), [{ code: 'base-uri-missing', severity: 'high', where: 'base-uri', message: "An injected `<base>` moves every relative script: write `base-uri 'none'`." }])
})

t.test('property: the lint judges every valid policy, the same each time', async () => {
  fc.assert(fc.property(arbitraryPolicy, (policy) => JSON.stringify(lintParsed(policy, [])) === JSON.stringify(lintParsed(new Map(policy), []))))
})

t.test('property: a finding says no less when sources are added to script-src', async () => {
  fc.assert(fc.property(fc.constantFrom('*', 'https:', "'unsafe-eval'", 'data:'), fc.subarray(["'self'", 'a.test', 'img.test']), (source, others) => {
    const policy = parseDirectives({ ...GOOD, 'script-src': [...others, source] }, 'policy')
    return lintParsed(policy, []).some(({ where }) => where === 'script-src')
  }))
})
