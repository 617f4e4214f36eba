import t from 'tap'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'
import type { SessionRecord } from '../../../../lib/session/store.ts'

// What every store does is shown by the conformance kit, test/lib/session/conformance.test.ts. Here is what only this one has: bounds and a clock.

const HOUR = 3_600_000

/** A store whose clock is turned by hand. */
function setUp (options: Parameters<typeof memoryStore>[0] = {}) {
  const clock = { now: 1_000_000 }
  const store = memoryStore({ now: () => clock.now, ...options })
  let number = 0
  const record = (userId: string, fields: Partial<SessionRecord> = {}): SessionRecord => {
    const sid = fields.sid ?? `${userId}-${number++}`
    return { sid, userId, label: 'Firefox', createdAt: clock.now, lastSeenAt: clock.now, expiresAt: clock.now + HOUR, ...fields }
  }
  const admit = async (userId: string, fields?: Partial<SessionRecord>): Promise<SessionRecord> => {
    const admitted = record(userId, fields)
    await store.admit(admitted)
    return admitted
  }
  const isRevoked = ({ sid, userId, createdAt, series }: SessionRecord) => store.isRevoked({ sid, userId, issuedAt: createdAt, ...(series !== undefined && { series }) })
  const sids = async (userId: string): Promise<string[]> => (await store.list(userId)).map(({ sid }) => sid)
  return { clock, store, record, admit, isRevoked, sids }
}

t.test('it is not durable', async (t) => {
  t.equal(memoryStore().isDurable, false)
})

t.test('a wrong option is refused', async (t) => {
  const cases: [title: string, options: object, message: RegExp][] = [
    ['a bound of nothing', { maxSessions: 0 }, /^memoryStore\.maxSessions: expected an integer from 1 to 10000000, received the number 0\./],
    ['a bound without end', { maxRevocations: Infinity }, /^memoryStore\.maxRevocations: /],
    ['a bound as text', { maxSeries: '5' }, /^memoryStore\.maxSeries: .* received a string of length 1\./],
    ['a name that is misspelt', { maxSesions: 5 }, /Did you mean `maxSessions`\?/],
    ['a clock that is none', { now: 5 }, /^memoryStore\.now: expected a function/]
  ]
  for (const [title, options, message] of cases) t.throws(() => memoryStore(options), { code: 'BULWARK_ERR_SESSION_STORE_INVALID', message }, title)
})

t.test('a session that ended by its time is not listed, and its denial is forgotten', async (t) => {
  const { clock, store, admit, isRevoked, sids } = setUp()
  const record = await admit('u')
  const other = await admit('u', { expiresAt: clock.now + 2 * HOUR })
  await store.revoke(record.sid, record.expiresAt)
  clock.now += HOUR - 1
  t.equal(await isRevoked(record), true)
  clock.now += 1
  t.equal(await isRevoked(record), false, 'it has ended anyway')
  t.same(await sids('u'), [other.sid])
  clock.now += HOUR
  t.same(await sids('u'), [])
  t.equal(await store.count('u'), 0)
})

t.test('what has ended is forgotten without a call of purge', async (t) => {
  const { clock, admit, store, isRevoked } = setUp({ maxSessions: 2, maxRevocations: 2 })
  for (let index = 0; index < 50; index++) {
    const { sid, expiresAt } = await admit('u', { expiresAt: clock.now + 30_000 })
    await store.revoke(sid, expiresAt)
    const alive = await admit('other', { expiresAt: clock.now + 30_000 })
    clock.now += 30_001
    await admit('third', { expiresAt: clock.now + 1 })
    t.equal(await isRevoked(alive), false, 'the denials never came to their bound, which would have ended more')
  }
})

t.test('the list is full: the oldest session of the same user is no longer listed, and can still be ended', async (t) => {
  const { clock, store, admit, isRevoked, sids } = setUp({ maxSessions: 3 })
  const victim = await admit('victim')
  const first = await admit('attacker')
  for (let index = 0; index < 100; index++) {
    clock.now++
    await admit('attacker')
  }
  t.same(await sids('victim'), [victim.sid], 'nobody else is pushed out')
  t.equal((await sids('attacker')).length, 2)
  t.equal(await isRevoked(first), false, 'it goes on, unlisted')
  await store.revokeUser('attacker', { at: clock.now, until: clock.now + HOUR })
  t.equal(await isRevoked(first), true)
})

t.test('the list is full of other users: the oldest of all is no longer listed', async (t) => {
  const { store, admit, isRevoked, sids } = setUp({ maxSessions: 2 })
  const [a] = [await admit('a'), await admit('b'), await admit('c')]
  t.same([await store.count('a'), await store.count('b'), await store.count('c')], [0, 1, 1])
  await store.revoke(a!.sid, a!.expiresAt)
  t.equal(await isRevoked(a!), true, 'it is denied all the same')
  t.same(await sids('a'), [])
})

