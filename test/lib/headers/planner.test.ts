import fc, { type Arbitrary } from 'fast-check'
import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { guardedNonces, ReplyNonces } from '../../../lib/headers/nonce.ts'
import { pairsWithNonce, type Pair, type Plan } from '../../../lib/headers/plan.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import type { HeaderSettings } from '../../../lib/headers/settings.ts'
import { arbitraryDirectives } from './arbitrary-policy.ts'

const POLICY = 'content-security-policy'

function policyOf (plan: Plan): string | undefined {
  return plan.document.http.pairs.find(([name]) => name === POLICY)?.[1]
}

/** Every header value that a plan can write, the forms with nonces included. */
function everyPair (plan: Plan, generate: () => string): Pair[] {
  return [plan.document.http, plan.document.https, plan.nonDocument.http, plan.nonDocument.https].flatMap((variant) => {
    const [script, style, both] = [0, 1, 2].map(() => new ReplyNonces(generate, true)) as [ReplyNonces, ReplyNonces, ReplyNonces]
    const used = [script.script, style.style, both.script, both.style]
    return [...variant.pairs, ...variant.notModified, ...[script, style, both].flatMap((nonces) => pairsWithNonce(variant, nonces)), ...used.map((nonce): Pair => ['nonce', nonce])]
  })
}

t.test('500 routes with settings of three kinds make four plans', async (t) => {
  const planner = new Planner({})
  const kinds: Array<(index: number) => HeaderSettings> = [
    () => ({ crossOriginOpenerPolicy: 'unsafe-none' }),
    (index) => index % 2 === 0
      ? { referrerPolicy: 'origin', contentSecurityPolicy: { append: { 'img-src': ['a.test'] } } }
      : { contentSecurityPolicy: { append: { imgSrc: ['a.test'] } }, referrerPolicy: 'origin' },
    () => ({ xFrameOptions: 'SAMEORIGIN', contentSecurityPolicy: { set: { 'frame-ancestors': ["'self'"] } } })
  ]
  const plans = new Set(Array.from({ length: 500 }, (_, index) => planner.planOf(kinds[index % 3]!(index))))
  t.equal(plans.size, 3)
  t.equal(planner.size, 4, 'the three, and that of the application')
})

t.test('settings of one content share a plan, however they are written', async (t) => {
  const planner = new Planner({})
  const plan = planner.planOf({ strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false }, contentSecurityPolicy: { append: { 'img-src': ['a.test'], 'font-src': ['b.test'] } } })
  t.equal(planner.planOf({ contentSecurityPolicy: { append: { fontSrc: ['b.test', 'b.test'], imgSrc: ['a.test'] } }, strictTransportSecurity: { includeSubDomains: false } }), plan)
  t.equal(planner.planOf({}), planner.plan, 'no setting is that of the application')
  t.equal(planner.planOf({ xContentTypeOptions: true }), planner.plan)
  t.equal(planner.planOf({ xContentTypeOptions: undefined }), planner.plan)
  t.equal(planner.planOf({ contentSecurityPolicy: {} }), planner.plan)
  t.equal(planner.size, 2)
})

const different: Array<[rule: string, one: HeaderSettings, other: HeaderSettings]> = [
  ['only the form with a nonce tells them apart', { contentSecurityPolicy: { set: { 'script-src': ["'self'", "'nonce'"] } } }, { contentSecurityPolicy: { set: { 'script-src': ["'self'", "'nonce'", "'strict-dynamic'"] } } }],
  ["only 'unsafe-inline' beside the nonce tells them apart", { contentSecurityPolicy: { set: { 'style-src': ["'self'", "'nonce'"] } } }, { contentSecurityPolicy: { set: { 'style-src': ["'self'", "'nonce'", "'unsafe-inline'"] } } }],
  ['only what replies add tells them apart', { xFrameOptions: 'DENY' }, { xFrameOptions: 'derive' }],
  ['replies add to a policy that is empty, and to none nothing', { contentSecurityPolicy: false, nonDocument: { contentSecurityPolicy: {} } }, { contentSecurityPolicy: { replace: true } }],
  ['the same of the report-only policy', { contentSecurityPolicyReportOnly: false }, { contentSecurityPolicyReportOnly: { replace: true } }],
  ['other replies tell them apart', {}, { nonDocument: { referrerPolicy: 'origin' } }],
  ['https tells them apart', {}, { strictTransportSecurity: { maxAge: 31_536_001 } }]
]

