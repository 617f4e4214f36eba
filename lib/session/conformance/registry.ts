import { deepEqual, equal, ok } from 'node:assert/strict'
import { HOSTILE, HOUR, admitted, eventually, isRevoked, newId, recordOf, remembered, sidsOf, type Check } from './fixtures.ts'

/** The sessions of users: `admit`, `replace`, `seen`, `list`, `count`, `purge`. */
export const registryChecks: readonly Check[] = [
  ['isDurable is true or false', async ({ isDurable }) => {
    equal(typeof isDurable, 'boolean')
  }],
  ['a session is listed as it was admitted', async (store) => {
    const userId = newId()
    const plain = recordOf(userId, { label: 'x'.repeat(200) })
    const woken = recordOf(userId, { createdAt: plain.createdAt - 1, lastSeenAt: plain.createdAt + 5, series: newId() })
    deepEqual(await store.admit(plain), { ok: true, evicted: [] })
    deepEqual(await store.admit(woken), { ok: true, evicted: [] })
    deepEqual(await store.list(userId), [plain, woken])
    equal(await store.count(userId), 2)
    equal(await isRevoked(store, plain), false)
  }],
  ['the latest login is listed first', async (store) => {
    const userId = newId()
    const records = await admitted(store, userId, 3)
    await store.admit(recordOf(userId, { sid: 'earliest' + userId, createdAt: 1, lastSeenAt: 1 }))
    deepEqual(await sidsOf(store, userId), [records[2]!.sid, records[1]!.sid, records[0]!.sid, 'earliest' + userId])
  }],
  ['nobody is listed who was never admitted', async (store) => {
    const userId = newId()
    deepEqual(await store.list(userId), [])
    equal(await store.count(userId), 0)
  }],
  ['to admit a session again adds none and ends none', async (store) => {
    for (const policy of ['evict-oldest', 'refuse'] as const) {
      const userId = newId()
      const record = recordOf(userId)
      for (let time = 0; time < 3; time++) deepEqual(await store.admit(record, { max: 1, policy }), { ok: true, evicted: [] })
      deepEqual(await store.list(userId), [record])
    }
  }],
  ['evict-oldest ends the oldest sessions when there would be more than max', async (store) => {
    const userId = newId()
    const [first, second, third] = await admitted(store, userId, 3)
    const fourth = recordOf(userId)
    deepEqual(await store.admit(fourth, { max: 3, policy: 'evict-oldest' }), { ok: true, evicted: [first!.sid] })
    deepEqual(await sidsOf(store, userId), [fourth, third!, second!].map(({ sid }) => sid))
    equal(await isRevoked(store, first!), true)
    const fifth = recordOf(userId, { createdAt: fourth.createdAt + 1 })
    const admission = await store.admit(fifth, { max: 1, policy: 'evict-oldest' })
    ok(admission.ok)
    deepEqual([...admission.evicted].sort(), [second!, third!, fourth].map(({ sid }) => sid).sort(), 'a limit that was lowered')
    deepEqual(await sidsOf(store, userId), [fifth.sid])
  }],
  ['evict-oldest never ends the session that it admits', async (store) => {
    const userId = newId()
    const [other] = await admitted(store, userId, 1)
    const behind = recordOf(userId, { createdAt: 1 })
    deepEqual(await store.admit(behind, { max: 1, policy: 'evict-oldest' }), { ok: true, evicted: [other!.sid] })
    deepEqual(await sidsOf(store, userId), [behind.sid])
  }],
  ['refuse admits no more than max, and ends none', async (store) => {
    const userId = newId()
    const records = await admitted(store, userId, 2)
    const refused = recordOf(userId)
    deepEqual(await store.admit(refused, { max: 2, policy: 'refuse' }), { ok: false })
    equal(await store.count(userId), 2)
    equal(await isRevoked(store, refused), false)
    await store.revoke(records[0]!.sid, records[0]!.expiresAt)
    deepEqual(await store.admit(refused, { max: 2, policy: 'refuse' }), { ok: true, evicted: [] })
    deepEqual(await sidsOf(store, userId), [refused.sid, records[1]!.sid])
  }],
  ['a limit is one of each user', async (store) => {
    const [one, other] = [newId(), newId()]
    await admitted(store, one, 2)
    deepEqual(await store.admit(recordOf(other), { max: 1, policy: 'refuse' }), { ok: true, evicted: [] })
    equal(await store.count(one), 2)
  }],
  ['what has ended does not count against a limit', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    await store.admit(recordOf(userId, { series }))
    await store.remember.revoke(series)
    const [revoked] = await admitted(store, userId, 1)
    await store.revoke(revoked!.sid, revoked!.expiresAt)
    await store.admit(recordOf(userId, { expiresAt: Date.now() + 50 }))
    await eventually('its end came', async () => await store.count(userId) === 0)
    deepEqual(await store.admit(recordOf(userId), { max: 1, policy: 'refuse' }), { ok: true, evicted: [] })
  }],
  ['a session that has ended by its time is not listed and not counted', async (store) => {
    const userId = newId()
    const lasting = recordOf(userId)
    await store.admit(lasting)
    await store.admit(recordOf(userId, { expiresAt: Date.now() + 50 }))
    await store.admit(recordOf(userId, { expiresAt: Date.now() - 50 }))
    await eventually('its end came', async () => await store.count(userId) === 1)
    deepEqual(await store.list(userId), [lasting])
  }],
  ['replace denies the old id and puts the new one in its place', async (store) => {
    const userId = newId()
    const [first, second] = await admitted(store, userId, 2)
    const next = { ...first!, sid: newId(), lastSeenAt: Date.now() }
    await store.replace(first!.sid, next)
    deepEqual(await store.list(userId), [second, next])
    equal(await isRevoked(store, first!), true)
    equal(await isRevoked(store, next), false)
    const last = { ...next, sid: newId() }
    await store.replace(next.sid, last)
    deepEqual(await sidsOf(store, userId), [second!.sid, last.sid])
    deepEqual([await isRevoked(store, first!), await isRevoked(store, next), await isRevoked(store, last)], [true, true, false])
  }],
  ['replace may be repeated', async (store) => {
    const userId = newId()
    const [first] = await admitted(store, userId, 1)
    const next = { ...first!, sid: newId() }
    for (let time = 0; time < 3; time++) await store.replace(first!.sid, next)
    deepEqual(await store.list(userId), [next])
    equal(await isRevoked(store, next), false)
  }],
  ['replace goes on with a session that was not listed', async (store) => {
    const userId = newId()
    const [oldSid, next] = [newId(), recordOf(userId)]
    await store.replace(oldSid, next)
    equal(await store.isRevoked({ sid: oldSid, userId, issuedAt: next.createdAt }), true)
    deepEqual(await store.list(userId), [next])
  }],
  ['two requests that replace the same id at once both go on', async (store) => {
    const userId = newId()
    const [first] = await admitted(store, userId, 1)
    const [one, other] = [{ ...first!, sid: newId() }, { ...first!, sid: newId() }]
    await store.replace(first!.sid, one)
    await store.replace(first!.sid, other)
    deepEqual([await isRevoked(store, one), await isRevoked(store, other)], [false, false])
    equal(await store.count(userId), 2)
  }],
  ['seen moves the last use forward, and never back', async (store) => {
    const userId = newId()
    const record = recordOf(userId)
    await store.admit(record)
    const lastSeenAt = async (): Promise<number> => (await store.list(userId))[0]!.lastSeenAt
    await store.seen(record.sid, record.lastSeenAt + 1000)
    equal(await lastSeenAt(), record.lastSeenAt + 1000)
    await store.seen(record.sid, record.lastSeenAt + 10)
    equal(await lastSeenAt(), record.lastSeenAt + 1000)
    deepEqual(await store.list(userId), [{ ...record, lastSeenAt: record.lastSeenAt + 1000 }])
  }],
  ['seen ignores an unknown id', async (store) => {
    const [userId, sid] = [newId(), newId()]
    await store.seen(sid, Date.now())
    equal(await store.isRevoked({ sid, issuedAt: Date.now() }), false)
    await admitted(store, userId, 1)
    await store.seen(sid, Date.now())
    equal(await store.count(userId), 1)
  }],
  ['purge forgets nothing that has not ended', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    const [denied, alive] = await admitted(store, userId, 2)
    await store.revoke(denied!.sid, denied!.expiresAt)
    await store.revokeUser(userId, { at: 1, until: Date.now() + HOUR })
    await store.purge()
    await store.purge()
    deepEqual(await store.list(userId), [alive])
    equal(await isRevoked(store, denied!), true)
    equal(await store.isRevoked({ sid: newId(), userId, issuedAt: 1 }), true)
    equal((await store.remember.list(userId))[0]!.series, series)
  }],
  ['any string is an id of a user and a label, and no two of them are the same', async (store) => {
    const suffix = newId()
    const users = HOSTILE.map((text) => suffix + text)
    for (const [index, userId] of users.entries()) await store.admit(recordOf(userId, { label: HOSTILE[index]!.slice(0, 200) }))
    for (const [index, userId] of users.entries()) {
      const records = await store.list(userId)
      deepEqual(records.map(({ userId, label }) => [userId, label]), [[userId, HOSTILE[index]!.slice(0, 200)]])
    }
    equal(await store.revokeUser(users[2]!, { at: Date.now(), until: Date.now() + HOUR }), 1)
    deepEqual(await Promise.all(users.map((userId) => store.count(userId))), users.map((_, index) => index === 2 ? 0 : 1))
    deepEqual(await Promise.all(users.map((userId) => store.isRevoked({ sid: suffix, userId, issuedAt: 1 }))), users.map((_, index) => index === 2))
  }]
]
