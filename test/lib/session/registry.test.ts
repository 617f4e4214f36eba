import t from 'tap'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { FaultyStore } from './faulty-store.ts'
import { Clock, Reply, settingOf } from './fixture.ts'
import { Session } from '../../../lib/session/session.ts'

t.test('ASVS 7.5.2, 7.4.5: the sessions of a user are listed and ended', async (t) => {
  const clock = new Clock()
  const { scope, open, events } = await settingOf({ store: memoryStore({ now: clock.now }) }, clock)
  const { sessions } = scope
  const cookies: string[] = []
  for (const [userId, label] of [['42', 'one'], ['42', 'two'], ['42', 'three'], ['7', 'other']] as const) {
    clock.pass(1)
    const state = open()
    await new Session(state).login(userId, { label })
    const reply = new Reply()
    state.settle(reply)
    cookies.push(reply.cookie!)
  }
  const isAlive = (index: number): boolean => open(cookies[index]).envelope !== undefined
  const list = await sessions.list('42')
  t.same(list.map(({ label }) => label), ['three', 'two', 'one'])
  t.equal(await sessions.count('42'), 3)
  const [other] = await sessions.list('7')
  t.equal(await sessions.revoke(other!.sid, { userId: '42' }), false, 'one of another user is not ended')
  t.ok(isAlive(3))
  t.equal(await sessions.revoke(list[1]!.sid, { userId: '42' }), true)
  t.same([0, 1, 2, 3].map(isAlive), [true, false, true, true])
  t.equal(await sessions.revokeUser('42', { except: list[0]!.sid }), 1)
  t.same([0, 1, 2, 3].map(isAlive), [false, false, true, true])
  t.equal(await sessions.revoke(other!.sid), true, 'without a user, whoever it is')
  t.same([0, 1, 2, 3].map(isAlive), [false, false, true, false])
  t.equal(await sessions.revokeUser('42'), 1)
  t.same([0, 1, 2, 3].map(isAlive), [false, false, false, false])
  t.same(events.filter(({ name }) => name === 'session_expired').map(({ reason, count }) => [reason, count]), [['revoked', undefined], ['revoked-user', 1], ['revoked', undefined], ['revoked-user', 1]])
})

t.test('where no device is remembered, the list is that of the sessions', async (t) => {
  const clock = new Clock()
  const { scope: { sessions }, open } = await settingOf({ store: memoryStore({ now: clock.now }), remember: false }, clock)
  const state = open()
  await new Session(state).login('42', { label: 'one' })
  const reply = new Reply()
  state.settle(reply)
  const [row] = await sessions.list('42')
  t.match(row, { label: 'one', isLive: true, rememberedSince: undefined })
  t.equal(await sessions.revoke(row!.sid, { userId: '42' }), true)
  t.same(await sessions.list('42'), [])
  t.equal(open(reply.cookie).envelope, undefined)
})

t.test('without a store there is no list, and endings hold in this process', async (t) => {
  const { scope, open } = await settingOf()
  const state = open()
  await new Session(state).login('42')
  const reply = new Reply()
  state.settle(reply)
  for (const asked of [scope.sessions.list('42'), scope.sessions.count('42'), scope.sessions.revoke('a', { userId: '42' })]) await t.rejects(async () => await asked, { code: 'BULWARK_ERR_SESSION_STORE_MISSING' })
  t.equal(await scope.sessions.revokeUser('42'), 0)
  t.equal(open(reply.cookie).envelope, undefined)
})

t.test('a store that is down', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const { scope } = await settingOf({ store })
  store.state = 'down'
  await t.rejects(scope.sessions.list('42'), { code: 'BULWARK_ERR_SESSION_STORE_DOWN', statusCode: 503 })
  t.equal(await scope.sessions.revoke('a'), true, 'is told later')
  for (let index = 1; index < 10_000; index++) await scope.sessions.revoke(`s${index}`)
  await t.rejects(scope.sessions.revoke('b'), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
  await t.rejects(scope.sessions.revokeUser('42'), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
  await scope.context.authority.close()
})

t.test('a store that answers nonsense is one that is down', async (t) => {
  const clock = new Clock()
  for (const answer of [undefined, null, 'QUEUED', {}]) {
    const store = new FaultyStore(clock.now)
    for (const method of ['list', 'count'] as const) store[method] = (async () => answer) as never
    const { sessions } = (await settingOf({ store }, clock)).scope
    await t.rejects(sessions.list('42'), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
    await t.rejects(sessions.count('42'), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
  }
})
