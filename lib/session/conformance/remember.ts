import { deepEqual, equal } from 'node:assert/strict'
import { FIRST_GENERATION } from '../remember-token.ts'
import type { Rotation } from '../store.ts'
import { HOSTILE, HOUR, LONG, eventually, inTime, isRevoked, moment, newId, recordOf, remembered, type Check } from './fixtures.ts'

const LABEL = 'Firefox on Linux'

function rotated (userId: string, generation: number, isRollback = false): Rotation {
  return { kind: 'ok', userId, label: LABEL, generation, isRollback }
}

/** Remembered devices. */
export const rememberChecks: readonly Check[] = [
  ['a device is listed as it was created, with times of the store', async ({ remember }) => {
    const [userId, series] = [newId(), newId()]
    await remember.create({ series, userId, label: 'x'.repeat(200) }, { idleMs: 1000_000, maxAgeMs: 2000_000 })
    const [device, ...others] = await remember.list(userId)
    const { createdAt, ...rest } = device!
    deepEqual(others, [])
    deepEqual(rest, {
      series, userId, label: 'x'.repeat(200), generation: FIRST_GENERATION, lastUsedAt: createdAt, idleUntil: createdAt + 1000_000, expiresAt: createdAt + 2000_000
    })
  }],
  ['the idle end is never after the absolute end', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId, { idleMs: 2 * HOUR, maxAgeMs: HOUR })
    const ends = async (): Promise<number> => {
      const [device] = await store.remember.list(userId)
      return device!.expiresAt - device!.idleUntil
    }
    equal(await ends(), 0)
    await store.remember.rotate(series, 0, { graceMs: 0, idleMs: 3 * HOUR })
    equal(await ends(), 0)
  }],
  ['to create a series again changes nothing', async ({ remember }) => {
    const [userId, series] = [newId(), newId()]
    await remember.create({ series, userId, label: LABEL }, LONG)
    await remember.rotate(series, 0, LONG)
    const before = await remember.list(userId)
    await remember.create({ series, userId: newId(), label: 'another' }, LONG)
    deepEqual(await remember.list(userId), before)
    deepEqual(await remember.rotate(series, 1, LONG), rotated(userId, 2))
  }],
  ['rotate gives the next generation, and the user from the store', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    for (let generation = 0; generation < 5; generation++) deepEqual(await store.remember.rotate(series, generation, LONG), rotated(userId, generation + 1))
    equal((await store.remember.list(userId))[0]!.generation, 5)
  }],
  ['rotate moves the last use and the idle end, and not the absolute end', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    const [before] = await store.remember.list(userId)
    await moment()
    await store.remember.rotate(series, 0, { graceMs: 0, idleMs: HOUR + 5 })
    const [after] = await store.remember.list(userId)
    equal(after!.lastUsedAt > before!.lastUsedAt, true)
    deepEqual(after, { ...before, generation: 1, lastUsedAt: after!.lastUsedAt, idleUntil: after!.lastUsedAt + HOUR + 5 })
  }],
  ['an answer was lost: within the grace the predecessor gets the same generation, however often', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    for (let time = 0; time < 5; time++) deepEqual(await store.remember.rotate(series, 0, LONG), rotated(userId, 1))
    deepEqual(await store.remember.rotate(series, 1, LONG), rotated(userId, 2))
    for (let time = 0; time < 2; time++) deepEqual(await store.remember.rotate(series, 1, LONG), rotated(userId, 2))
  }],
  ['the grace is counted from the rotation, and repeated calls do not prolong it', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    await store.remember.rotate(series, 0, LONG)
    for (let time = 0; time < 5; time++) {
      await moment()
      await store.remember.rotate(series, 0, LONG)
    }
    deepEqual(await store.remember.rotate(series, 0, { ...LONG, graceMs: 50 }), { kind: 'replay', userId, gap: 1 })
  }],
  ['replay of the predecessor after the grace: gap 1, the series and its sessions have ended', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    const record = recordOf(userId, { series })
    await store.admit(record)
    await store.remember.rotate(series, 0, LONG)
    await moment()
    deepEqual(await store.remember.rotate(series, 0, { ...LONG, graceMs: 0 }), { kind: 'replay', userId, gap: 1 })
    equal(await isRevoked(store, record), true)
    for (const generation of [0, 1, 2, 9]) deepEqual(await store.remember.rotate(series, generation, LONG), { kind: 'none' })
    deepEqual(await store.remember.list(userId), [])
    deepEqual(await store.list(userId), [])
  }],
  ['replay of an older generation: the grace is for the immediate predecessor alone', async (store) => {
    for (const gap of [2, 3, 7]) {
      const userId = newId()
      const series = await remembered(store, userId)
      for (let generation = 0; generation < gap; generation++) await store.remember.rotate(series, generation, LONG)
      deepEqual(await store.remember.rotate(series, 0, LONG), { kind: 'replay', userId, gap })
      equal(await store.isRevoked({ sid: newId(), issuedAt: Date.now(), series }), true)
      deepEqual(await store.remember.rotate(series, gap, LONG), { kind: 'none' })
    }
  }],
  ['rollback: a store that is behind goes on from what was presented', async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    deepEqual(await store.remember.rotate(series, 7, LONG), rotated(userId, 8, true))
    deepEqual(await store.remember.rotate(series, 7, LONG), rotated(userId, 8), 'the answer was lost')
    deepEqual(await store.remember.rotate(series, 8, LONG), rotated(userId, 9))
    deepEqual(await store.remember.rotate(series, 2 ** 41, LONG), rotated(userId, 2 ** 41 + 1, true))
  }],
  ['an unknown series gives none, and is not denied by that', async (store) => {
    const series = newId()
    for (const generation of [0, 5]) deepEqual(await store.remember.rotate(series, generation, LONG), { kind: 'none' })
    equal(await store.isRevoked({ sid: newId(), issuedAt: Date.now(), series }), false)
  }],
  ['a series that has ended by its time gives none, and its sessions go on', async (store) => {
    for (const terms of [{ idleMs: 30, maxAgeMs: HOUR }, { idleMs: HOUR, maxAgeMs: 30 }]) {
      const userId = newId()
      const series = await remembered(store, userId, terms)
      const record = recordOf(userId, { series })
      await store.admit(record)
      await eventually('its end came', async () => (await store.remember.list(userId)).length === 0)
      deepEqual(await store.remember.rotate(series, 0, LONG), { kind: 'none' })
      equal(await isRevoked(store, record), false)
      await store.remember.revoke(series)
      equal(await isRevoked(store, record), true, 'they can still be ended by it')
    }
  }],
  ['revokeUser ends the sessions of series that had ended by their time', async (store) => {
    const { userId, record } = await inTime(async (life) => {
      const userId = newId()
      const record = recordOf(userId, { series: await remembered(store, userId, { idleMs: HOUR, maxAgeMs: life }) })
      await store.admit(record)
      return { userId, record }
    })
    await eventually('its end came', async () => (await store.remember.list(userId)).length === 0)
    await store.purge()
    equal(await store.remember.revokeUser(userId), 0, 'no device was alive')
    equal(await isRevoked(store, record), true)
  }],
  ['revoke ends a series and its sessions', async (store) => {
    const userId = newId()
    const [series, other] = [await remembered(store, userId), await remembered(store, userId)]
    for (let time = 0; time < 2; time++) await store.remember.revoke(series)
    deepEqual(await store.remember.rotate(series, 0, LONG), { kind: 'none' })
    equal(await store.isRevoked({ sid: newId(), issuedAt: Date.now(), series }), true)
    equal(await store.isRevoked({ sid: newId(), issuedAt: Date.now(), series: other }), false)
    deepEqual((await store.remember.list(userId)).map(({ series }) => series), [other])
    await store.remember.create({ series, userId, label: LABEL }, LONG)
    deepEqual(await store.remember.rotate(series, 0, LONG), { kind: 'none' }, 'it is not created again')
  }],
  ['a session that is admitted after its series was ended is denied, and for as long as it would live', async (store) => {
    const { userId, record, end } = await inTime(async (life) => {
      const [userId, end] = [newId(), Date.now() + life]
      const series = await remembered(store, userId, { idleMs: HOUR, maxAgeMs: life })
      await store.remember.revoke(series)
      const record = recordOf(userId, { series })
      await store.admit(record)
      return { userId, record, end }
    })
    await eventually('its end came', async () => Date.now() > end + 100)
    await store.purge()
    equal(await isRevoked(store, record), true)
    equal(await store.count(userId), 0)
  }],
  ['a session that goes on under another id is still one of its series', async (store) => {
    const { userId, next, end } = await inTime(async (life) => {
      const [userId, end] = [newId(), Date.now() + life]
      const series = await remembered(store, userId, { idleMs: HOUR, maxAgeMs: life })
      const record = recordOf(userId, { series, expiresAt: end })
      const next = recordOf(userId, { series })
      await store.admit(record)
      await store.replace(record.sid, next)
      return { userId, next, end }
    })
    await eventually('its end came', async () => Date.now() > end + 100)
    await store.purge()
    equal(await isRevoked(store, next), false)
    equal(await store.remember.revokeUser(userId), 0)
    equal(await isRevoked(store, next), true)
    deepEqual(await store.list(userId), [])
  }],
  ['revoke denies the sessions of a series that it does not know', async (store) => {
    const [series, userId] = [newId(), newId()]
    await store.remember.revoke(series)
    await store.purge()
    equal(await store.isRevoked({ sid: newId(), issuedAt: Date.now(), series }), true)
    await store.remember.create({ series, userId, label: LABEL }, LONG)
    deepEqual(await store.remember.list(userId), [])
  }],
  ['revokeUser ends all series of a user but for one, and says how many', async (store) => {
    const [userId, other] = [newId(), newId()]
    const [first, second, mine] = [await remembered(store, userId), await remembered(store, userId), await remembered(store, userId)]
    const foreign = await remembered(store, other)
    equal(await store.remember.revokeUser(userId, mine), 2)
    equal(await store.remember.revokeUser(userId, mine), 0)
    const denied = [first, second, mine, foreign].map((series) => store.isRevoked({ sid: newId(), issuedAt: Date.now(), series }))
    deepEqual(await Promise.all(denied), [true, true, false, false])
    deepEqual((await store.remember.list(userId)).map(({ series }) => series), [mine])
    equal(await store.remember.revokeUser(userId), 1)
    deepEqual(await store.remember.list(userId), [])
    equal((await store.remember.list(other)).length, 1)
  }],
  ['the last used device is listed first', async (store) => {
    const userId = newId()
    const series: string[] = []
    for (let number = 0; number < 3; number++) {
      series.push(await remembered(store, userId))
      await moment()
    }
    await store.remember.rotate(series[0]!, 0, LONG)
    deepEqual((await store.remember.list(userId)).map(({ series }) => series), [series[0], series[2], series[1]])
  }],
  ['any string is an id of a user and a label of a device', async ({ remember }) => {
    const suffix = newId()
    for (const text of HOSTILE) {
      const [series, userId, label] = [newId(), suffix + text, text.slice(0, 200)]
      await remember.create({ series, userId, label }, LONG)
      deepEqual(await remember.rotate(series, 0, LONG), { kind: 'ok', userId, label, generation: 1, isRollback: false })
      deepEqual((await remember.list(userId)).map((device) => [device.series, device.userId, device.label]), [[series, userId, label]])
    }
    equal(await remember.revokeUser(suffix + HOSTILE[2]!), 1)
    const left = await Promise.all(HOSTILE.map(async (text) => (await remember.list(suffix + text)).length))
    deepEqual(left, HOSTILE.map((_, index) => index === 2 ? 0 : 1))
  }]
]
