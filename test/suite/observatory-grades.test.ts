import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { gradeOf, judge, MODIFIERS } from '../../lib/cli/observatory.ts'

// Our arithmetic against that of the Observatory's own package, over many sets of headers.

const NAME = '@mdn/mdn-http-observatory'
const location = import.meta.resolve(`${NAME}/package.json`)
const load = async <Module>(path: string): Promise<Module> => await import(new URL(path, location).href) as Module
const { ALL_TESTS } = await load<{ ALL_TESTS: ReadonlyArray<((requests: object) => { result: string | null }) & { readonly name: string }> }>('src/constants.js')
const { getScoreModifier, getGradeForScore } = await load<{ getScoreModifier (result: string): number, getGradeForScore (score: number): { score: number, grade: string } }>('src/grader/grader.js')

/** The jar that its sessions have. */
const { CookieJar } = createRequire(location)('tough-cookie') as { CookieJar: new () => { setCookieSync (cookie: string, url: string, options: object): unknown } }

// As in observatory.test.ts: the list of preloaded sites is not downloaded.
const preloaded = fileURLToPath(new URL('conf/hsts-preload.json', location))
if (!existsSync(preloaded)) writeFileSync(preloaded, '{}\n')

interface Set {
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly route?: readonly string[] | null
  readonly cors?: Readonly<Record<string, string>>
  readonly isVerified?: boolean
  readonly protocol?: 'http:' | 'https:'
}

const ORIGIN = 'https://foreign.invalid'
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
const GOOD = {
  ...HSTS,
  'content-security-policy': "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-resource-policy': 'same-origin'
}

const policies = ["default-src 'none'", "default-src 'self'", 'default-src', "script-src 'self'", "default-src 'self'; script-src 'unsafe-inline'", "default-src 'none'; script-src 'unsafe-inline' 'nonce-a'",
  "default-src 'none'; script-src 'self' https: 'strict-dynamic' 'sha256-abc'", "script-src 'strict-dynamic'; frame-ancestors 'self'", "default-src 'none'; script-src data:", "default-src 'none'; object-src https:",
  "default-src 'none'; connect-src http://a.test", "default-src 'none'; img-src http:", "default-src 'none'; media-src ftp://a.test", "default-src 'none'; script-src 'unsafe-eval'", "default-src 'none'; style-src 'unsafe-eval'",
  "default-src 'none'; style-src 'unsafe-inline'", "default-src 'none'; style-src 'unsafe-inline' 'nonce-a'", "default-src 'none'; style-src *", "default-src 'none'; default-src 'none'", "default-src 'none'; report-uri /a; report-uri /b",
  "default-src 'none'; img-src http:; report-to a; report-to b", "script-src 'unsafe-inline'; report-to a; report-to b", '', 'a', ';;;;;;;', 'img-src', "DEFAULT-SRC 'NONE'", "default-src 'none' 'none'", "default-src 'self', default-src 'none'",
  "default-src 'unsafe-inline' 'nonce-a'", "default-src 'nonce-a' 'strict-dynamic' 'self' http://a.test", 'default-src https://a.test https://a.test/b http:', 'default-src *', "frame-ancestors *; default-src 'none'", 'sandbox', 'upgrade-insecure-requests']

