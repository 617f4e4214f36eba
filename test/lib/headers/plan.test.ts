import t from 'tap'
import { ReplyNonces, pooledNonces } from '../../../lib/headers/nonce.ts'
import { compilePlan, NO_HEADERS, pairsWithNonce, type Pair, type Plan } from '../../../lib/headers/plan.ts'
import { PRESETS } from '../../../lib/headers/presets.ts'
import { resolveLayer, resolvePreset } from '../../../lib/headers/resolve.ts'
import type { HeaderSettings } from '../../../lib/headers/settings.ts'

function planOf (settings: HeaderSettings = {}): Plan {
  return compilePlan(resolveLayer(resolvePreset(PRESETS.strict), settings, 'headers'))
}

function value (pairs: readonly Pair[], header: string): string | undefined {
  return pairs.find(([name]) => name === header)?.[1]
}

function names (pairs: readonly Pair[]): string[] {
  return pairs.map(([name]) => name)
}

const POLICY = 'content-security-policy'
const REPORT_ONLY = 'content-security-policy-report-only'
const HSTS = 'strict-transport-security'

t.test('a document has the whole set', async (t) => {
  t.same(names(planOf().document.https.pairs).sort(), ['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'origin-agent-cluster', 'permissions-policy', 'referrer-policy', HSTS, 'x-content-type-options', 'x-frame-options'].sort())
})

t.test('another reply has the short set', async (t) => {
  t.same(planOf().nonDocument.https.pairs, [
    [POLICY, "default-src 'none'; frame-ancestors 'none'"],
    [HSTS, 'max-age=31536000; includeSubDomains'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-origin']
  ])
})

t.test('plain http has neither Strict-Transport-Security nor upgrade-insecure-requests', async (t) => {
  const { document, nonDocument, secureDiffers } = planOf()
  t.equal(secureDiffers, true)
  t.same(names(document.http.pairs), names(document.https.pairs).filter((name) => name !== HSTS))
  t.same(names(nonDocument.http.pairs), names(nonDocument.https.pairs).filter((name) => name !== HSTS))
  t.equal(`${value(document.http.pairs, POLICY)!}; upgrade-insecure-requests`, value(document.https.pairs, POLICY))
})

t.test('where https makes no difference, the plan says so', async (t) => {
  const plain: HeaderSettings = { strictTransportSecurity: false, contentSecurityPolicy: { remove: { 'upgrade-insecure-requests': true } } }
  t.equal(planOf(plain).secureDiffers, false)
  t.equal(planOf({ strictTransportSecurity: false }).secureDiffers, true, 'documents are upgraded')
  t.equal(planOf({ ...plain, nonDocument: { contentSecurityPolicy: { set: { 'upgrade-insecure-requests': true } } } }).secureDiffers, true, 'other replies are upgraded')
})

t.test('a policy of which plain http leaves nothing is no header', async (t) => {
  const { document } = planOf({ contentSecurityPolicy: { replace: true, set: { 'upgrade-insecure-requests': true } } })
  t.equal(value(document.http.pairs, POLICY), undefined)
  t.equal(value(document.https.pairs, POLICY), 'upgrade-insecure-requests')
})

t.test('an empty policy is no header', async (t) => {
  const { document, nonDocument } = planOf({ contentSecurityPolicy: { replace: true }, contentSecurityPolicyReportOnly: { replace: true }, nonDocument: { contentSecurityPolicy: { replace: true } } })
  for (const { http, https } of [document, nonDocument]) {
    for (const { pairs, templates } of [http, https]) {
      t.notOk(names(pairs).some((name) => name.startsWith(POLICY)))
      t.same(templates, [])
    }
  }
})

t.test('the report-only policy stands beside the enforced one, on documents alone', async (t) => {
  const { document, nonDocument } = planOf({ contentSecurityPolicyReportOnly: { set: { 'img-src': ["'none'"] } } })
  t.same(document.https.templates.map(({ name }) => name), [POLICY, REPORT_ONLY])
  t.match(value(document.https.pairs, REPORT_ONLY), "img-src 'none'")
  t.match(value(document.https.pairs, POLICY), "img-src 'self' data:")
  t.notOk(names(nonDocument.https.pairs).includes(REPORT_ONLY))
})

t.test('X-Frame-Options follows the policy, or the option, or is off', async (t) => {
  const cases: Array<[settings: HeaderSettings, expected: string | undefined]> = [
    [{}, 'DENY'],
    [{ contentSecurityPolicy: { set: { 'frame-ancestors': ["'self'"] } } }, 'SAMEORIGIN'],
    [{ contentSecurityPolicy: { set: { 'frame-ancestors': ['a.test'] } } }, undefined],
    [{ xFrameOptions: 'SAMEORIGIN' }, 'SAMEORIGIN'],
    [{ xFrameOptions: false }, undefined]
  ]
  for (const [settings, expected] of cases) {
    const { document, nonDocument } = planOf(settings)
    t.equal(value(document.http.pairs, 'x-frame-options'), expected)
    t.equal(value(nonDocument.http.pairs, 'x-frame-options'), undefined)
  }
})

t.test('a 304 has what documents and other replies have alike, and no policy', async (t) => {
  const plan = planOf()
  const expected = [[HSTS, 'max-age=31536000; includeSubDomains'], ['x-content-type-options', 'nosniff'], ['cross-origin-resource-policy', 'same-origin']]
  t.same(plan.document.https.notModified, expected)
  t.same(plan.nonDocument.https.notModified, expected)
  t.same(plan.document.http.notModified, expected.slice(1))
})

t.test('a 304 has the referrer policy where both kinds share it', async (t) => {
  t.ok(names(planOf({ referrerPolicy: 'no-referrer' }).document.http.notModified).includes('referrer-policy'))
})

t.test('a nonce fills every policy that has a place for it, and no other header', async (t) => {
  const { document } = planOf({ contentSecurityPolicyReportOnly: {} })
  const nonces = new ReplyNonces(pooledNonces(), false)
  const { script } = nonces
  const pairs = pairsWithNonce(document.https, nonces)
  t.same(names(pairs), names(document.https.pairs))
  for (const [name, text] of pairs) {
    const isPolicy = name.startsWith(POLICY)
    t.equal(text.split(`'nonce-${script}'`).length - 1, isPolicy ? 2 : 0, name)
    if (!isPolicy) t.equal(text, value(document.https.pairs, name))
  }
})

t.test('separate nonces go where they belong', async (t) => {
  const nonces = new ReplyNonces(pooledNonces(), true)
  const style = nonces.style
  const policy = value(pairsWithNonce(planOf().document.http, nonces), POLICY)!
  t.match(policy, `style-src 'self' 'nonce-${style}';`)
  t.match(policy, "script-src 'self';")
})

t.test('a policy without a place for a nonce is no template', async (t) => {
  const { document, nonDocument } = planOf({ contentSecurityPolicy: { remove: { 'script-src': ["'nonce'", "'strict-dynamic'"], 'style-src': ["'nonce'"] } } })
  t.same(document.http.templates, [])
  t.same(nonDocument.http.templates, [])
})

t.test('a header has one lower-case name and one value', async (t) => {
  const { document, nonDocument } = planOf({ contentSecurityPolicyReportOnly: {}, reporting: { endpoints: { a: '/r' } }, xXssProtection: '0', crossOriginEmbedderPolicy: 'credentialless' })
  for (const { pairs } of [document.http, document.https, nonDocument.http, nonDocument.https]) {
    t.equal(new Set(names(pairs)).size, pairs.length)
    for (const [name, text] of pairs) {
      t.match(name, /^[a-z][a-z-]+$/)
      t.match(text, /^[!-~](?:[ -~]*[!-+\--:<-~])?$/, 'no blank at an end, no comma or semicolon behind')
    }
  }
})

t.test('no headers are none, whatever the reply', async (t) => {
  t.equal(NO_HEADERS.secureDiffers, false)
  for (const { http, https } of [NO_HEADERS.document, NO_HEADERS.nonDocument]) {
    for (const variant of [http, https]) t.same(variant, { pairs: [], notModified: [], templates: [], places: 0 })
  }
})
