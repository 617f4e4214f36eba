import t, { type Test } from 'tap'
import { Session } from '../../../lib/session/session.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { FaultyStore } from './faulty-store.ts'
import { Clock, Reply } from './fixture.ts'
import { browserOf, seen } from './session-browser.ts'

t.test('after the headers have left, changes are refused and a logout still counts', async (t) => {
  const browser = await browserOf()
  const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
  const state = browser.open(cookie)
  const session = new Session(state)
  const reply = new Reply()
  state.settle(reply)
  session.set('in', 'time')
  t.equal(reply.cookies.length, 1, 'before they leave, what is late is written at once')
  reply.raw.headersSent = true
  for (const change of [() => session.set('a', 1), () => session.update(() => ({})), () => session.flash('a', 1), async () => await session.login('7'), async () => await session.rotate(), async () => await session.reauthenticate()]) {
    await t.rejects(async () => await change(), { code: 'BULWARK_ERR_SESSION_LATE' })
  }
  t.equal(session.get('in'), 'time')
  await session.logout()
  t.equal((await seen(browser, cookie)).userId, undefined)
})

t.test('a session that nobody can verify shows nothing and keeps everything', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const browser = await browserOf({ store, onStoreError: 'deny' }, clock)
  const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
  store.state = 'down'
  const after = await browser.visit(cookie, async (session, state) => {
    t.equal(await session.verify(), false)
    t.type(session.id, 'string')
    t.same([session.userId, session.entries(), session.isFresh], [undefined, [], false])
    for (const change of [() => session.set('a', 1), async () => await session.rotate(), async () => await session.reauthenticate(), async () => await session.login('7')]) {
      await t.rejects(async () => await change(), { code: 'BULWARK_ERR_SESSION_STORE_DOWN', statusCode: 503 })
    }
    t.ok(state.isSuspended)
  })
  t.same(after.reply.cookies, [])
  store.state = 'up'
  await browser.visit(cookie, async (session) => t.equal(await session.verify(), true))
  store.state = 'down'
  await browser.visit(cookie, async (session) => {
    await session.verify()
    await session.logout()
  })
  t.equal((await seen(browser, cookie)).userId, undefined, 'it can be ended all the same')
  await browser.visit(undefined, async (session) => t.equal(await session.verify(), false, 'nobody is nobody'))
  await browser.scope.context.authority.close()
})

t.test('a store that is down at a rotation, and one that has no room for a logout', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const browser = await browserOf({ store, onStoreError: 'deny' }, clock)
  const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
  const same = await browser.visit(cookie, async (session) => {
    store.state = 'down'
    await t.rejects(session.rotate(), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
  })
  t.equal(same.cookie, cookie)
  for (let index = 0; index < 10_000; index++) await browser.scope.sessions.revoke(`s${index}`)
  const after = await browser.visit(cookie, async (session) => { await t.rejects(session.logout({ everywhere: true }), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' }) })
  t.equal(after.cookie, undefined, 'the browser has forgotten it all the same')
  t.equal((await seen(browser, cookie)).userId, undefined)
  await browser.scope.context.authority.close()
})

t.test('in one request, a logout beats a rotation that is under way', async (t: Test) => {
  const clock = new Clock()
  const browser = await browserOf({ store: memoryStore({ now: clock.now }) }, clock)
  for (const name of ['rotate', 'reauthenticate'] as const) {
    const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
    const after = await browser.visit(cookie, async (session) => {
      const change = session[name]()
      await session.logout()
      await t.rejects(change, { code: 'BULWARK_ERR_SESSION_LOGIN_REQUIRED' })
      t.equal(session.userId, undefined)
    })
    t.equal(after.cookie, undefined)
    t.same(await browser.scope.sessions.list('42'), [])
  }
  const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
  await browser.visit(cookie, async (session) => {
    await browser.scope.sessions.revokeUser('42')
    await t.rejects(session.rotate(), { code: 'BULWARK_ERR_SESSION_LOGIN_REQUIRED' }, 'and so does an end by somebody else')
  })
  t.same(await browser.scope.sessions.list('42'), [])
})