t.test('the denials are full of one user: they become a cut-off for that user, and nobody else is signed out', async (t) => {
  const { clock, store, admit, isRevoked } = setUp({ maxRevocations: 100 })
  const victim = await admit('victim')
  const bystander = await admit('bystander')
  await store.revoke(victim.sid, victim.expiresAt)
  const ended: SessionRecord[] = []
  for (let index = 0; index < 1000; index++) {
    clock.now++
    const record = await admit('attacker')
    await store.revoke(record.sid, record.expiresAt)
    ended.push(record)
  }
  clock.now++
  const late = await admit('attacker')
  t.equal(await isRevoked(victim), true, 'the logout of somebody else is in force')
  t.same(await Promise.all(ended.map(isRevoked)), ended.map(() => true), 'all of their own are')
  t.equal(await isRevoked(bystander), false)
  t.equal(await isRevoked(late), false, 'who signs in afterwards is signed in')
})

t.test('the denials are full and no user stands out: everyone has to sign in again', async (t) => {
  const { clock, store, admit, isRevoked } = setUp({ maxRevocations: 100 })
  const bystander = await admit('bystander')
  const device = { series: 'S'.repeat(22), userId: 'remembered', label: '' }
  await store.remember.create(device, { idleMs: HOUR, maxAgeMs: HOUR })
  const woken = await admit('remembered', { series: device.series })
  await store.remember.revoke(device.series)
  await store.revokeUser('everywhere', { at: clock.now, until: clock.now + 2 * HOUR })
  const ended: SessionRecord[] = []
  for (let index = 0; index < 200; index++) {
    clock.now++
    const record = await admit(`user-${index}`)
    await store.revoke(record.sid, record.expiresAt)
    ended.push(record)
  }
  t.same(await Promise.all(ended.map(isRevoked)), ended.map(() => true), 'no logout is forgotten')
  t.equal(await isRevoked(woken), true)
  t.equal(await store.isRevoked({ sid: 'x', userId: 'everywhere', issuedAt: 999_999 }), true)
  t.equal(await isRevoked(bystander), true, 'the price')
  t.same(await store.list('bystander'), [])
  clock.now++
  t.equal(await isRevoked(await admit('bystander')), false, 'and who signs in again is signed in')
  clock.now += 3 * HOUR
  t.equal(await store.isRevoked({ sid: 'x', userId: 'y', issuedAt: 1 }), false, 'it is forgotten when all would have ended')
})

t.test('remembered devices are full: the oldest of the same user has to sign in, and sessions made from it can be denied', async (t) => {
  const { clock, store } = setUp({ maxSeries: 2 })
  const terms = { idleMs: HOUR, maxAgeMs: 2 * HOUR }
  const rotate = (series: string) => store.remember.rotate(series, 0, { graceMs: 0, idleMs: HOUR })
  for (const [series, userId] of [['a', 'victim'], ['b', 'attacker'], ['c', 'attacker']] as const) await store.remember.create({ series, userId, label: '' }, terms)
  t.same(await Promise.all(['a', 'b', 'c'].map(async (series) => (await rotate(series)).kind)), ['ok', 'none', 'ok'])
  await store.remember.revoke('b')
  t.equal(await store.isRevoked({ sid: 'x', issuedAt: clock.now, series: 'b' }), true)
})

t.test('the series of a session is denied until the last session made from it has ended', async (t) => {
  const { clock, store, admit, isRevoked } = setUp()
  await store.remember.create({ series: 'a', userId: 'u', label: '' }, { idleMs: HOUR, maxAgeMs: HOUR })
  const before = await admit('u', { series: 'a', expiresAt: clock.now + 5 * HOUR })
  clock.now += HOUR
  t.same(await store.remember.rotate('a', 0, { graceMs: 0, idleMs: HOUR }), { kind: 'none' }, 'the device has ended by its time')
  t.equal(await isRevoked(before), false, 'the session has not')
  t.equal(await store.remember.revokeUser('u'), 0, 'no device was alive')
  t.equal(await isRevoked(before), true)
  const after = await admit('u', { series: 'a', expiresAt: clock.now + 9 * HOUR })
  clock.now += 8 * HOUR
  t.equal(await isRevoked(after), true, 'a session that was made at the same moment is denied as long')
})

t.test('what is listed is nobody else\'s object', async (t) => {
  const { store, record } = setUp()
  const mine = { ...record('u') }
  await store.admit(mine)
  mine.userId = 'other'
  const [listed] = await store.list('u')
  t.equal(listed?.userId, 'u')
  t.throws(() => { (listed as { userId: string }).userId = 'other' }, TypeError)
})

t.test('it keeps no process alive', async (t) => {
  const { length } = process.getActiveResourcesInfo()
  const store = memoryStore()
  await store.purge()
  t.equal(process.getActiveResourcesInfo().length, length)
})
