import t from 'tap'
import { closedPlan, SessionScope } from '../../../lib/session/scope.ts'
import { Session } from '../../../lib/session/session.ts'
import { plainPlan, planOf } from '../../../lib/session/settings.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { Clock, KEYS, Reply, settingOf } from './fixture.ts'

const serialize = (name: string): string => `${name}=`

t.test('keys of their own for each purpose and each name of a cookie', async (t) => {
  const keysOf = (options: object): string[] => new SessionScope({}, { keys: KEYS, ...options }).prepare(serialize).flatMap(({ key }) => key.map((key) => key.toString('hex')))
  const all = [...keysOf({}), ...keysOf({ cookie: { name: 'admin' } }), ...keysOf({ cookie: { domain: 'app.test' } })]
  t.equal(all.length, 12)
  t.equal(new Set(all).size, 12)
  t.notOk(all.includes(KEYS[0]), 'and never a master key')
  t.same(keysOf({}), keysOf({ idle: 60 }), 'the same again')
  t.same(new SessionScope({}, { keys: KEYS, absolute: 60 }).prepare(serialize).map(({ expiry }) => expiry), [3660, 3660], 'the codec never decides')
})

t.test('when the store must be asked', async (t) => {
  const alone = await settingOf()
  t.notOk(alone.scope.mustAsk('__Host-session=a'))
  const clock = new Clock()
  const { scope, open } = await settingOf({ store: memoryStore({ now: clock.now }) }, clock)
  t.notOk(scope.mustAsk(undefined))
  t.notOk(scope.mustAsk('a=b'))
  t.notOk(scope.mustAsk('__Host-session=a; __Host-session=b'), 'what is refused anyway')
  const state = open()
  await new Session(state).login('42')
  const reply = new Reply()
  state.settle(reply)
  t.ok(scope.mustAsk(reply.cookie))
  await scope.prove(open(reply.cookie), { cookie: reply.cookie }, plainPlan)
  t.notOk(scope.mustAsk(reply.cookie))
  clock.pass(5)
  t.ok(scope.mustAsk(reply.cookie))
})

t.test('a route whose setting is wrong is closed', async (t) => {
  const { scope } = await settingOf()
  const config = {}
  t.equal(scope.planFor(config, plainPlan), plainPlan)
  const lines: unknown[] = []
  scope.close(config, new Error('wrong'), { error: (detail) => lines.push(detail) })
  t.equal(scope.planFor(config, plainPlan), closedPlan)
  t.match(closedPlan, { requirement: {}, isStrict: true })
  t.equal(scope.planFor({}, plainPlan), plainPlan)
  t.equal(lines.length, 1)
})

t.test('who is refused, and why', async (t) => {
  const { scope, open, clock } = await settingOf({ loginPath: '/login' })
  const request = { method: 'GET', originalUrl: '/a', headers: { accept: 'text/html' } }
  t.equal(scope.refusalOf(open(), request, plainPlan), undefined)
  t.match(scope.refusalOf(open(), request, planOf({ login: true })), { kind: 'redirect', location: '/login?next=%2Fa' })
  const state = open()
  await new Session(state).login('42')
  t.equal(scope.refusalOf(state, request, planOf({ fresh: 60 })), undefined)
  clock.pass(61)
  t.match(scope.refusalOf(state, { ...request, headers: {} }, planOf({ fresh: 60 })), { body: { code: 'BULWARK_ERR_SESSION_FRESH_REQUIRED' } })
  state.isSuspended = true
  t.match(scope.refusalOf(state, request, planOf({ login: true })), { body: { code: 'BULWARK_ERR_SESSION_STORE_DOWN' }, status: 503 })
})

t.test('ASVS 7.1.1, 7.1.2: at start the operator is told what holds, and what to know', async (t) => {
  const warningsOf = async (options: object): Promise<string[]> => {
    const { scope, lines } = await settingOf(options)
    scope.announce(false)
    return lines.filter(([level]) => level === 'warn').map(([, , message]) => message)
  }
  t.match(await warningsOf({}), [/^No store/])
  t.match(await warningsOf({ store: memoryStore(), cookie: { domain: 'app.test' } }), [/every subdomain/])
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { delete process.env['NODE_ENV'] })
  t.match(await warningsOf({ store: memoryStore() }), [/^The store forgets/, /trusts no proxy/])
  t.match(await warningsOf({ store: { ...memoryStore(), admit () {}, replace () {}, seen () {}, isRevoked () {}, revoke () {}, revokeUser () {}, list () {}, count () {}, purge () {}, isDurable: true } }), [/trusts no proxy/])

  for (const [options, store] of [[{}, 'none'], [{ store: memoryStore(), maxSessions: 3 }, 'memory'], [{ store: Object.assign(Object.create(memoryStore()), { isDurable: true }) }, 'durable']] as const) {
    const { scope, lines } = await settingOf(options)
    scope.announce(false)
    const [, detail] = lines.find(([level]) => level === 'debug')!
    t.match(detail, { policy: { cookie: '__Host-session=…; Path=/; HttpOnly; Secure; SameSite=Strict', idle: 1800, absolute: 43_200, keys: 2, store, maxSessions: store === 'memory' ? 3 : 'any number' } })
    for (const key of KEYS) t.notMatch(JSON.stringify(lines), key)
  }
})
