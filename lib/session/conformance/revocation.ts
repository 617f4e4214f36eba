import { deepEqual, equal, rejects } from 'node:assert/strict'
import { HOUR, LONG, admitted, eventually, isRevoked, newId, recordOf, remembered, sidsOf, type Check } from './fixtures.ts'

/** `revokeUser` twice, with `except` for session A or B; what became of A, B and another session, each issued at 50, 150 and 250. */
const CUT_OFFS: ReadonlyArray<readonly [title: string, calls: ReadonlyArray<readonly [at: number, except?: 'A' | 'B']>, A: string, B: string, other: string]> = [
  ['one call', [[100]], 'yes no no', 'yes no no', 'yes no no'],
  ['one call with an exemption', [[100, 'A']], 'no no no', 'yes no no', 'yes no no'],
  ['a later one without the exemption', [[100, 'A'], [200]], 'yes yes no', 'yes yes no', 'yes yes no'],
  ['an earlier one without the exemption', [[200, 'A'], [100]], 'yes no no', 'yes yes no', 'yes yes no'],
  ['a later one with another exemption', [[100, 'A'], [200, 'B']], 'yes yes no', 'yes no no', 'yes yes no'],
  ['an earlier one with another exemption', [[200, 'A'], [100, 'B']], 'yes no no', 'yes yes no', 'yes yes no'],
  ['the same exemption twice', [[100, 'A'], [200, 'A']], 'no no no', 'yes yes no', 'yes yes no'],
  ['the same exemption twice, in the other order', [[200, 'A'], [100, 'A']], 'no no no', 'yes yes no', 'yes yes no'],
  ['the same call twice', [[200, 'B'], [200, 'B']], 'yes yes no', 'no no no', 'yes yes no']
]

