import t from 'tap'
import { Guard, type GuardedReply, type GuardedRequest } from '../../../lib/csrf/guard.ts'
import { generateKey } from '../../../lib/keys.ts'

const guard = new Guard<GuardedRequest, GuardedReply>({ origin: ['https://app.test', 'HTTPS://Bücher.test:443'], keys: [generateKey()], trustedOrigins: ['https://pay.test'], headerName: 'X-Token' })

t.test('origins are kept as browsers write them, names of headers as Node does', async (t) => {
  t.same([...guard.plan.own], ['https://app.test', 'https://xn--bcher-kva.test'])
  t.same([...guard.plan.trusted], ['https://pay.test'])
  t.equal(guard.headerName, 'x-token')
  t.equal(guard.fieldName, '_csrf')
  t.ok(guard.isEnforced)
})

t.test('the plan of a route starts from the one of the application', async (t) => {
  t.match(guard.planOf(false), { isExempt: true, isStrict: false, needsToken: false })
  t.match(guard.planOf('strict'), { isExempt: false, isStrict: true, needsToken: false })
  t.match(guard.planOf('token'), { isExempt: false, isStrict: false, needsToken: true })
  const plan = guard.planOf({ trustedOrigins: ['https://id.test'] })
  t.same([...plan.trusted], ['https://pay.test', 'https://id.test'])
  t.equal(guard.plan.trusted.size, 1, 'which stays as it is')
})

function request (cookie?: string): GuardedRequest {
  return { server: { hasDecorator: () => false, hasRequestDecorator: () => false }, raw: { headers: cookie === undefined ? {} : { cookie } } } as unknown as GuardedRequest
}

t.test('what was issued once for a request stays', async (t) => {
  const first = guard.issue(request(), null)
  t.equal(guard.issue(request(), first), first)
  const pair = first.cookie!.slice(0, first.cookie!.indexOf(';'))
  const later = guard.issue(request(pair), null)
  t.equal(later.cookie, undefined)
  t.same(later.binding, first.binding)
  t.equal(guard.fault(request(pair), later.token), undefined)
  t.equal(guard.fault(request(pair), first.token), undefined)
  t.equal(guard.fault(request(), first.token), 'token-unbound')
})
