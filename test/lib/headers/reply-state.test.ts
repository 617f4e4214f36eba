import t from 'tap'
import { ERRORS } from '../../../lib/errors.ts'
import { pooledNonces } from '../../../lib/headers/nonce.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import { kNonces, kPolicy, kWritten, noncesOf, policyOf, settle, unsettle, type ReplyState, type RequestLike } from '../../../lib/headers/reply-state.ts'
import { MemoryTarget } from './memory-target.ts'

const HTML = { 'content-type': 'text/html' }
const POLICY = 'content-security-policy'
const LATE = { code: 'BULWARK_ERR_HEADERS_NONCE_LATE' }
const generate = pooledNonces()
const planner = new Planner({})

interface FakeRequest extends RequestLike, ReplyState {
  readonly logged: Array<readonly [detail: object, message: string]>
}

/** `isDecorated` is false for a request whose fields were fixed before the plugin was there. */
function requestOf (protocol: string = 'http', isDecorated: boolean = true): FakeRequest {
  const logged: FakeRequest['logged'] = []
  const log = { error: (detail: object, message: string): void => { logged.push([detail, message]) } }
  return { protocol, logged, log, ...isDecorated ? { [kNonces]: null, [kPolicy]: null, [kWritten]: null } : {} }
}

for (const isDecorated of [true, false]) {
  const on = isDecorated ? 'a request with its fields' : 'a request without its fields'

  t.test(`nonces and additions are made at the first call, once: ${on}`, async (t) => {
    const request = requestOf('http', isDecorated)
    const nonces = noncesOf(request, generate, false)
    t.equal(noncesOf(request, generate, false), nonces)
    t.equal(nonces.closed, false)
    const policy = policyOf(request)
    t.equal(policyOf(request), policy)
    t.equal(policy.closed, false)
    t.equal(requestOf('http', isDecorated)[kNonces] ?? null, null, 'each request has its own')
  })

  t.test(`a reply that asked for nothing gets the headers of its route: ${on}`, async (t) => {
    const request = requestOf('http', isDecorated)
    const target = new MemoryTarget(HTML)
    settle(request, target, planner, planner.plan)
    t.equal(request[kWritten], planner.plan.document.http.pairs)
    t.same(Object.fromEntries(target.headers), { ...HTML, ...Object.fromEntries(planner.plan.document.http.pairs) })
    t.same(request.logged, [])
  })

  t.test(`once written, nonces and policy are closed, whenever they were asked for: ${on}`, async (t) => {
    const before = requestOf('http', isDecorated)
    const { script } = noncesOf(before, generate, true)
    policyOf(before)
    settle(before, new MemoryTarget(HTML), planner, planner.plan)
    const after = requestOf('http', isDecorated)
    settle(after, new MemoryTarget(HTML), planner, planner.plan)
    t.equal(noncesOf(before, generate, true).script, script, 'what was read can be read again')
    for (const request of [before, after]) {
      t.throws(() => noncesOf(request, generate, true).style, LATE)
      t.throws(() => policyOf(request).append('img-src', 'a.test'), { code: 'BULWARK_ERR_HEADERS_SENT' })
    }
  })

  t.test(`what was written is taken back for an error, and both open again: ${on}`, async (t) => {
    const request = requestOf('http', isDecorated)
    const target = new MemoryTarget(HTML)
    noncesOf(request, generate, true)
    policyOf(request)
    settle(request, target, planner, planner.plan)
    unsettle(request, target)
    t.same(Object.fromEntries(target.headers), HTML)
    t.equal(request[kWritten], null)
    t.ok(noncesOf(request, generate, true).script)
    policyOf(request).append('img-src', 'a.test')
    settle(request, target, planner, planner.plan)
    t.match(target.getHeader(POLICY), 'a.test')
  })

  t.test(`where nothing was written, nothing is taken back: ${on}`, async (t) => {
    const request = requestOf('http', isDecorated)
    const target = new MemoryTarget({ 'x-frame-options': 'DENY' })
    unsettle(request, target)
    t.same(Object.fromEntries(target.headers), { 'x-frame-options': 'DENY' })
  })
}

t.test('a used nonce is in the headers that are written', async (t) => {
  const request = requestOf()
  const { script } = noncesOf(request, generate, false)
  const target = new MemoryTarget(HTML)
  settle(request, target, planner, planner.plan)
  t.match(target.getHeader(POLICY), `'nonce-${script}'`)
})

t.test('https has its own headers, where they differ', async (t) => {
  const target = new MemoryTarget(HTML)
  settle(requestOf('https'), target, planner, planner.plan)
  t.ok(target.hasHeader('strict-transport-security'))
  const same = new Planner({ strictTransportSecurity: false, contentSecurityPolicy: { remove: { upgradeInsecureRequests: true } } })
  const request = requestOf('https')
  settle(request, new MemoryTarget(HTML), same, same.plan)
  t.equal(request[kWritten], same.plan.document.http.pairs)
})

t.test('what the reply added is in its policy, and in no other reply\'s', async (t) => {
  const request = requestOf()
  policyOf(request).append('form-action', 'https://id.test')
  const target = new MemoryTarget(HTML)
  settle(request, target, planner, planner.plan)
  t.match(target.getHeader(POLICY), "form-action 'self' https://id.test;")
  const other = new MemoryTarget(HTML)
  settle(requestOf(), other, planner, planner.plan)
  t.notMatch(other.getHeader(POLICY), 'id.test')
})

t.test('a route without headers has none, whatever its reply added', async (t) => {
  const request = requestOf('https')
  policyOf(request).append('form-action', 'https://id.test')
  const target = new MemoryTarget(HTML)
  settle(request, target, planner, planner.planOf(false))
  t.same(Object.fromEntries(target.headers), HTML)
})

t.test('what does not go with a nonce is logged by its code', async (t) => {
  const request = requestOf()
  t.ok(noncesOf(request, generate, false).script)
  settle(request, new MemoryTarget({ ...HTML, 'cache-control': 'public' }), planner, planner.planOf(false))
  t.same(request.logged, (['BULWARK_ERR_HEADERS_NONCE_SHARED', 'BULWARK_ERR_HEADERS_NONCE_UNPLACED'] as const).map((code) => [{ code }, ERRORS[code].summary]))
})
