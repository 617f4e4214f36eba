import t from 'tap'
import { generateKey } from '../../../lib/keys.ts'
import { Session } from '../../../lib/session/session.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { FaultyStore } from './faulty-store.ts'
import { Clock, Reply, settingOf, type Setting } from './fixture.ts'

async function login (setting: Setting): Promise<string> {
  const state = setting.open()
  await new Session(state).login('42')
  const reply = new Reply()
  state.settle(reply)
  return reply.cookie!
}

function settle (setting: Setting, cookie?: string, touch = true): Reply {
  const state = setting.open(cookie)
  if (touch) state.touch()
  const reply = new Reply()
  state.settle(reply)
  return reply
}

t.test('a session that is not asked for leaves no trace', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  t.equal(settle(setting, cookie, false).values.size, 0)
  t.same(Object.fromEntries(settle(setting, cookie).values), { 'cache-control': 'no-store', vary: 'Cookie' })
})

t.test('a bad cookie is told, cleared, and there is no session', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  const other = await login(await settingOf({ keys: [generateKey()] }))
  const odd = setting.scope.context.sealer.seal({ v: 1 })
  const ahead = setting.scope.context.sealer.seal({ ...setting.open(cookie).envelope!, iat: setting.clock.time + 61_000 })
  const cases: Array<readonly [what: string, cookie: string, reason: string]> = [
    ['malformed', '__Host-session=a', 'malformed'], ['empty', '__Host-session=', 'malformed'], ['of other keys', other, 'forged'], ['of an odd payload', `__Host-session=${odd}`, 'payload'],
    ['there twice', `${cookie}; ${cookie}`, 'repeated'], ['from the future', `__Host-session=${ahead}`, 'future']
  ]
  for (const [what, given, reason] of cases) {
    t.equal(setting.open(given).envelope, undefined, what)
    t.match(setting.events.at(-1), { name: 'session_cookie_refused', reason }, what)
    t.match(settle(setting, given).cookies, [/^__Host-session=; Max-Age=0/], what)
  }
})

t.test('ASVS 7.3.1: the idle limit ends it, and a use is noted now and then', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  setting.clock.pass(179)
  t.same(settle(setting, cookie).cookies, [], 'not at every use')
  setting.clock.pass(1)
  const later = settle(setting, cookie)
  t.equal(later.cookies.length, 1)
  setting.clock.pass(1700)
  t.same(setting.open(later.cookie).envelope?.uid, '42')
  t.equal(setting.open(cookie).envelope, undefined)
  t.match(setting.events.at(-1), { name: 'session_expired', reason: 'idle' })
})

t.test('ASVS 7.3.2: the absolute limit ends a session that is used every minute', async (t) => {
  const setting = await settingOf({ absolute: 3600 })
  let cookie = await login(setting)
  let minutes = 0
  for (; minutes < 100; minutes++) {
    const state = setting.open(cookie)
    if (state.envelope === undefined) break
    state.touch()
    new Session(state).set('minute', minutes)
    const reply = new Reply()
    state.settle(reply)
    cookie = reply.cookie!
    setting.clock.pass(60)
  }
  t.equal(minutes, 60)
  t.match(setting.events.at(-1), { name: 'session_expired', reason: 'absolute' })
})

t.test('a clock that is set back', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  setting.clock.pass(-59)
  t.equal(setting.open(cookie).envelope?.uid, '42', 'a little')
  setting.clock.pass(-2)
  t.equal(setting.open(cookie).envelope, undefined, 'too far')
  setting.clock.pass(61)
  t.equal(setting.open(cookie).envelope?.uid, '42', 'and forward again')
})

t.test('a request that is late does not bring the dead session back', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  const late = setting.open(cookie)
  new Session(late).set('a', 1)
  await new Session(setting.open(cookie)).logout()
  const reply = new Reply()
  late.settle(reply)
  t.same(reply.cookies, [], 'the cookie of the browser is left as the logout made it')
})

