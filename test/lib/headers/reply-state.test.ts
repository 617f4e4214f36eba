import t from 'tap'
import { Planner } from '../../../lib/headers/planner.ts'
import { kNonces, kPolicy, kWritten, noncesOf, policyOf, settle, unsettle, type ReplyState, type RequestLike } from '../../../lib/headers/reply-state.ts'
import { MemoryTarget } from './memory-target.ts'

const NONCE = 'a-nonce-of-22-letters-'
const planner = new Planner({})

function request (protocol = 'http'): RequestLike & ReplyState & { logged: unknown[] } {
  const logged: unknown[] = []
  return { protocol, logged, log: { error: (...entry) => { logged.push(entry) } }, [kNonces]: null, [kPolicy]: null, [kWritten]: null }
}

function page (): MemoryTarget {
  return new MemoryTarget({ 'content-type': 'text/html' })
}

t.test('nonces and additions are made once', async (t) => {
  const state = request()
  t.equal(noncesOf(state, () => NONCE, false), noncesOf(state, () => NONCE, false))
  t.equal(policyOf(state), policyOf(state))
})

t.test('a request of a scope that was there before the plugin has no fields yet, and gets them', async (t) => {
  const bare: ReplyState = {}
  t.equal(noncesOf(bare, () => NONCE, false).script, NONCE)
  t.ok(policyOf(bare))
  unsettle(bare, page())
})

t.test('what is asked for in time is in the headers', async (t) => {
  const state = request('https')
  const target = page()
  t.equal(noncesOf(state, () => NONCE, false).script, NONCE)
  policyOf(state).append('form-action', 'https://idp.test')
  settle(state, target, planner, planner.plan)
  t.match(target.getHeader('content-security-policy'), NONCE)
  t.match(target.getHeader('content-security-policy'), "form-action 'self' https://idp.test")
  t.ok(target.hasHeader('strict-transport-security'))
})

t.test('what is asked for too late is refused, whether asked for before or not', async (t) => {
  for (const early of [false, true]) {
    const state = request()
    if (early) {
      noncesOf(state, () => NONCE, false)
      policyOf(state)
    }
    settle(state, page(), planner, planner.plan)
    t.throws(() => noncesOf(state, () => NONCE, false).script, { code: 'BULWARK_ERR_HEADERS_NONCE_LATE' })
    t.throws(() => policyOf(state).append('img-src', 'data:'), { code: 'BULWARK_ERR_HEADERS_SENT' })
  }
})

t.test('after an error everything is open again, and what was written is gone', async (t) => {
  const state = request()
  const target = page()
  noncesOf(state, () => NONCE, false)
  policyOf(state)
  settle(state, target, planner, planner.plan)
  unsettle(state, target)
  t.same([...target.headers.keys()], ['content-type'])
  t.equal(noncesOf(state, () => NONCE, false).script, NONCE)
  t.ok(policyOf(state).append('img-src', 'data:'))
})

t.test('what a nonce does not go with is logged with its code', async (t) => {
  const state = request()
  const target = page()
  target.header('cache-control', 'public')
  t.ok(noncesOf(state, () => NONCE, false).script)
  settle(state, target, planner, planner.plan)
  t.match(state.logged, [[{ code: 'BULWARK_ERR_HEADERS_NONCE_SHARED' }, /shared caches/]])
})