for (const [rule, one, other] of different) {
  t.test(`settings of different content have different plans: ${rule}`, async (t) => {
    const planner = new Planner({ lint: 'off' })
    t.not(planner.planOf(one), planner.planOf(other))
  })
}

t.test('a route without headers has none, and makes no plan', async (t) => {
  const planner = new Planner({})
  const none = planner.planOf(false)
  t.equal(planner.planOf(false), none)
  t.equal(planner.size, 1)
  t.same([none.document.http.pairs, none.document.https.pairs, none.nonDocument.http.pairs, none.nonDocument.https.pairs], [[], [], [], []])
  t.equal(planner.extend(none, [['img-src', ['a.test']]]), none, 'whatever a reply adds')
})

t.test('a setting is laid over the options of the application', async (t) => {
  const planner = new Planner({ contentSecurityPolicy: { append: { 'img-src': ['a.test'] } }, crossOriginOpenerPolicy: false })
  const { pairs } = planner.planOf({ contentSecurityPolicy: { append: { 'img-src': ['b.test'] } } }).document.http
  t.match(Object.fromEntries(pairs)[POLICY], "img-src 'self' data: a.test b.test;")
  t.notOk(pairs.some(([name]) => name === 'cross-origin-opener-policy'))
})

const misuse: Array<[what: string, options: unknown, code: string, message: string]> = [
  ['no object', null, 'INVALID', 'headers: expected an object, received null.'],
  ['an unknown option', { contentSecurityPolcy: {} }, 'UNKNOWN', 'headers.contentSecurityPolcy: expected a known name, received an unknown one. Did you mean `contentSecurityPolicy`?'],
  ['an option of a route', { config: {} }, 'UNKNOWN', 'headers.config: '],
  ['an unknown preset', { preset: 'strct' }, 'INVALID', "headers.preset: expected `'strict'` or `'article'`, received a string of length 5. Did you mean `'strict'`?"],
  ['Object.prototype for a preset', { preset: 'constructor' }, 'INVALID', 'headers.preset: '],
  ['a generator that is none', { nonce: { generate: 'x' } }, 'INVALID', 'headers.nonce.generate: expected a function, received a string of length 1.'],
  ['a header in the way of helmet', { contentSecurityPolicy: { directives: {} } }, 'UNKNOWN', 'headers.contentSecurityPolicy.directives: '],
  ['true for a policy', { contentSecurityPolicy: true }, 'INVALID', 'headers.contentSecurityPolicy: expected an object of `replace`, `remove`, `set` and `append` or `false`, received boolean.'],
  ['a Map for directives', { contentSecurityPolicy: { set: new Map([['img-src', ['*']]]) } }, 'INVALID', 'headers.contentSecurityPolicy.set: expected a plain object, received an object.'],
  ['a policy that breaks the grammar', { contentSecurityPolicy: { set: { 'img-src': ['*;'] } } }, 'POLICY', 'headers.contentSecurityPolicy.set.img-src[0]: ']
]

for (const [what, options, code, message] of misuse) {
  t.test(`options are refused with their path: ${what}`, async (t) => {
    t.throws(() => new Planner(options), { code: code === 'POLICY' ? 'BULWARK_ERR_HEADERS_POLICY_INVALID' : `BULWARK_ERR_HEADERS_OPTION_${code}`, message })
  })
}

