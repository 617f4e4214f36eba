import t from 'tap'
import { Authority, type AuthorityOptions } from '../../../lib/session/authority.ts'
import { SessionEvents, type SessionEvent } from '../../../lib/session/events.ts'
import type { RevocationQuery, SessionRecord } from '../../../lib/session/store.ts'
import { heapInUse } from '../../suite/heap.ts'
import { FaultyStore } from './faulty-store.ts'
import { Clock } from './fixture.ts'

const HOUR = 3_600_000
const silent = { debug () {}, info () {}, warn () {}, error () {} }

function setting (options: Partial<AuthorityOptions> & { withStore?: boolean } = {}) {
  const { withStore = true, ...others } = options
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const told: SessionEvent[] = []
  const events = new SessionEvents(Buffer.alloc(32, 'salt'), silent, (event) => told.push(event), clock.now)
  const make = (): Authority => new Authority({ store: withStore ? store : undefined, absolute: HOUR, timeout: 30, cache: 5000, onStoreError: 'allow', limit: undefined, events, now: clock.now, ...others })
  const record = (sid: string, userId = '42'): SessionRecord => ({ sid, userId, label: '', createdAt: clock.time, lastSeenAt: clock.time, expiresAt: clock.time + HOUR })
  const query = (sid: string, userId: string | undefined = '42'): RevocationQuery => ({ sid, issuedAt: clock.time, ...userId !== undefined && { userId } })
  return { clock, store, told, names: () => told.map(({ name }) => name), authority: make(), make, record, query }
}

t.test('ASVS 7.4.1: what ends here is denied here at once, in the store, and so in another process', async (t) => {
  const { authority, make, record, query } = setting()
  t.equal(await authority.admit(record('a')), 'ok')
  const other = make()
  t.equal(await other.verify(query('a'), 'nonce', false), 'live')
  t.ok(await authority.end(query('a')))
  t.ok(authority.isDenied(query('a')))
  t.equal(await authority.verify(query('a'), undefined, false), 'ended')
  t.notOk(other.isDenied(query('a')))
  t.equal(await other.verify(query('a'), 'nonce', false), 'ended')
  t.ok(other.isDenied(query('a')), 'what the store said is not asked again')
})

t.test('an answer is relied on for a while', async (t) => {
  const { authority, store, clock, query } = setting()
  t.notOk(authority.isRecent('n'))
  await authority.verify(query('a'), 'n', false)
  t.ok(authority.isRecent('n'))
  clock.pass(5)
  t.notOk(authority.isRecent('n'))
  await authority.verify(query('a'), undefined, false)
  await authority.verify({ sid: 'anonymous', issuedAt: clock.time }, 'm', false)
  t.ok(authority.isRecent('m'), 'one without a user as well')
  t.equal(store.countOf('isRevoked'), 2, 'although the store knows nothing of it')
  for (let index = 0; index < 10_001; index++) await authority.verify({ sid: 'anonymous', issuedAt: clock.time }, `n${index}`, false)
  t.notOk(authority.isRecent('m'), 'and the oldest is forgotten')
  const never = setting({ cache: 0 })
  await never.authority.verify(never.query('a'), 'n', false)
  t.notOk(never.authority.isRecent('n'))
})

t.test('no answer is relied on for longer because the clock was set back', async (t) => {
  const { authority, clock, query } = setting()
  await authority.verify(query('a'), 'n', false)
  t.ok(authority.isRecent('n'))
  clock.pass(-3600)
  t.notOk(authority.isRecent('n'))
})

t.test('an answer that is none is no answer', async (t) => {
  for (const [onStoreError, isStrict, expected] of [['allow', false, 'live'], ['allow', true, 'unknown'], ['deny', false, 'unknown']] as const) {
    const { authority, store, names, query, record } = setting({ onStoreError })
    for (const method of ['isRevoked', 'admit'] as const) store[method] = (async () => undefined) as never
    t.equal(await authority.verify(query('a'), 'n', isStrict), expected)
    t.notOk(authority.isRecent('n'))
    t.same(names(), ['session_store_down'])
    t.equal(await authority.admit(record('b')), onStoreError === 'deny' ? 'down' : 'ok')
    await authority.close()
  }
})

t.test('without an answer, the policy decides', async (t) => {
  for (const [onStoreError, isStrict, expected] of [['allow', false, 'live'], ['allow', true, 'unknown'], ['deny', false, 'unknown'], ['deny', true, 'unknown']] as const) {
    const { authority, store, names, query } = setting({ onStoreError })
    store.state = 'down'
    t.equal(await authority.verify(query('a'), 'n', isStrict), expected, `${onStoreError}${isStrict ? ', strict' : ''}`)
    t.notOk(authority.isRecent('n'), 'no answer is none to rely on')
    t.same(names(), ['session_store_down'])
    await authority.end(query('a'))
    t.equal(await authority.verify(query('a'), 'n', isStrict), 'ended', 'what ended here needs no store')
  }
})

