import { deepEqual, equal, ok } from 'node:assert/strict'
import { HOUR, LONG, admitted, isRevoked, newId, recordOf, remembered, sidsOf, type Check } from './fixtures.ts'

const ROUNDS = 40
const CALLS = 20

/** What `CALLS` parallel calls answer. */
async function atOnce<Answer> (call: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return await Promise.all(Array.from({ length: CALLS }, (_, index) => call(index)))
}

const allOf = <Item>(item: Item): Item[] => Array.from({ length: CALLS }, () => item)

/** Calls at the same moment: each method is atomic. */
export const parallelChecks: readonly Check[] = [
  [`${ROUNDS} times ${CALLS} parallel rotations give one answer each`, async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    for (let generation = 0; generation < ROUNDS; generation++) {
      const answer = { kind: 'ok', userId, label: 'Firefox on Linux', generation: generation + 1, isRollback: false } as const
      deepEqual(await atOnce(() => store.remember.rotate(series, generation, LONG)), allOf(answer))
    }
    equal((await store.remember.list(userId))[0]!.generation, ROUNDS)
  }],
  [`${CALLS} parallel replays raise one alarm`, async (store) => {
    const userId = newId()
    const series = await remembered(store, userId)
    for (const generation of [0, 1, 2]) await store.remember.rotate(series, generation, LONG)
    const answers = await atOnce(() => store.remember.rotate(series, 0, LONG))
    deepEqual(answers.filter(({ kind }) => kind === 'replay'), [{ kind: 'replay', userId, gap: 3 }])
    equal(answers.filter(({ kind }) => kind === 'none').length, CALLS - 1)
  }],
  [`${ROUNDS} times ${CALLS} parallel logins keep to the limit, and each session is ended once`, async (store) => {
    const userId = newId()
    const all: string[] = []
    const evicted: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const records = Array.from({ length: CALLS }, () => recordOf(userId))
      all.push(...records.map(({ sid }) => sid))
      const admissions = await atOnce((index) => store.admit(records[index]!, { max: 3, policy: 'evict-oldest' }))
      for (const admission of admissions) {
        ok(admission.ok)
        evicted.push(...admission.evicted)
      }
      equal(await store.count(userId), 3)
    }
    deepEqual([...evicted, ...await sidsOf(store, userId)].sort(), all.sort())
  }],
  [`of ${CALLS} parallel logins the limit refuses what is too much`, async (store) => {
    const userId = newId()
    const admissions = await atOnce(() => store.admit(recordOf(userId), { max: 3, policy: 'refuse' }))
    equal(admissions.filter(({ ok }) => ok).length, 3)
    equal(await store.count(userId), 3)
  }],
  [`${CALLS} parallel calls for one login admit one session`, async (store) => {
    const record = recordOf(newId())
    deepEqual(await atOnce(() => store.admit(record, { max: 1, policy: 'refuse' })), allOf({ ok: true, evicted: [] }))
    deepEqual(await store.list(record.userId), [record])
  }],
  [`${CALLS} parallel calls create one series`, async ({ remember }) => {
    const [series, userId] = [newId(), newId()]
    await atOnce(() => remember.create({ series, userId, label: '' }, LONG))
    equal((await remember.list(userId)).length, 1)
  }],
  ['parallel calls of revokeUser end each session and each series once', async (store) => {
    const userId = newId()
    const records = await admitted(store, userId, 5)
    for (let number = 0; number < 5; number++) await remembered(store, userId)
    const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0)
    const [sessions, series] = await Promise.all([
      atOnce(() => store.revokeUser(userId, { at: Date.now(), until: Date.now() + HOUR })),
      atOnce(() => store.remember.revokeUser(userId))
    ])
    deepEqual([sum(sessions), sum(series)], [5, 5])
    deepEqual(await Promise.all(records.map((record) => isRevoked(store, record))), records.map(() => true))
  }],
  [`${ROUNDS} times a logout and a rotation at once: nobody stays signed in`, async (store) => {
    const userId = newId()
    for (let round = 0; round < ROUNDS; round++) {
      const record = recordOf(userId)
      await store.admit(record)
      const next = { ...record, sid: newId() }
      const calls = [() => store.replace(record.sid, next), () => store.revoke(record.sid, record.expiresAt)]
      await Promise.all((round % 2 === 0 ? calls : calls.reverse()).map((call) => call()))
      deepEqual([await isRevoked(store, record), await isRevoked(store, next)], [true, true])
    }
    equal(await store.count(userId), 0)
  }],
  [`${ROUNDS} times everything at once: no call fails, and who was signed out stays so`, async (store) => {
    const userId = newId()
    for (let round = 0; round < ROUNDS; round++) {
      const records = await admitted(store, userId, 4)
      const next = { ...records[0]!, sid: newId() }
      await Promise.all([
        store.replace(records[0]!.sid, next),
        store.revokeUser(userId, { at: records[3]!.createdAt, until: Date.now() + HOUR }),
        store.revoke(records[0]!.sid, records[0]!.expiresAt),
        store.revoke(records[1]!.sid, records[1]!.expiresAt),
        store.admit(recordOf(userId), { max: 2, policy: 'evict-oldest' }),
        store.seen(records[2]!.sid, Date.now()),
        store.purge(),
        store.list(userId)
      ])
      deepEqual(await Promise.all([...records, next].map((record) => isRevoked(store, record))), allOf(true).slice(0, 5))
    }
  }]
]