const sets: Set[] = [
  { what: 'nothing', headers: {} },
  { what: 'everything', headers: GOOD },
  { what: 'everything and a cookie', headers: GOOD, cookies: ['__Host-a=1; Secure; HttpOnly; SameSite=Strict; Path=/'], route: ['http://a.test/', 'https://a.test/'] },
  { what: 'nothing over http', headers: {}, protocol: 'http:', route: ['http://a.test/'] },
  { what: 'a certificate that is not valid', headers: GOOD, isVerified: false },
  ...policies.flatMap((policy): Set[] => [
    { what: `policy ${policy}`, headers: { ...GOOD, 'content-security-policy': policy } },
    { what: `policy ${policy} over http`, headers: { 'content-security-policy': policy }, protocol: 'http:', route: ['http://a.test/'] }
  ]),
  { what: 'a policy that is only reported', headers: { 'content-security-policy-report-only': "default-src 'none'" } },
  ...['max-age=15552000', 'max-age=15551999', 'max-age=0', 'MAX-AGE=31536000', 'includeSubDomains', 'max-age=31536000, max-age=31536000', ''].map((value): Set => ({ what: `HSTS ${value}`, headers: { 'strict-transport-security': value } })),
  ...['no-referrer', 'same-origin', 'strict-origin', 'origin', 'origin-when-cross-origin', 'unsafe-url', 'no-referrer-when-downgrade', 'nothing', 'unsafe-url, strict-origin', 'strict-origin, nothing', ''].map((value): Set => ({ what: `Referrer-Policy ${value}`, headers: { 'referrer-policy': value } })),
  ...['DENY', 'sameorigin', 'ALLOW-FROM https://a.test', 'DENY, DENY', 'ALLOWALL', ''].map((value): Set => ({ what: `X-Frame-Options ${value}`, headers: { 'x-frame-options': value } })),
  ...['nosniff', ' NOSNIFF ', 'nosniff, nosniff', ''].map((value): Set => ({ what: `X-Content-Type-Options ${value}`, headers: { 'x-content-type-options': value } })),
  ...['same-origin', 'same-site', 'cross-origin', 'SAME-ORIGIN', 'same-origin, same-origin', ''].map((value): Set => ({ what: `Cross-Origin-Resource-Policy ${value}`, headers: { 'cross-origin-resource-policy': value } })),
  ...[[], ['http://a.test/', 'https://a.test/'], ['http://a.test/', 'https://b.test/'], ['http://a.test/', 'http://b.test/', 'https://b.test/'], ['http://a.test/', 'http://b.test/'], ['http://a.test/']].map((route): Set => ({ what: `route ${route.join(' ')}`, headers: GOOD, route: route.length === 0 ? null : route })),
  ...[{ 'access-control-allow-origin': '*' }, { 'access-control-allow-origin': ORIGIN }, { 'access-control-allow-origin': ORIGIN, 'access-control-allow-credentials': 'true' }, { 'access-control-allow-origin': 'https://b.test', 'access-control-allow-credentials': 'true' }]
    .map((cors): Set => ({ what: `CORS ${JSON.stringify(cors)}`, headers: GOOD, cors })),
  ...[['a=1'], ['a=1; Secure'], ['a=1; Secure; SameSite=Lax'], ['a=1; Secure; SameSite=None'], ['a=1; SameSite=None'], ['a=1; Secure; SameSite=odd'], ['a=1; Secure; SameSite='], ['session=1'], ['session=1; Secure'], ['session=1; HttpOnly'], ['login=1; Secure; HttpOnly'],
    ['login=1; Secure; HttpOnly; SameSite=Lax', 'a=1; Secure; SameSite=Strict'], ['csrf=1; Secure'], ['csrf=1; Secure; SameSite=Lax'], ['heroku-session-affinity=1'], ['a=1; Domain=b.test'], ['__Host-a=1'], ['__Secure-a=1; Secure'], ['a=1; Secure', 'session=2', 'csrf=1']]
    .flatMap((cookies): Set[] => [{ what: `cookies ${cookies.join(' | ')} with HSTS`, headers: HSTS, cookies }, { what: `cookies ${cookies.join(' | ')} without HSTS`, headers: {}, cookies }])
]

/** The Observatory's own verdicts, its requests filled with what it would have received. */
function theirs ({ headers, cookies = [], route = null, cors = {}, isVerified = true, protocol = 'https:' }: Set): { score: number, grade: string, results: Record<string, string> } {
  const url = new URL(`${protocol}//a.test/`)
  const jar = new CookieJar()
  for (const cookie of cookies) jar.setCookieSync(cookie, url.href, { ignoreError: true })
  // As the library under it gives headers: an object with `get`, which is no header.
  const received = Object.defineProperty({ ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) }, 'get', { value: (name: string) => headers[name], enumerable: false })
  const reply = { headers: received, status: 200, verified: isVerified, httpEquiv: new Map([['content-security-policy', []]]) }
  const redirects = (route ?? []).map((address) => ({ url: new URL(address), status: 301 }))
  const requests = {
    hostname: 'a.test',
    resources: { path: null },
    session: { url, jar },
    responses: {
      auto: reply,
      https: protocol === 'https:' ? reply : null,
      http: route === null ? null : reply,
      httpRedirects: redirects,
      httpsRedirects: redirects,
      cors: { headers: cors, request: { headers: { origin: ORIGIN } } }
    }
  }
  const results = Object.fromEntries(ALL_TESTS.map((test) => [test.name, test(requests).result!]))
  const modifiers = Object.values(results).map(getScoreModifier)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const uncurved = 100 + sum(modifiers.filter((modifier) => modifier < 0))
  return { ...getGradeForScore(uncurved >= 90 ? 100 + sum(modifiers) : uncurved), results }
}

for (const set of sets) {
  t.test(set.what, async (t) => {
    const { headers, cookies = [], route = null, cors = {}, isVerified = true, protocol = 'https:' } = set
    const verdicts = judge({ url: new URL(`${protocol}//a.test/`), headers: new Map(Object.entries(headers)), cookies, isVerified, route: route?.map((address) => new URL(address)) ?? null, cors: { origin: ORIGIN, headers: new Map(Object.entries(cors)) } })
    const expected = theirs(set)
    t.same(verdicts.map(({ result }) => result), Object.values(expected.results))
    t.same(gradeOf(verdicts), { score: expected.score, grade: expected.grade })
  })
}

t.test('what each result takes and gives is what the Observatory takes and gives', async (t) => {
  for (const [result, modifier] of Object.entries(MODIFIERS)) t.equal(modifier, getScoreModifier(result), result)
})
