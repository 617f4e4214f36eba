import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import t from 'tap'
import { lintPolicy } from '../../../lib/headers/csp-lint.ts'
import { ReplyNonces, pooledNonces } from '../../../lib/headers/nonce.ts'
import { pairsWithNonce, type Variant } from '../../../lib/headers/plan.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import { headersDefaults, PRESETS } from '../../../lib/headers/presets.ts'

const POLICY = 'content-security-policy'

function headersOf (variant: Variant, isNonced: boolean): Record<string, string> {
  if (!isNonced) return Object.fromEntries(variant.pairs)
  const nonces = new ReplyNonces(pooledNonces(), false)
  return Object.fromEntries(pairsWithNonce(variant, { use: 3, script: nonces.script, style: nonces.style } as ReplyNonces))
}

/** What Google's evaluator has to say that is more than worth knowing. */
function evaluate (policy: string): string[] {
  return new CspEvaluator(new CspParser(policy).csp).evaluate()
    .filter(({ severity }) => severity < Severity.INFO)
    .map(({ severity, directive, value }) => `${Severity[severity]} ${directive} ${value ?? ''}`)
}

t.test('csp_evaluator finds nothing above INFO in the default policy of documents with its nonce', async (t) => {
  const { document } = new Planner({}).plan
  for (const variant of [document.http, document.https]) t.same(evaluate(headersOf(variant, true)[POLICY]!), [])
})

t.test('csp_evaluator only wonders whether \'self\' hosts JSONP in the default policy of documents whose nonce nobody read', async (t) => {
  const { document } = new Planner({}).plan
  for (const variant of [document.http, document.https]) t.same(evaluate(headersOf(variant, false)[POLICY]!), ["MEDIUM_MAYBE script-src 'self'"])
})

t.test('csp_evaluator finds nothing above INFO once \'self\' is taken out, nor in the policy of other replies', async (t) => {
  const { plan } = new Planner({ contentSecurityPolicy: { remove: { 'script-src': ["'self'"] } } })
  t.same(evaluate(headersOf(plan.document.https, false)[POLICY]!), [])
  t.same(evaluate(headersOf(plan.document.https, true)[POLICY]!), [])
  // It knows of no policy for replies that are no documents, and misses base-uri, which guards a page.
  t.same(evaluate(`${headersOf(plan.nonDocument.https, false)[POLICY]!}; base-uri 'none'`), [])
})

t.test('csp_evaluator would find a spoilt policy', async (t) => {
  const { plan } = new Planner({ lint: 'off', contentSecurityPolicy: { set: { 'script-src': ["'unsafe-inline'"] } } })
  t.same(evaluate(headersOf(plan.document.http, false)[POLICY]!), ["HIGH script-src 'unsafe-inline'"])
})

t.test('our own lint finds nothing in the strict preset', async (t) => {
  t.same(new Planner({}).findings, [])
  const { document } = new Planner({}).plan
  t.same(lintPolicy(headersOf(document.https, true)[POLICY]!), [])
  t.same(lintPolicy(headersOf(document.https, false)[POLICY]!), [])
})

t.test('the strict preset is what headers.md says', async (t) => {
  const { document, nonDocument } = new Planner({ preset: 'strict' }).plan
  t.same(headersOf(document.https, false), {
    [POLICY]: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; upgrade-insecure-requests",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
    'origin-agent-cluster': '?1'
  })
  t.match(headersOf(document.https, true)[POLICY], /^default-src 'none'; script-src 'nonce-[A-Za-z0-9_-]{22}' 'strict-dynamic'; style-src 'self' 'nonce-[A-Za-z0-9_-]{22}'; img-src/)
  t.equal(headersOf(nonDocument.https, false)[POLICY], "default-src 'none'; frame-ancestors 'none'")
})

t.test('the article preset is the set of the article, with its corrections', async (t) => {
  const planner = new Planner({ preset: 'article', contentSecurityPolicy: { append: { 'script-src': ['https://cdn.test'] } } })
  t.same(headersOf(planner.plan.document.https, false), {
    [POLICY]: "default-src 'self'; script-src 'self' https://cdn.test; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'x-xss-protection': '0'
  })
  t.match(headersOf(planner.plan.document.https, true)[POLICY], /script-src 'self' 'nonce-[A-Za-z0-9_-]{22}' https:\/\/cdn\.test;/)
  t.same(planner.findings.map(({ code }) => code), ['frame-ancestors-missing', 'form-action-missing'])
})

function frozen (value: unknown): boolean {
  return typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen))
}

t.test('presets and defaults cannot be changed, down to the last expression', async (t) => {
  t.ok(frozen(PRESETS))
  t.ok(frozen(headersDefaults))
  t.ok(frozen(null))
})

t.test('the defaults, given as options, are the default', async (t) => {
  const planner = new Planner(headersDefaults)
  t.same(planner.plan.document, new Planner({}).plan.document)
  t.same(planner.plan.nonDocument, new Planner({}).plan.nonDocument)
})

t.test('every preset sets every key', async (t) => {
  t.same(Object.keys(PRESETS.article).sort(), Object.keys(PRESETS.strict).sort())
})
