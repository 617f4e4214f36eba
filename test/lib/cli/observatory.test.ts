import t from 'tap'
import { gradeOf, GRADE_NAMES, judge, leastScore, MODIFIERS, type Observation, type Verdict } from '../../../lib/cli/observatory.ts'

function resultsOf (given: Partial<Observation> & { readonly pairs?: Record<string, string> }): Record<string, string | null> {
  const { pairs = {}, ...rest } = given
  const verdicts = judge({ url: new URL('https://a.test/'), headers: new Map(Object.entries(pairs)), cookies: [], isVerified: true, ...rest })
  return Object.fromEntries(verdicts.map(({ test, result }) => [test, result]))
}

const headers: Array<[test: string, pairs: Record<string, string>, result: string]> = [
  ['strict-transport-security', {}, 'hsts-not-implemented'],
  ['strict-transport-security', { 'strict-transport-security': 'max-age=15552000' }, 'hsts-implemented-max-age-at-least-six-months'],
  ['strict-transport-security', { 'strict-transport-security': 'includeSubDomains; MAX-AGE="31536000"' }, 'hsts-implemented-max-age-at-least-six-months'],
  ['strict-transport-security', { 'strict-transport-security': 'max-age=15551999' }, 'hsts-implemented-max-age-less-than-six-months'],
  ['strict-transport-security', { 'strict-transport-security': 'max-age=31536000, max-age=31536000' }, 'hsts-header-invalid'],
  ['strict-transport-security', { 'strict-transport-security': 'max-age=soon' }, 'hsts-header-invalid'],
  ['referrer-policy', {}, 'referrer-policy-not-implemented'],
  ['referrer-policy', { 'referrer-policy': 'unsafe-url, No-Referrer, unknown' }, 'referrer-policy-private'],
  ['referrer-policy', { 'referrer-policy': 'origin' }, 'referrer-policy-unsafe'],
  ['referrer-policy', { 'referrer-policy': 'unknown' }, 'referrer-policy-header-invalid'],
  ['x-content-type-options', {}, 'x-content-type-options-not-implemented'],
  ['x-content-type-options', { 'x-content-type-options': ' NoSniff ' }, 'x-content-type-options-nosniff'],
  ['x-content-type-options', { 'x-content-type-options': 'constructor' }, 'x-content-type-options-header-invalid'],
  ['x-frame-options', {}, 'x-frame-options-not-implemented'],
  ['x-frame-options', { 'x-frame-options': 'deny' }, 'x-frame-options-sameorigin-or-deny'],
  ['x-frame-options', { 'x-frame-options': 'ALLOW-FROM https://b.test' }, 'x-frame-options-allow-from-origin'],
  ['x-frame-options', { 'x-frame-options': 'DENY, DENY' }, 'x-frame-options-header-invalid'],
  ['x-frame-options', { 'content-security-policy': 'frame-ancestors *' }, 'x-frame-options-implemented-via-csp'],
  ['cross-origin-resource-policy', {}, 'corp-not-implemented'],
  ['cross-origin-resource-policy', { 'cross-origin-resource-policy': 'same-site' }, 'corp-implemented-with-same-site'],
  ['cross-origin-resource-policy', { 'cross-origin-resource-policy': 'cross-origin' }, 'corp-implemented-with-cross-origin'],
  ['cross-origin-resource-policy', { 'cross-origin-resource-policy': 'all' }, 'corp-header-invalid'],
  ['content-security-policy', { 'content-security-policy-report-only': "default-src 'none'" }, 'csp-not-implemented-but-reporting-enabled']
]
for (const [test, pairs, result] of headers) t.test(`${JSON.stringify(pairs)} is ${result}`, async (t) => t.equal(resultsOf({ pairs })[test], result))

t.test('https and its certificate', async (t) => {
  const pairs = { 'strict-transport-security': 'max-age=31536000' }
  t.equal(resultsOf({ url: new URL('http://a.test/'), pairs })['strict-transport-security'], 'hsts-not-implemented-no-https')
  t.equal(resultsOf({ isVerified: false, pairs })['strict-transport-security'], 'hsts-invalid-cert')
})