t.test('a login', async (t) => {
  const { authority, store, told, query, record } = setting({ limit: { max: 1, policy: 'evict-oldest' } })
  await authority.admit(record('a'))
  await authority.admit(record('b'))
  t.ok(authority.isDenied(query('a')), 'the one that had to go is denied here')
  t.match(told, [{ name: 'session_expired', reason: 'evicted' }])
  store.state = 'down'
  t.equal(await authority.admit(record('c')), 'ok')
  t.equal(authority.owed, 1, 'it is listed later')
  store.state = 'up'
  await authority.read(async (store) => await store.count('42'))
  for (let turn = 0; turn < 20 && authority.owed > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.same((await store.list('42')).map(({ sid }) => sid), ['c'])

  const refusing = setting({ limit: { max: 1, policy: 'refuse' } })
  t.equal(await refusing.authority.admit(refusing.record('a')), 'ok')
  t.equal(await refusing.authority.admit(refusing.record('b')), 'refused')
  refusing.store.state = 'down'
  t.equal(await refusing.authority.admit(refusing.record('c')), 'down', 'nobody can count')
  const denying = setting({ onStoreError: 'deny' })
  denying.store.state = 'down'
  t.equal(await denying.authority.admit(denying.record('a')), 'down')
  const alone = setting({ withStore: false })
  t.equal(await alone.authority.admit(alone.record('a')), 'ok')
})

t.test('a session that ended before it could be listed is not listed', async (t) => {
  const { authority, store, query, record } = setting()
  store.state = 'down'
  await authority.admit(record('a'))
  await authority.end(query('a'))
  t.equal(authority.owed, 2)
  store.state = 'up'
  await authority.close()
  t.same(await store.list('42'), [])
  t.equal(await store.isRevoked(query('a')), true)
})

t.test('a logout while the store is down is in force when it is back', async (t) => {
  const { authority, make, store, names, query, record } = setting()
  await authority.admit(record('a'))
  await authority.admit(record('b'))
  store.state = 'hanging'
  t.ok(await authority.end(query('a')))
  t.equal(await authority.endUser('42'), 0)
  t.ok(authority.isDenied(query('b')))
  store.state = 'up'
  for (let attempt = 0; attempt < 200 && authority.owed > 0; attempt++) await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(await make().verify(query('a'), undefined, false), 'ended')
  t.equal(await make().verify(query('b'), undefined, false), 'ended')
  t.same(names(), ['session_store_down', 'session_revocation_pending', 'session_revocation_pending', 'session_store_up', 'session_revocation_done'])
})

t.test('what cannot even be noted for later is told', async (t) => {
  const { authority, store, clock, names, query } = setting()
  store.state = 'down'
  for (let index = 0; index < 10_000; index++) await authority.end({ sid: `s${index}`, userId: `u${index % 5000}`, issuedAt: clock.time })
  t.equal(await authority.end(query('last')), false)
  t.equal(await authority.endUser('42'), undefined)
  t.equal(await authority.replace(query('a'), { sid: 'b', userId: '42', label: '', createdAt: clock.time, lastSeenAt: clock.time, expiresAt: clock.time }), 'down')
  t.equal(authority.owed, 10_000)
  t.equal(names().at(-1), 'session_revocation_lost')
  t.ok(authority.isDenied(query('last')), 'here it ended all the same')
  await authority.close()
  t.equal(names().at(-1), 'session_revocation_lost')
})

t.test('a session goes on under another id', async (t) => {
  const { authority, clock, store, query, record } = setting()
  await authority.admit(record('a'))
  await authority.endUser('42', 'a')
  t.notOk(authority.isDenied(query('a')))
  t.equal(await authority.replace(query('a'), record('b')), 'ok')
  t.ok(authority.isDenied(query('a')))
  t.notOk(authority.isDenied(query('b')), 'with its exemption')
  t.ok(authority.isSuperseded('a'))
  clock.pass(60)
  t.notOk(authority.isSuperseded('a'), 'for a minute')
  t.same((await store.list('42')).map(({ sid }) => sid), ['b'])

  await authority.end(query('b'))
  t.equal(await authority.replace(query('b'), record('c')), 'ended')
  t.equal(await authority.verify(query('c'), undefined, false), 'ended', 'what ended does not go on')

  store.state = 'down'
  t.equal(await authority.replace(query('d'), record('e')), 'ok')
  t.equal(authority.owed > 0, true)
  const denying = setting({ onStoreError: 'deny' })
  denying.store.state = 'down'
  t.equal(await denying.authority.replace(denying.query('a'), denying.record('b')), 'down')
  t.notOk(denying.authority.isDenied(denying.query('a')), 'nothing has changed')
  const alone = setting({ withStore: false })
  t.equal(await alone.authority.replace(alone.query('a'), alone.record('b')), 'ok')
  t.ok(alone.authority.isDenied(alone.query('a')))
  t.equal(await alone.authority.verify(alone.query('b'), undefined, true), 'live', 'without a store there is nobody to ask')
  await authority.close()
})

t.test('a session of a remembered device goes on under another id as one of that device, and ends with it', async (t) => {
  const { authority, make, store, clock, query, record } = setting()
  const terms = { idleMs: HOUR, maxAgeMs: HOUR }
  await store.remember.create({ series: 'device', userId: '42', label: '' }, terms)
  await authority.admit({ ...record('a'), series: 'device' })
  t.equal(await authority.replace({ ...query('a'), series: 'device' }, { ...record('b'), series: 'device' }), 'ok')
  t.same((await store.list('42')).map(({ sid, series }) => [sid, series]), [['b', 'device']])
  await authority.end({ ...query('b'), series: 'device' })
  t.equal(await authority.replace({ ...query('b'), series: 'device' }, { ...record('c'), series: 'device' }), 'ended')
  t.equal(await make().verify({ ...query('c'), series: 'device' }, undefined, false), 'ended', 'what ended does not go on')

  store.state = 'down'
  await authority.admit({ ...record('d'), series: 'device' })
  await authority.admit({ ...record('e'), series: 'device' })
  await authority.end({ ...query('d'), series: 'device' })
  store.state = 'up'
  await authority.close()
  t.same((await store.list('42')).map(({ sid, series }) => [sid, series]), [['e', 'device']], 'what was owed is listed with its device')
  await store.remember.revoke('device')
  t.equal(await make().verify({ sid: 'e', userId: '42', issuedAt: clock.time, series: 'device' }, undefined, false), 'ended')
})

t.test('a login in the same millisecond as the end of all sessions lives', async (t) => {
  const { authority, clock, query } = setting({ withStore: false })
  t.equal(authority.earliest('42'), 0)
  t.equal(await authority.endUser('42'), 0)
  t.equal(authority.earliest('42'), clock.time + 1)
  t.ok(authority.isDenied(query('a')))
  t.notOk(authority.isDenied({ ...query('a'), issuedAt: authority.earliest('42') }))
  await authority.endUser('42')
  t.ok(authority.isDenied({ ...query('a'), issuedAt: clock.time + 1 }), 'and the next end of all ends it')
})

t.test('sessions without a user: strangers fill nothing', async (t) => {
  const { authority, store, clock } = setting()
  for (let index = 0; index < 10_001; index++) await authority.supersede({ sid: `s${index}`, issuedAt: clock.time })
  t.ok(authority.isDenied({ sid: 's10000', issuedAt: clock.time }))
  t.notOk(authority.isDenied({ sid: 's0', issuedAt: clock.time }), 'the oldest is forgotten')
  t.same(store.calls, [], 'and the store is not told')
})

t.test('the last use is noted, or not', async (t) => {
  const { authority, store, clock, record } = setting()
  await authority.admit(record('a'))
  clock.pass(10)
  authority.seen('a', clock.time)
  t.equal((await store.list('42'))[0]!.lastSeenAt, clock.time)
  store.state = 'down'
  authority.seen('a', clock.time)
  t.equal(await authority.read(async (store) => await store.list('42')), undefined)
  t.equal(authority.owed, 0)
  t.ok(authority.hasStore)
  t.notOk(setting({ withStore: false }).authority.hasStore)
})

t.test('once an hour, a login has the store forget what ended', async (t) => {
  const { authority, store, clock, record } = setting()
  await authority.admit(record('a'))
  t.equal(store.countOf('purge'), 0)
  clock.pass(3600)
  await authority.admit(record('b'))
  await authority.admit(record('c'))
  t.equal(store.countOf('purge'), 1)
})

t.test('what the store has is remembered here for a minute, what it has not until the session would have ended', async (t) => {
  const { authority, store, clock, query } = setting()
  const [confirmed, owed, user, owedUser] = [query('a'), query('b'), query('c', 'user'), query('d', 'other')]
  await authority.end(confirmed)
  await authority.endUser('user')
  store.state = 'down'
  await authority.end(owed)
  await authority.endUser('other')
  t.same([confirmed, owed, user, owedUser].map((one) => authority.isDenied(one)), [true, true, true, true])
  clock.pass(70)
  t.same([confirmed, owed, user, owedUser].map((one) => authority.isDenied(one)), [false, true, false, true])
  clock.pass(3600)
  t.same([owed, owedUser].map((one) => authority.isDenied(one)), [false, false])
  store.state = 'up'
  await authority.close()
  const alone = setting({ withStore: false })
  await alone.authority.end(alone.query('a'))
  const ended = alone.query('a')
  alone.clock.pass(3599)
  t.ok(alone.authority.isDenied(ended), 'without a store, until the end')
})

t.test('what is remembered of a cookie does not keep the whole header alive that it came in', async (t) => {
  const { authority, clock } = setting()
  const before = await heapInUse()
  for (let index = 0; index < 1000; index++) {
    // A piece of a text: V8 keeps the text as long as the piece.
    const header = `${index.toString().padStart(32, '0')}; other=${'x'.repeat(20_000)}`
    await authority.verify({ sid: 'anonymous', issuedAt: clock.time }, Buffer.from(header).toString().slice(0, 32), false)
  }
  t.ok(authority.isRecent('0'.repeat(32)))
  t.ok(await heapInUse() - before < 5_000_000, 'twenty megabytes of headers are gone')
})
