import t from 'tap'
import { Planner } from '../../../lib/headers/planner.ts'

const IMAGES = { contentSecurityPolicy: { append: { 'img-src': ['https://img.test'] } } }

t.test('500 routes with three different settings make three plans, besides that of the application', async (t) => {
  const planner = new Planner({})
  const settings = [IMAGES, { referrerPolicy: 'no-referrer' }, { xContentTypeOptions: false }]
  const plans = new Set(Array.from({ length: 500 }, (_, route) => planner.planOf(structuredClone(settings[route % 3]))))
  t.equal(plans.size, 3)
  t.equal(planner.size, 4)
})

t.test('settings that come to the same share a plan', async (t) => {
  const planner = new Planner({})
  t.equal(planner.planOf({}), planner.plan)
  t.equal(planner.planOf({ referrerPolicy: 'strict-origin-when-cross-origin' }), planner.plan)
  t.equal(planner.planOf({ referrerPolicy: 'origin', xFrameOptions: 'DENY' }), planner.planOf({ xFrameOptions: 'DENY', referrerPolicy: 'origin' }))
  t.equal(planner.planOf(false), planner.planOf(false))
})

t.test('what derives from the policy is no part of a shared plan with what does not', async (t) => {
  const planner = new Planner({})
  const fixed = planner.extend(planner.planOf({ xFrameOptions: 'DENY' }), [['frame-ancestors', ['https://partner.test']]])
  const derived = planner.extend(planner.plan, [['frame-ancestors', ['https://partner.test']]])
  const frameOptions = (plan: typeof fixed): string | undefined => plan.document.http.pairs.find(([name]) => name === 'x-frame-options')?.[1]
  t.equal(frameOptions(fixed), 'DENY')
  t.equal(frameOptions(derived), undefined)
})

t.test('a plan with additions is compiled once, and only so many are kept', async (t) => {
  const planner = new Planner({ contentSecurityPolicyReportOnly: {} })
  const extend = (host: string): ReturnType<Planner['extend']> => planner.extend(planner.plan, [['form-action', [`https://${host}`]]])
  const first = extend('idp.test')
  t.equal(extend('idp.test'), first)
  const policies = first.document.http.pairs.filter(([name]) => name.startsWith('content-security-policy'))
  t.equal(policies.length, 2)
  for (const [, policy] of policies) t.match(policy, /form-action 'self' https:\/\/idp\.test/)
  for (let host = 0; host < 100; host++) extend(`h${host}.test`)
  t.not(extend('idp.test'), first, 'the one that was used longest ago was forgotten')
  t.equal(planner.size, 1, 'additions are no plans of routes')
})

t.test('where there is no policy there is nothing to add to', async (t) => {
  const planner = new Planner({ contentSecurityPolicy: false, lint: 'off' })
  t.equal(planner.extend(planner.plan, [['img-src', ['data:']]]), planner.plan)
  const off = planner.planOf(false)
  t.equal(planner.extend(off, [['img-src', ['data:']]]), off)
})

t.test('findings of all plans are gathered, each once', async (t) => {
  const planner = new Planner({ reporting: { endpoints: { csp: '/r' } } })
  t.same(planner.findings, [])
  planner.planOf({ xXssProtection: '1' })
  planner.planOf({ xXssProtection: '1; mode=block' })
  planner.planOf({ contentSecurityPolicy: { set: { 'report-to': ['nowhere'] } } })
  t.same(planner.findings.map(({ code }) => code), ['xss-protection-on', 'report-to-undeclared'])
})

t.test("`lint: 'off'` finds nothing", async (t) => {
  const planner = new Planner({ lint: 'off' })
  planner.planOf({ xXssProtection: '1' })
  t.same(planner.findings, [])
})

t.test("`lint: 'error'` refuses a weakness of the application and of a route, and lets pass what is worth knowing", async (t) => {
  t.throws(() => new Planner({ lint: 'error', xXssProtection: '1' }), { code: 'BULWARK_ERR_HEADERS_POLICY_WEAK', message: /xss-protection-on/ })
  const planner = new Planner({ lint: 'error' })
  t.throws(() => planner.planOf({ xXssProtection: '1' }), { code: 'BULWARK_ERR_HEADERS_POLICY_WEAK' })
  t.ok(planner.planOf({ strictTransportSecurity: { maxAge: 0 } }))
  t.same(planner.findings.map(({ code }) => code).at(-1), 'hsts-switched-off')
})