/** What has ended before its time: `revoke`, `revokeUser`, `isRevoked`, and how they meet the others. */
export const revocationChecks: readonly Check[] = [
  ['an id that nobody ended is not revoked', async (store) => {
    const [sid, userId, series] = [newId(), newId(), newId()]
    equal(await store.isRevoked({ sid, issuedAt: Date.now() }), false)
    equal(await store.isRevoked({ sid, userId, issuedAt: 0, series }), false)
  }],
  ['revoke denies an id and takes it off the list', async (store) => {
    const userId = newId()
    const [one, other] = await admitted(store, userId, 2)
    for (let time = 0; time < 2; time++) await store.revoke(one!.sid, one!.expiresAt)
    equal(await isRevoked(store, one!), true)
    equal(await store.isRevoked({ sid: one!.sid, issuedAt: Date.now() + HOUR }), true, 'whoever it is')
    equal(await isRevoked(store, other!), false)
    deepEqual(await sidsOf(store, userId), [other!.sid])
  }],
  ['revoke denies an id that is not listed', async (store) => {
    const sid = newId()
    await store.revoke(sid, Date.now() + HOUR)
    equal(await store.isRevoked({ sid, issuedAt: Date.now() }), true)
  }],
  ['a denial ends with its time, and not earlier because of a later call', async (store) => {
    const [short, long] = [newId(), newId()]
    await store.revoke(long, Date.now() + HOUR)
    await store.revoke(long, Date.now() + 30)
    await store.revoke(long, Date.now() - HOUR)
    await store.revoke(short, Date.now() + 30)
    await eventually('the denial ended', async () => !await store.isRevoked({ sid: short, issuedAt: 1 }))
    equal(await store.isRevoked({ sid: long, issuedAt: 1 }), true)
  }],
  ['a listed session is denied until its absolute end, however short a time was given', async (store) => {
    const [record] = await admitted(store, newId(), 1)
    await store.revoke(record!.sid, Date.now() - 1)
    equal(await isRevoked(store, record!), true)
  }],
  ['a denied id is not admitted again', async (store) => {
    const userId = newId()
    const [record] = await admitted(store, userId, 1)
    await store.revoke(record!.sid, record!.expiresAt)
    await store.admit(record!)
    await store.admit(record!, { max: 5, policy: 'evict-oldest' })
    equal(await isRevoked(store, record!), true)
    equal(await store.count(userId), 0)
    await store.seen(record!.sid, Date.now() + 5)
    equal(await store.count(userId), 0)
  }],
  ['an id that was ended does not go on under another: the request that replaces it came too late', async (store) => {
    const userId = newId()
    const [record] = await admitted(store, userId, 1)
    const next = { ...record!, sid: newId() }
    await store.revoke(record!.sid, record!.expiresAt)
    await store.replace(record!.sid, next)
    deepEqual([await isRevoked(store, record!), await isRevoked(store, next)], [true, true])
    equal(await store.count(userId), 0)
  }],
  ['to end an id ends what it went on under: the logout came too late', async (store) => {
    const userId = newId()
    const [first] = await admitted(store, userId, 1)
    const [second, third] = [{ ...first!, sid: newId() }, { ...first!, sid: newId() }]
    await store.replace(first!.sid, second)
    await store.replace(second.sid, third)
    await store.revoke(first!.sid, first!.expiresAt)
    equal(await isRevoked(store, third), true)
    equal(await store.count(userId), 0)
  }],
  ['an id that went on under another does not go on under a third when that has been ended', async (store) => {
    const userId = newId()
    const [first] = await admitted(store, userId, 1)
    const [second, third] = [{ ...first!, sid: newId() }, { ...first!, sid: newId() }]
    await store.replace(first!.sid, second)
    await store.revoke(second.sid, second.expiresAt)
    await store.replace(first!.sid, third)
    equal(await isRevoked(store, third), true)
    equal(await store.count(userId), 0)
  }],
  ['a time that is no whole number is rejected, and nothing is done by halves', async (store) => {
    const userId = newId()
    const [record] = await admitted(store, userId, 1)
    const series = await remembered(store, userId)
    const { sid } = record!
    const until = Date.now() + HOUR
    for (const wrong of [NaN, Infinity, 0.5]) {
      const calls: Array<() => Promise<unknown>> = [
        () => store.admit({ ...record!, sid: newId(), createdAt: wrong }), () => store.admit({ ...record!, sid: newId(), expiresAt: wrong }, { max: 1, policy: 'evict-oldest' }),
        () => store.replace(sid, { ...record!, sid: newId(), expiresAt: wrong }), () => store.seen(sid, wrong), () => store.revoke(sid, wrong),
        () => store.revokeUser(userId, { at: wrong, until }), () => store.revokeUser(userId, { at: Date.now(), until: wrong }),
        () => store.isRevoked({ sid, userId, issuedAt: wrong }), () => store.remember.create({ series: newId(), userId, label: '' }, { idleMs: wrong, maxAgeMs: HOUR }),
        () => store.remember.rotate(series, wrong, LONG), () => store.remember.rotate(series, 0, { ...LONG, graceMs: wrong })
      ]
      for (const call of calls) await rejects(call, Error)
    }
    deepEqual(await store.list(userId), [record])
    equal(await isRevoked(store, record!), false)
    equal((await store.remember.list(userId))[0]!.generation, 0)
  }],
  ['ids that replace each other in a circle end', async (store) => {
    const userId = newId()
    const [one, other] = await admitted(store, userId, 2)
    await store.replace(one!.sid, other!)
    await store.replace(other!.sid, one!)
    await store.replace(one!.sid, one!)
    await store.replace(one!.sid, recordOf(userId))
    await store.revoke(one!.sid, one!.expiresAt)
    deepEqual([await isRevoked(store, one!), await isRevoked(store, other!)], [true, true])
    const alone = recordOf(userId)
    await store.admit(alone)
    await store.replace(alone.sid, alone)
    equal(await isRevoked(store, alone), true, 'an id does not go on under itself')
  }],
  ['revokeUser ends the listed sessions of a user, and says how many', async (store) => {
    const [userId, other] = [newId(), newId()]
    const records = await admitted(store, userId, 3)
    await admitted(store, other, 1)
    const later = recordOf(userId, { createdAt: Date.now() + 60_000 })
    await store.admit(later)
    const terms = { at: records[2]!.createdAt, until: Date.now() + HOUR }
    equal(await store.revokeUser(userId, terms), 3)
    equal(await store.revokeUser(userId, terms), 0)
    deepEqual(await Promise.all(records.map((record) => isRevoked(store, record))), [true, true, true])
    deepEqual(await sidsOf(store, userId), [later.sid], 'what was issued later goes on')
    equal(await store.count(other), 1)
  }],
  ['a listed session stays denied when the cut-off is forgotten before its end', async (store) => {
    const userId = newId()
    const [record] = await admitted(store, userId, 1)
    const until = Date.now() + 30
    await store.revokeUser(userId, { at: Date.now(), until })
    await eventually('the cut-off ended', async () => !await store.isRevoked({ sid: newId(), userId, issuedAt: 1 }))
    equal(await isRevoked(store, record!), true)
  }],
  ['revokeUser spares one session, under the id that it goes on under, too', async (store) => {
    const userId = newId()
    const [mine, other] = await admitted(store, userId, 2)
    const [second, third] = [{ ...mine!, sid: newId() }, { ...mine!, sid: newId() }]
    equal(await store.revokeUser(userId, { at: Date.now(), until: Date.now() + HOUR, except: mine!.sid }), 1)
    deepEqual([await isRevoked(store, mine!), await isRevoked(store, other!)], [false, true])
    await store.replace(mine!.sid, second)
    deepEqual([await isRevoked(store, mine!), await isRevoked(store, second)], [true, false])
    await store.replace(second.sid, third)
    deepEqual([await isRevoked(store, second), await isRevoked(store, third)], [true, false])
    deepEqual(await sidsOf(store, userId), [third.sid])
  }],
  ...CUT_OFFS.map(([title, calls, ...expected]): Check => [`the cut-off for sessions that are not listed: ${title}`, async (store) => {
    const userId = newId()
    const ids = { A: newId(), B: newId(), other: newId() }
    for (const [at, except] of calls) await store.revokeUser(userId, { at, until: Date.now() + HOUR, ...(except !== undefined && { except: ids[except] }) })
    for (const [index, sid] of Object.values(ids).entries()) {
      const answers = await Promise.all([50, 150, 250].map((issuedAt) => store.isRevoked({ sid, userId, issuedAt })))
      equal(answers.map((answer) => answer ? 'yes' : 'no').join(' '), expected[index], Object.keys(ids)[index])
    }
    equal(await store.isRevoked({ sid: ids.other, userId: newId(), issuedAt: 50 }), false, 'another user')
    equal(await store.isRevoked({ sid: ids.other, issuedAt: 50 }), false, 'a session of nobody')
  }]),
  ['the cut-off includes the moment itself', async (store) => {
    const [userId, sid] = [newId(), newId()]
    await store.revokeUser(userId, { at: 100, until: Date.now() + HOUR })
    deepEqual(await Promise.all([99, 100, 101].map((issuedAt) => store.isRevoked({ sid, userId, issuedAt }))), [true, true, false])
  }],
  ['the cut-off is kept until its time, and the longest time holds', async (store) => {
    const [short, long] = [newId(), newId()]
    const isCutOff = (userId: string): Promise<boolean> => store.isRevoked({ sid: newId(), userId, issuedAt: 1 })
    await store.revokeUser(long, { at: 5, until: Date.now() + HOUR })
    await store.revokeUser(long, { at: 6, until: Date.now() + 30 })
    await store.revokeUser(short, { at: 5, until: Date.now() + 30 })
    await eventually('the cut-off ended', async () => !await isCutOff(short))
    equal(await isCutOff(long), true)
  }],
  ['a session that was issued before the cut-off is not admitted', async (store) => {
    const userId = newId()
    const [late, replaced] = [recordOf(userId), recordOf(userId)]
    await store.revokeUser(userId, { at: late.createdAt + HOUR, until: Date.now() + 2 * HOUR })
    await store.admit(late)
    await store.replace(newId(), replaced)
    deepEqual([await isRevoked(store, late), await isRevoked(store, replaced)], [true, true])
    equal(await store.count(userId), 0)
  }],
  ['the sessions of a series are denied with it, and are not listed', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    const [woken, other] = [recordOf(userId, { series }), recordOf(userId)]
    for (const record of [woken, other]) await store.admit(record)
    await store.remember.revoke(series)
    deepEqual([await isRevoked(store, woken), await isRevoked(store, other)], [true, false])
    deepEqual(await sidsOf(store, userId), [other.sid])
    equal(await store.count(userId), 1)
    equal(await store.revokeUser(userId, { at: Date.now() + 1, until: Date.now() + HOUR }), 1, 'a session that has ended is not ended again')
  }],
  ['to end a session does not end the series that it was made from', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    const record = recordOf(userId, { series })
    await store.admit(record)
    await store.revoke(record.sid, record.expiresAt)
    await store.revokeUser(userId, { at: Date.now(), until: Date.now() + HOUR })
    equal((await store.remember.list(userId)).length, 1)
  }]
]