const routes: Array<[what: string, route: string[] | null | undefined, result: string | null]> = [
  ['was not asked for', undefined, null],
  ['does not answer', null, 'redirection-not-needed-no-http'],
  ['stays where it is', ['http://a.test/'], 'redirection-missing'],
  ['leads to https on the same host', ['http://a.test/', 'https://a.test/'], 'redirection-to-https'],
  ['leads to https on another host', ['http://a.test/', 'https://b.test/'], 'redirection-off-host-from-http'],
  ['leads to http first', ['http://a.test/', 'http://www.a.test/', 'https://www.a.test/'], 'redirection-not-to-https-on-initial-redirection'],
  ['leads to http', ['http://a.test/', 'http://www.a.test/'], 'redirection-not-to-https']
]
for (const [what, route, result] of routes) {
  t.test(`http that ${what} is ${result ?? 'not judged'}`, async (t) => t.equal(resultsOf({ route: route?.map((url) => new URL(url)) ?? route as null | undefined })['redirection'], result))
}

t.test('a redirect to https without a valid certificate', async (t) => {
  t.equal(resultsOf({ isVerified: false, route: [new URL('http://a.test/'), new URL('https://a.test/')] })['redirection'], 'redirection-invalid-cert')
})

const cors: Array<[allow: Record<string, string>, result: string]> = [
  [{}, 'not-implemented'],
  [{ 'access-control-allow-origin': '*' }, 'implemented-with-public-access'],
  [{ 'access-control-allow-origin': 'https://b.test', 'access-control-allow-credentials': 'true' }, 'implemented-with-restricted-access'],
  [{ 'access-control-allow-origin': 'https://foreign.test' }, 'implemented-with-restricted-access'],
  [{ 'access-control-allow-origin': 'https://foreign.test', 'access-control-allow-credentials': ' True ' }, 'implemented-with-universal-access']
]
for (const [allow, result] of cors) {
  t.test(`a preflight reply of ${JSON.stringify(allow)} is ${result}`, async (t) => {
    t.equal(resultsOf({ cors: { origin: 'https://foreign.test', headers: new Map(Object.entries(allow)) } })['cross-origin-resource-sharing'], `cross-origin-resource-sharing-${result}`)
  })
}

t.test('what was not asked for is not judged, and takes nothing', async (t) => {
  const verdicts = judge({ url: new URL('https://a.test/'), headers: new Map([['content-type', 'text/html; charset=utf-8']]), cookies: [], isVerified: true })
  t.same(verdicts.filter(({ result }) => result === null).map(({ test, modifier }) => [test, modifier]), [['cross-origin-resource-sharing', 0], ['redirection', 0], ['subresource-integrity', 0]])
  t.equal(resultsOf({ pairs: { 'content-type': 'text/plain' } })['subresource-integrity'], 'sri-not-implemented-response-not-html')
})

const of = (...modifiers: number[]): Verdict[] => modifiers.map((modifier) => ({ test: 'a', result: 'b', modifier }))
const grades: Array<[modifiers: number[], score: number, grade: string]> = [
  [[], 100, 'A+'],
  [[10, 5, 10], 125, 'A+'],
  [[-5, 10], 105, 'A+'],
  [[-10, 10], 100, 'A+'],
  [[-10], 90, 'A'],
  [[-15, 50], 85, 'A-'],
  [[-20, 50], 80, 'B+'],
  [[-25], 75, 'B'],
  [[-30], 70, 'B'],
  [[-35], 65, 'B-'],
  [[-40], 60, 'C+'],
  [[-50], 50, 'C'],
  [[-55], 45, 'C-'],
  [[-60], 40, 'D+'],
  [[-70], 30, 'D'],
  [[-75], 25, 'D-'],
  [[-80], 20, 'F'],
  [[-80, -80], 0, 'F']
]
for (const [modifiers, score, grade] of grades) t.test(`${modifiers.join(' ') || 'nothing'} gives ${score} ${grade}`, async (t) => t.same(gradeOf(of(...modifiers)), { score, grade }))

t.test('every grade has its least score', async (t) => {
  for (const grade of GRADE_NAMES) t.equal(gradeOf(of(leastScore(grade)! - 100)).grade, grade)
  t.equal(leastScore('a+'), 100)
  t.equal(leastScore('E'), undefined)
})

t.test('every modifier is a number of the published table', async (t) => {
  for (const [result, modifier] of Object.entries(MODIFIERS)) t.ok([10, 5, 0, -5, -10, -20, -25, -30, -40, -50].includes(modifier), result)
})