t.test('settings of routes are refused with their path, again and again', async (t) => {
  const planner = new Planner({})
  for (const [setting, message] of [
    [true, 'config.security.headers: expected an object or `false`, received boolean.'],
    [null, 'config.security.headers: expected an object or `false`, received null.'],
    [{ lint: 'off' }, 'config.security.headers.lint: expected a known name, received an unknown one.'],
    [{ xFrameOptions: 'deny' }, "config.security.headers.xFrameOptions: expected `'derive'` or `'DENY'` or `'SAMEORIGIN'` or `false`, received a string of length 4. Did you mean `'DENY'`?"],
    [{ contentSecurityPolicy: { set: { 'img-src': [] } } }, 'config.security.headers.contentSecurityPolicy.set.img-src: '],
    [{ contentSecurityPolicy: { set: { 'img-src': [undefined] } } }, 'config.security.headers.contentSecurityPolicy.set.img-src[0]: ']
  ] as const) {
    for (let time = 0; time < 2; time++) t.throws(() => planner.planOf(setting), { message })
  }
  t.equal(planner.size, 1)
})

t.test('the lint notes what it finds, each finding once', async (t) => {
  const planner = new Planner({ contentSecurityPolicy: { append: { 'img-src': ['http://a.test'] } } })
  t.same(planner.findings.map(({ code, where }) => [code, where]), [['plain-http', 'img-src']])
  planner.planOf({ xXssProtection: '1' })
  planner.planOf({ xXssProtection: '1; mode=block' })
  planner.planOf({ xXssProtection: '1' })
  t.same(planner.findings.map(({ code, where }) => [code, where]), [['plain-http', 'img-src'], ['xss-protection-on', 'x-xss-protection']])
})

t.test('two weak sources in one directive are two findings', async (t) => {
  const { findings } = new Planner({ contentSecurityPolicy: { set: { 'script-src': ["'self'", 'unpkg.com', 'ajax.googleapis.com'] } } })
  t.same(findings.map(({ code }) => code), ['bypass-host', 'bypass-host'])
})

t.test('the lint knows the endpoints', async (t) => {
  const changes = { append: {}, set: { 'report-to': ['mine'] } }
  t.same(new Planner({ contentSecurityPolicy: changes }).findings.map(({ code }) => code), ['report-to-undeclared'])
  t.same(new Planner({ contentSecurityPolicy: changes, reporting: { endpoints: { other: '/o', mine: '/m' } } }).findings, [])
  t.same(new Planner({ reporting: { endpoints: { csp: '/r' } } }).findings, [])
})

t.test('without an enforced policy, the lint says so', async (t) => {
  t.same(new Planner({ contentSecurityPolicy: false, contentSecurityPolicyReportOnly: {} }).findings.map(({ code, severity }) => [code, severity]), [['policy-not-enforced', 'info']])
})

t.test("lint 'off' looks for nothing", async (t) => {
  t.same(new Planner({ lint: 'off', xXssProtection: '1' }).findings, [])
})

t.test("lint 'error' refuses to start, and says all that is serious", async (t) => {
  t.throws(() => new Planner({ lint: 'error', xXssProtection: '1', contentSecurityPolicy: { set: { 'script-src': ['*'] } } }), {
    code: 'BULWARK_ERR_HEADERS_POLICY_WEAK',
    message: /^headers\.lint: expected no finding, received 2\. script-src-open: .+ xss-protection-on: /
  })
  t.doesNotThrow(() => new Planner({ lint: 'error' }))
  t.doesNotThrow(() => new Planner({ lint: 'error', contentSecurityPolicy: false }), 'what is worth knowing is no error')
})

t.test("lint 'error' refuses a route as often as it is asked", async (t) => {
  const planner = new Planner({ lint: 'error' })
  for (const setting of [{ xXssProtection: '1' }, { xXssProtection: '1' }, { xXssProtection: '1', xContentTypeOptions: true }]) {
    t.throws(() => planner.planOf(setting), { code: 'BULWARK_ERR_HEADERS_POLICY_WEAK' })
  }
  t.equal(planner.size, 1)
})

