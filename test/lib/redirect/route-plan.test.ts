import t from 'tap'
import { Resolver } from '../../../lib/redirect/resolver.ts'
import { compilePlan, type Plan } from '../../../lib/redirect/route-plan.ts'

const verify: Plan['verify'] = () => ({ ok: false, reason: 'form' })
const application: Plan = { resolver: new Resolver({ origin: 'https://app.test' }, 'redirect'), guards: true, field: null, verify }
const UNKNOWN = 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_REDIRECT_OPTION_INVALID'

t.test('false takes the net away, and nothing else', async (t) => {
  t.same(compilePlan(false, application), { ...application, guards: false })
})

t.test('a field has its defaults', async (t) => {
  t.same(compilePlan({ field: 'next' }, application), { ...application, field: { name: 'next', inQuery: true, inBody: true, fallback: 'https://app.test/', rejects: true, verify } })
  t.same(compilePlan({ field: 'to', in: ['body'], fallback: '/start', onUnsafe: 'fallback' }, application).field, { name: 'to', inQuery: false, inBody: true, fallback: 'https://app.test/start', rejects: false, verify })
  t.same(compilePlan({ field: 'to', in: ['query'] }, application).field, { name: 'to', inQuery: true, inBody: false, fallback: 'https://app.test/', rejects: true, verify })
})

t.test('hosts are added for the route alone', async (t) => {
  const plan = compilePlan({ hosts: ['good.test'] }, application)
  t.equal(plan.field, null)
  t.ok(plan.resolver.isSafe('https://good.test/'))
  t.notOk(application.resolver.isSafe('https://good.test/'))
  t.equal(compilePlan({ field: 'next', hosts: ['good.test'], fallback: 'https://good.test/' }, application).field?.fallback, 'https://good.test/')
})

const wrong: Array<[what: string, setting: unknown, code: string, path: string]> = [
  ['true', true, INVALID, 'config.security.redirect'],
  ['null', null, INVALID, 'config.security.redirect'],
  ['a text', 'next', INVALID, 'config.security.redirect'],
  ['a name that is misspelt', { feild: 'next' }, UNKNOWN, 'config.security.redirect.feild'],
  ['an option of the application', { origin: 'https://app.test' }, UNKNOWN, 'config.security.redirect.origin'],
  ['a place that is none', { field: 'next', in: ['params'] }, INVALID, 'config.security.redirect.in'],
  ['no place', { field: 'next', in: [] }, INVALID, 'config.security.redirect.in'],
  ['an empty name', { field: '' }, INVALID, 'config.security.redirect.field'],
  ['a fallback that leaves', { field: 'next', fallback: 'https://evil.test/' }, INVALID, 'config.security.redirect.fallback'],
  ['a fallback without a field', { fallback: '/' }, INVALID, 'config.security.redirect.field'],
  ['places without a field', { in: ['query'] }, INVALID, 'config.security.redirect.field'],
  ['a reaction without a field', { onUnsafe: 'fallback' }, INVALID, 'config.security.redirect.field'],
  ['a reaction that is none', { field: 'next', onUnsafe: 'ignore' }, INVALID, 'config.security.redirect.onUnsafe'],
  ['a host that is none', { hosts: ['https://good.test/path'] }, INVALID, 'config.security.redirect.hosts[0]']
]

for (const [what, setting, code, path] of wrong) {
  t.test(`refused: ${what}`, async (t) => {
    const error = t.throws(() => compilePlan(setting, application), { code }) as Error
    t.ok(error.message.startsWith(path), error.message)
    t.notMatch(error.message, 'evil.test')
  })
}