t.test('a request that is late does not take the new session away', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  const state = setting.open(cookie)
  await new Session(state).rotate()
  const reply = new Reply()
  state.settle(reply)
  const late = setting.open(cookie)
  t.equal(late.envelope, undefined)
  t.match(setting.events.at(-1), { name: 'session_use_after_expire', reason: 'superseded' })
  late.touch()
  new Session(late).set('a', 1)
  const lateReply = new Reply()
  late.settle(lateReply)
  t.same(lateReply.cookies, [], 'nothing is cleared and nothing written')
  const double = setting.open(cookie)
  await new Session(double).login('42')
  const doubleReply = new Reply()
  double.settle(doubleReply)
  t.equal(doubleReply.cookies.length, 1, 'but a login is')
  setting.clock.pass(60)
  t.match(settle(setting, cookie).cookies, [/Max-Age=0/], 'a minute later it is a dead cookie like any other')
})

t.test('asked for only after its reply was settled', async (t) => {
  const setting = await settingOf()
  const cookie = await login(setting)
  const reply = new Reply()
  const state = setting.open(cookie, reply)
  t.equal(reply.values.size, 0)
  state.touch()
  t.same(Object.fromEntries(reply.values), { 'cache-control': 'no-store', vary: 'Cookie' })
  new Session(state).set('a', 1)
  new Session(state).set('a', 2)
  t.equal(reply.cookies.length, 1, 'one cookie, the last')
  t.equal(new Session(setting.open(reply.cookie)).get('a'), 2)
})

t.test('what the application set stays', async (t) => {
  const setting = await settingOf()
  const state = setting.open()
  const reply = new Reply().header('set-cookie', 'own=1').header('vary', 'Accept')
  new Session(state).set('a', 1)
  state.settle(reply)
  reply.header('set-cookie', 'late=1')
  new Session(state).set('a', 2)
  t.match(reply.cookies, ['own=1', 'late=1', /^__Host-session=/])
  const stored = setting.open(reply.cookie)
  stored.isStored = true
  stored.touch()
  const kept = new Reply().header('cache-control', 'private, max-age=5')
  stored.settle(kept)
  t.equal(kept.getHeader('cache-control'), 'private, max-age=5')
  new Session(stored).flash('notice', 1)
  t.equal(kept.getHeader('cache-control'), 'no-store', 'nor one with a message')
  new Session(stored).set('b', 1)
  t.equal(kept.getHeader('cache-control'), 'no-store', 'a reply with a cookie is never kept')
})

t.test('what the store says', async (t) => {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const setting = await settingOf({ store }, clock)
  const cookie = await login(setting)
  const state = setting.open(cookie)
  t.equal(await state.verify(false), true)
  clock.pass(200)
  state.touch()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(store.countOf('seen'), 1)
  await store.inner.revoke(state.envelope!.sid, clock.time + 1_000_000)
  t.equal(await state.verify(true), false)
  t.equal(state.envelope, undefined)
  t.match(setting.events.at(-1), { name: 'session_use_after_expire', reason: 'revoked' })
  const reply = new Reply()
  state.settle(reply)
  t.match(reply.cookies, [/Max-Age=0/])
  t.equal(await setting.open().verify(true), false)

  const anonymous = setting.open()
  new Session(anonymous).set('a', 1)
  t.equal(await anonymous.verify(false), false, 'nobody is signed in')
  t.ok(anonymous.envelope, 'and the session goes on')

  const long = setting.open(await login(setting))
  t.equal(await long.verify(false), true)
  clock.pass(1801)
  t.equal(await long.verify(false), false, 'a socket that outlives the session')
  const strict = setting.open(await login(setting))
  store.state = 'down'
  t.equal(await strict.verify(false), true)
  t.equal(await strict.verify(true), false)
  t.same([strict.isSuspended, strict.visible], [true, undefined])
  t.type(strict.envelope?.sid, 'string')
})

t.test('a store is not asked about what is not there', async (t) => {
  const setting = await settingOf({ store: memoryStore() })
  t.equal(setting.open('__Host-session=a').envelope, undefined)
  t.equal(await setting.open('a=b').verify(true), false)
})
