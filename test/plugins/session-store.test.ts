import t from 'tap'
import { requireLogin, type SessionEvent } from '../../plugins/session.ts'
import { FaultyStore } from '../lib/session/faulty-store.ts'
import { Clock, cookieOf } from '../lib/session/fixture.ts'
import { build, login } from './session-world.ts'

t.test('strict routes ask the store at every request; others rely on its answer for a while', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const app = await build(t, { store, now: clock.now })
  app.get('/strict', { config: { security: { session: { login: true, strict: true } } } }, async () => 'in')
  const cookie = await login(app)
  const status = async (url: string): Promise<number> => (await app.inject({ url, headers: { cookie } })).statusCode
  t.same([await status('/me'), await status('/strict')], [200, 200])
  // Another process ends it.
  const [{ sid } = { sid: '' }] = await store.inner.list('42')
  await store.inner.revoke(sid, clock.time + 100_000_000)
  t.equal(await status('/me'), 200, 'within cacheSeconds')
  t.equal(await status('/strict'), 401, 'at once')
  t.equal(await status('/me'), 401, 'and from then on everywhere in this process')
  const second = await build(t, { store, now: clock.now })
  const other = await login(second)
  const [{ sid: otherSid } = { sid: '' }] = await store.inner.list('42')
  t.equal((await second.inject({ url: '/me', headers: { cookie: other } })).statusCode, 200)
  await store.inner.revoke(otherSid, clock.time + 100_000_000)
  clock.pass(5)
  t.equal((await second.inject({ url: '/me', headers: { cookie: other } })).statusCode, 401, 'after cacheSeconds')
})

t.test('what is not asked of the store while nobody uses the session', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const app = await build(t, { store, now: clock.now })
  const cookie = await login(app)
  for (let turn = 0; turn < 50; turn++) await app.inject({ url: '/unused', headers: { cookie } })
  t.equal(store.countOf('isRevoked'), 1)
  await app.inject('/unused')
  await app.inject({ url: '/unused', headers: { cookie: 'other=1' } })
  t.equal(store.countOf('isRevoked'), 1)
})

t.test('the store is down', async (t) => {
  for (const onStoreError of ['allow', 'deny'] as const) {
    const clock = new Clock()
    const store = new FaultyStore(clock.now)
    const events: SessionEvent[] = []
    const app = await build(t, { store, onStoreError, storeTimeout: 0.05, now: clock.now, onEvent: (event) => events.push(event) })
    app.get('/strict', { config: { security: { session: { login: true, strict: true } } } }, async () => 'in')
    app.get('/api', { config: { security: { session: requireLogin } } }, async () => 'in')
    const cookie = await login(app)
    clock.pass(6)
    for (const state of ['down', 'hanging'] as const) {
      store.state = state
      const read = await app.inject({ url: '/read', headers: { cookie } })
      t.equal(read.statusCode, 200, 'no 5xx on reads')
      t.equal(read.json().user, onStoreError === 'allow' ? '42' : null)
      t.type(read.json().id, 'string')
      t.notOk('set-cookie' in read.headers, 'the cookie stays for later')
      const me = await app.inject({ url: '/api', headers: { cookie } })
      t.equal(me.statusCode, onStoreError === 'allow' ? 200 : 503)
      if (onStoreError === 'deny') t.equal(me.headers['retry-after'], '5')
      t.equal((await app.inject({ url: '/strict', headers: { cookie } })).statusCode, 503, 'strict is strict')
    }
    const gone = await app.inject({ method: 'POST', url: '/logout', headers: { cookie } })
    t.equal(gone.statusCode, 200)
    t.match(gone.headers['set-cookie'], /Max-Age=0/)
    t.same((await app.inject({ url: '/read', headers: { cookie } })).json(), { user: null, id: null }, 'it ended here at once')
    store.state = 'up'
    for (let attempt = 0; attempt < 200 && !events.some(({ name }) => name === 'session_revocation_done'); attempt++) await new Promise((resolve) => setTimeout(resolve, 50))
    const other = await build(t, { store, now: clock.now })
    t.equal((await other.inject({ url: '/me', headers: { cookie } })).statusCode, 401, 'and in another process when the store was back')
  }
})

t.test('two requests at once: the last write wins, and a logout is never lost', async (t) => {
  const app = await build(t)
  const gates: Array<() => void> = []
  app.get('/slow', async (request) => {
    request.session.set('a' as never, 1 as never)
    await new Promise<void>((resolve) => gates.push(resolve))
    return 'slow'
  })
  const cookie = await login(app)
  const slow = app.inject({ url: '/slow', headers: { cookie } })
  slow.then(() => {}, () => {})
  while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const write = await app.inject({ method: 'POST', url: '/write', headers: { cookie }, payload: { a: 2 } })
  await app.inject({ method: 'POST', url: '/logout', headers: { cookie } })
  gates[0]!()
  const late = await slow
  t.notOk('set-cookie' in late.headers, 'the late one does not bring it back')
  for (const dead of [cookie, cookieOf(write.headers['set-cookie'])!]) t.equal((await app.inject({ url: '/me', headers: { cookie: dead } })).statusCode, 401)
})