t.test('a reply adds to both policies of documents, and to nothing else', async (t) => {
  const planner = new Planner({ contentSecurityPolicyReportOnly: {} })
  const plan = planner.extend(planner.plan, [['form-action', ['https://id.test']], ['img-src', ['a.test']], ['form-action', ['https://id2.test']]])
  for (const [name, value] of plan.document.http.pairs) {
    if (!name.startsWith(POLICY)) continue
    t.match(value, "form-action 'self' https://id.test https://id2.test;", name)
    t.match(value, "img-src 'self' data: a.test;", name)
  }
  t.same(plan.nonDocument.http.pairs, planner.plan.nonDocument.http.pairs)
  t.equal(planner.size, 1, 'it is no plan of a setting')
  t.notMatch(policyOf(planner.plan), 'id.test', 'the plan of the route is left alone')
})

t.test('a reply adds to the report-only policy where it is the only one', async (t) => {
  const planner = new Planner({ contentSecurityPolicy: false, contentSecurityPolicyReportOnly: {} })
  const { pairs } = planner.extend(planner.plan, [['img-src', ['a.test']]]).document.http
  t.match(Object.fromEntries(pairs)[`${POLICY}-report-only`], 'a.test')
  t.notOk(pairs.some(([name]) => name === POLICY))
})

t.test('a reply adds nothing where no policy is', async (t) => {
  const planner = new Planner({ contentSecurityPolicy: false })
  t.equal(planner.extend(planner.plan, [['img-src', ['a.test']]]), planner.plan)
})

t.test('what a reply adds to frame-ancestors changes the derived X-Frame-Options', async (t) => {
  const planner = new Planner({})
  const names = (plan: Plan): string[] => plan.document.http.pairs.map(([name]) => name)
  t.ok(names(planner.plan).includes('x-frame-options'))
  t.notOk(names(planner.extend(planner.plan, [['frame-ancestors', ['a.test']]])).includes('x-frame-options'))
})

t.test('an extended plan is made once, and no more are kept than a hundred', async (t) => {
  const planner = new Planner({})
  const first = planner.extend(planner.plan, [['img-src', ['a0.test']]])
  for (let index = 1; index < 100; index++) planner.extend(planner.plan, [['img-src', [`a${index}.test`]]])
  t.equal(planner.extend(planner.plan, [['img-src', ['a0.test']]]), first)
  for (let index = 100; index < 200; index++) planner.extend(planner.plan, [['img-src', [`a${index}.test`]]])
  t.not(planner.extend(planner.plan, [['img-src', ['a0.test']]]), first)
  const other = planner.planOf({ xFrameOptions: false })
  t.not(planner.extend(other, [['img-src', ['a199.test']]]), planner.extend(planner.plan, [['img-src', ['a199.test']]]), 'each plan has its own')
})

t.test('a boundary between directive and source cannot be shifted to reach another reply\'s plan', async (t) => {
  const planner = new Planner({})
  const one = planner.extend(planner.plan, [['img-src', ['a.test', 'b.test']]])
  t.not(planner.extend(planner.plan, [['img-src', ['a.test']], ['font-src', ['b.test']]]), one)
  t.equal(planner.extend(planner.plan, [['img-src', ['a.test', 'b.test']]]), one)
})

