import t from 'tap'
import { Planner } from '../../../lib/headers/planner.ts'
import { lintReply } from '../../../lib/cli/reply-lint.ts'

const STRICT = new Planner({ lint: 'off' }).plan

function codesOf (headers: Record<string, string>, given: { readonly cookies?: string[], readonly isHttps?: boolean, readonly host?: string } = {}): string[] {
  return lintReply({ headers: new Map(Object.entries(headers)), cookies: [], isHttps: true, host: 'a.test', ...given }).map(({ code, severity, where }) => `${severity} ${code} ${where}`)
}

/** The headers of a page that has nothing to be said about, and changes to them. */
function page (changes: Record<string, string | undefined>): Record<string, string> {
  const all = { ...Object.fromEntries(STRICT.document.https.pairs), 'content-type': 'text/html', ...changes }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>
}

t.test('nothing is said of what the headers plugin writes', async (t) => {
  t.same(codesOf(page({})), [])
  t.same(codesOf({ ...Object.fromEntries(STRICT.nonDocument.https.pairs), 'content-type': 'application/json' }), [])
})

const cases: Array<[what: string, headers: Record<string, string>, found: string[]]> = [
  ['a page without a policy', page({ 'content-security-policy': undefined }), ['high policy-missing content-security-policy']],
  ['a page whose policy is only reported', page({ 'content-security-policy': undefined, 'content-security-policy-report-only': "default-src 'none'" }), ['medium policy-not-enforced content-security-policy']],
  ['a page that anybody may frame', page({ 'content-security-policy': undefined, 'x-frame-options': undefined }), ['high policy-missing content-security-policy', 'medium framing-open x-frame-options']],
  ['a policy with a weakness', page({ 'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src *" }), ['high script-src-open script-src']],
  ['an endpoint that is not declared', page({ 'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; report-to csp", 'reporting-endpoints': 'other="/a", more="/b"' }), ['medium report-to-undeclared report-to']],
  ['an endpoint that is declared', page({ 'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; report-to csp", 'reporting-endpoints': 'other="/a", csp="/b"' }), []],
  ['JSON without a policy', { ...Object.fromEntries(STRICT.nonDocument.https.pairs.filter(([name]) => name !== 'content-security-policy')), 'content-type': 'application/json' }, ['info policy-missing content-security-policy']],
  ['X-Frame-Options twice', page({ 'x-frame-options': 'DENY, DENY' }), ['low frame-options-invalid x-frame-options']],
  ['no HSTS', page({ 'strict-transport-security': undefined }), ['medium hsts-missing strict-transport-security']],
  ['HSTS without an age', page({ 'strict-transport-security': 'includeSubDomains' }), ['medium hsts-invalid strict-transport-security']],
  ['HSTS for a month', page({ 'strict-transport-security': 'max-age=2592000' }), ['medium hsts-short strict-transport-security']],
  ['no nosniff', page({ 'x-content-type-options': undefined }), ['medium nosniff-missing x-content-type-options']],
  ['no Referrer-Policy', page({ 'referrer-policy': undefined }), ['low referrer-policy-missing referrer-policy']],
  ['a Referrer-Policy that tells everything', page({ 'referrer-policy': 'no-referrer, unsafe-url' }), ['medium referrer-leaks referrer-policy']],
  ['no isolation', page({ 'cross-origin-opener-policy': undefined, 'cross-origin-resource-policy': undefined, 'permissions-policy': undefined }), ['low embedding-open cross-origin-resource-policy', 'low opener-open cross-origin-opener-policy', 'info permissions-open permissions-policy']],
  ['an origin of null', page({ 'access-control-allow-origin': 'null' }), ['medium cors-null access-control-allow-origin']],
  ['the filter of old browsers', page({ 'x-xss-protection': '1; mode=block' }), ['high xss-protection-on x-xss-protection']],
  ['the filter switched off', page({ 'x-xss-protection': '0' }), []],
  ['headers of the past', page({ 'expect-ct': 'max-age=0' }), ['info header-obsolete expect-ct']],
  ['the version of the server', page({ server: 'nginx/1.2.3', 'x-powered-by': 'Express' }), ['low version-told server', 'info software-told x-powered-by']],
  ['a server without a version', page({ server: 'nginx' }), []]
]
for (const [what, headers, found] of cases) t.test(`found: ${what}`, async (t) => t.same(codesOf(headers), found))

t.test('over plain http that is the fault, and HSTS means nothing', async (t) => {
  t.same(codesOf(page({ 'strict-transport-security': undefined }), { isHttps: false }), ['medium plain-http url'])
  t.same(codesOf(page({}), { isHttps: false, cookies: ['a=1; SameSite=Lax'] }), ['medium plain-http url', 'low cookie-insecure set-cookie a'])
})

const cookies: Array<[cookie: string, found: string[]]> = [
  ['__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/', []],
  ['nothing', ['medium cookie-refused set-cookie']],
  ['__Host-a=1; HttpOnly; SameSite=Lax; Path=/', ['medium cookie-refused set-cookie __Host-a', 'medium cookie-insecure set-cookie __Host-a']],
  ['a=1; SameSite=None', ['medium cookie-refused set-cookie a', 'medium cookie-insecure set-cookie a']],
  ['a=1; Secure; Domain=b.test; SameSite=Lax', ['medium cookie-refused set-cookie a']],
  ['session=1; Secure; SameSite=Lax', ['medium cookie-readable set-cookie session']],
  ['a=1; Secure; SameSite=odd', ['low cookie-cross-site set-cookie a']]
]
for (const [cookie, found] of cookies) t.test(`found: the cookie ${cookie}`, async (t) => t.same(codesOf(page({}), { cookies: [cookie] }), found))

t.test('no message holds the value of a cookie', async (t) => {
  const findings = lintReply({ headers: new Map(), cookies: ['session=hunter2', 'hunter2'], isHttps: true, host: 'a.test' })
  t.notMatch(JSON.stringify(findings), 'hunter2')
})