t.test('an addition that the grammar refuses is refused, and not kept', async (t) => {
  const planner = new Planner({})
  for (let time = 0; time < 2; time++) t.throws(() => planner.extend(planner.plan, [['img-src', ['a b']]]), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' })
})

// Hostile text in every place of the options. What is admitted must be printable ASCII in every variant of the plan.
const evil = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\nset-cookie: a=b', '; script-src *', ', default-src *', "'nonce'", "'nonce-", '\0', '\u2028', '\u00e9', '"', '\\', ' ', 'a.test', '/r'))

/** A text that is as it should be, or has something hostile in it, or is hostile. */
function near (text: string): Arbitrary<string> {
  return fc.oneof({ arbitrary: fc.constant(text), weight: 3 }, fc.tuple(fc.nat(text.length), evil).map(([at, insert]) => text.slice(0, at) + insert + text.slice(at)), evil)
}

const directives = fc.oneof(arbitraryDirectives, fc.dictionary(near('img-src'), fc.array(near('https://a.test/b'), { maxLength: 2 }), { maxKeys: 2 }), fc.record({
  'img-src': fc.array(near('a.test'), { minLength: 1, maxLength: 2 }),
  'script-src': fc.array(near("'self'"), { minLength: 1, maxLength: 2 }),
  sandbox: fc.array(near('allow-forms'), { maxLength: 1 }),
  'trusted-types': fc.array(near('default'), { maxLength: 1 }),
  'report-to': fc.array(near('csp'), { minLength: 1, maxLength: 1 }),
  'report-uri': fc.array(near('/r'), { minLength: 1, maxLength: 1 }),
  webrtc: fc.array(near("'allow'"), { minLength: 1, maxLength: 1 }),
  'require-trusted-types-for': fc.array(near("'script'"), { minLength: 1, maxLength: 1 })
}, { requiredKeys: [] }))
const changes = fc.record({ replace: fc.boolean(), set: directives, append: directives, remove: directives }, { requiredKeys: [] })
const hostileSettings = fc.record({
  contentSecurityPolicy: fc.oneof(changes, fc.constant(false)),
  contentSecurityPolicyReportOnly: changes,
  trustedTypes: fc.record({ mode: fc.oneof(fc.constantFrom('report-only', 'enforce'), evil), policies: fc.array(near('default'), { maxLength: 2 }) }, { requiredKeys: ['mode'] }),
  reporting: fc.record({ endpoints: fc.dictionary(near('csp'), near('https://r.test/r'), { minKeys: 1, maxKeys: 2 }) }),
  strictTransportSecurity: fc.record({ maxAge: fc.oneof(fc.nat(), evil), includeSubDomains: fc.boolean(), preload: fc.boolean() }, { requiredKeys: [] }),
  xFrameOptions: near('DENY'),
  referrerPolicy: fc.oneof(near('origin'), fc.array(near('origin'), { minLength: 1, maxLength: 2 })),
  crossOriginOpenerPolicy: near('same-origin'),
  crossOriginEmbedderPolicy: near('require-corp'),
  crossOriginResourcePolicy: near('same-site'),
  permissionsPolicy: fc.dictionary(near('camera'), fc.array(near('https://a.test'), { maxLength: 2 }), { maxKeys: 2 }),
  xXssProtection: near('1; mode=block'),
  nonDocument: fc.record({ contentSecurityPolicy: changes, referrerPolicy: near('no-referrer') }, { requiredKeys: [] })
}, { requiredKeys: [] })

t.test('property: a header value is printable ASCII, or the option is refused with a coded error', async (t) => {
  let compiled = 0
  const nonces = near('abcdefghijklmnopqrstuv')
  // One option at a time gets far; all at once are a rare sight.
  const options = fc.oneof(hostileSettings, fc.tuple(hostileSettings, fc.nat()).map(([settings, pick]) => Object.fromEntries(Object.entries(settings).filter((_, index, all) => index === pick % all.length))))
  fc.assert(fc.property(options, near('https://a.test'), nonces, (options, addition, nonce) => {
    let count = 0
    try {
      const planner = new Planner({ lint: 'off', ...options })
      const generate = guardedNonces(() => `${nonce}${count++}`)
      const plans = [planner.plan, planner.extend(planner.plan, [['form-action', [addition]]])]
      compiled++
      return plans.every((plan) => everyPair(plan, generate).every(([name, value]) => /^[a-z-]+$/.test(name) && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)))
    } catch (error) {
      return error instanceof SecurityError
    }
  }), { numRuns: 4000 })
  t.ok(compiled > 300, `${compiled} of them were compiled`)
})

t.test('property: a route cannot reach the headers of another, whatever both say', async () => {
  fc.assert(fc.property(changes, changes, (one, other) => {
    const planner = new Planner({ lint: 'off' })
    const compile = (on: Planner, contentSecurityPolicy: unknown): string => {
      try {
        return JSON.stringify(on.planOf({ contentSecurityPolicy }).document)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    compile(planner, one)
    return compile(planner, other) === compile(new Planner({ lint: 'off' }), other)
  }))
})
