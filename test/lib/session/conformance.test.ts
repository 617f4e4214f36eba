import t from 'tap'
import { testSessionStore } from '../../../lib/session/conformance.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import type { SessionStore } from '../../../lib/session/store.ts'

for (const { title, run } of testSessionStore({ name: 'memory', create: () => memoryStore() })) t.test(title, run)

type Mutable<Interface> = { -readonly [Name in keyof Interface]: Interface[Name] }
type Broken = Mutable<Omit<SessionStore, 'remember'>> & { remember: Mutable<SessionStore['remember']> }

/** A store whose methods can be put in the place of others. */
function open (store: SessionStore): Broken {
  const bound = <Target extends object>(target: Target): Target => new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    }
  })
  const methods = bound(store)
  const { admit, replace, seen, isRevoked, revoke, revokeUser, list, count, purge } = methods
  const { create, rotate, revoke: revokeSeries, revokeUser: revokeSeriesOf, list: listSeries } = bound(store.remember)
  return {
    isDurable: false, admit, replace, seen, isRevoked, revoke, revokeUser, list, count, purge, remember: { create, rotate, revoke: revokeSeries, revokeUser: revokeSeriesOf, list: listSeries }
  }
}

const later = async (): Promise<void> => { await new Promise((resolve) => setTimeout(resolve, 1)) }

/** What stores get wrong, and the case that finds it. */
const DEFECTS: ReadonlyArray<readonly [defect: string, title: string, spoil: (store: Broken) => void]> = [
  ['the list is in the order of logins', 'the latest login is listed first', (store) => {
    const { list } = store
    store.list = async (userId) => (await list(userId)).reverse()
  }],
  ['the list forgets a field', 'a session is listed as it was admitted', (store) => {
    const { list } = store
    store.list = async (userId) => (await list(userId)).map(({ series, ...record }) => record)
  }],
  ['ids of users lose their case', 'any string is an id of a user and a label, and no two of them are the same', (store) => {
    const { admit, list } = store
    store.admit = (record, limit) => admit({ ...record, userId: record.userId.toLowerCase() }, limit)
    store.list = (userId) => list(userId.toLowerCase())
  }],
  ['text is cut at a NUL', 'any string is an id of a user and a label, and no two of them are the same', (store) => {
    const { admit } = store
    store.admit = (record, limit) => admit({ ...record, label: record.label.split('\0')[0]! }, limit)
  }],
  ['a limit is looked at, and then the session is noted', 'of 20 parallel logins the limit refuses what is too much', (store) => {
    const { admit, count } = store
    store.admit = async (record, limit) => {
      if (limit !== undefined && await count(record.userId) >= limit.max) return { ok: false }
      await later()
      return await admit(record)
    }
  }],
  ['the limit ends the session that it admits', 'evict-oldest never ends the session that it admits', (store) => {
    const { admit, list, revoke } = store
    store.admit = async (record, limit) => {
      await admit(record)
      const surplus = limit === undefined ? [] : (await list(record.userId)).slice(limit.max)
      for (const { sid, expiresAt } of surplus) await revoke(sid, expiresAt)
      return { ok: true, evicted: surplus.map(({ sid }) => sid) }
    }
  }],
  ['a login that is repeated counts twice', 'to admit a session again adds none and ends none', (store) => {
    const { admit } = store
    store.admit = (record, limit) => admit({ ...record, sid: record.sid + Math.random() }, limit)
  }],
  ['replace leaves the old id alive', 'replace denies the old id and puts the new one in its place', (store) => {
    const { admit } = store
    store.replace = async (_, record) => { await admit(record) }
  }],
  ['replace revives what was ended', 'an id that was ended does not go on under another: the request that replaces it came too late', (store) => {
    const { admit, revoke } = store
    store.replace = async (oldSid, record) => {
      await revoke(oldSid, record.expiresAt)
      await admit(record)
    }
  }],
  ['a logout ends the id alone', 'to end an id ends what it went on under: the logout came too late', (store) => {
    const { admit, revoke } = store
    store.replace = async (oldSid, record) => {
      await revoke(oldSid, record.expiresAt)
      await admit(record)
    }
  }],
  ['seen moves back', 'seen moves the last use forward, and never back', (store) => {
    const { admit, list } = store
    const users = new Map<string, string>()
    store.admit = (record, limit) => {
      users.set(record.sid, record.userId)
      return admit(record, limit)
    }
    store.seen = async (sid, at) => {
      const record = (await list(users.get(sid)!)).find((other) => other.sid === sid)
      if (record !== undefined) await admit({ ...record, lastSeenAt: at })
    }
  }],
  ['a denial is cut short by a later call', 'a denial ends with its time, and not earlier because of a later call', (store) => {
    const until = new Map<string, number>()
    store.revoke = async (sid, time) => { until.set(sid, time) }
    store.isRevoked = async ({ sid }) => (until.get(sid) ?? 0) > Date.now()
  }],
  ['a denial never ends', 'a denial ends with its time, and not earlier because of a later call', (store) => {
    const { revoke } = store
    store.revoke = (sid) => revoke(sid, Date.now() + 9_000_000)
  }],
  ['revokeUser ends what is listed and sets no cut-off', 'the cut-off for sessions that are not listed: one call', (store) => {
    const { list, revoke } = store
    store.revokeUser = async (userId, { at, except }) => {
      const ended = (await list(userId)).filter(({ sid, createdAt }) => createdAt <= at && sid !== except)
      for (const { sid, expiresAt } of ended) await revoke(sid, expiresAt)
      return ended.length
    }
  }],
  ['the last cut-off is the only one', 'the cut-off for sessions that are not listed: an earlier one without the exemption', (store) => {
    const cutOffs = new Map<string, { at: number, except?: string }>()
    store.revokeUser = async (userId, terms) => {
      cutOffs.set(userId, terms)
      return 0
    }
    store.isRevoked = async ({ sid, userId, issuedAt }) => {
      const cutOff = cutOffs.get(userId ?? '')
      return cutOff !== undefined && issuedAt <= cutOff.at && sid !== cutOff.except
    }
  }],
  ['the exemption stays with the old id', 'revokeUser spares one session, under the id that it goes on under, too', (store) => {
    const { replace, revokeUser } = store
    let spared: string | undefined
    store.revokeUser = async (userId, terms) => {
      spared = terms.except
      return await revokeUser(userId, terms)
    }
    const { isRevoked } = store
    store.replace = replace
    store.isRevoked = async (query) => query.sid !== spared && (query.issuedAt <= Date.now() - 500 || await isRevoked(query))
  }],
  ['create begins a series anew', 'to create a series again changes nothing', (store) => {
    const { create, revokeUser, list } = store.remember
    let last = ''
    store.remember.create = async (row, terms) => {
      if (last !== '' && (await list(last)).length > 0) await revokeUser(last)
      last = row.userId
      await create(row, terms)
    }
  }],
  ['the grace is for every old generation', 'replay of an older generation: the grace is for the immediate predecessor alone', (store) => {
    const { rotate, list } = store.remember
    const users = new Map<string, string>()
    const { create } = store.remember
    store.remember.create = (row, terms) => {
      users.set(row.series, row.userId)
      return create(row, terms)
    }
    store.remember.rotate = async (series, generation, terms) => {
      const device = (await list(users.get(series) ?? '')).find((other) => other.series === series)
      if (device === undefined || generation >= device.generation) return await rotate(series, generation, terms)
      return { kind: 'ok', userId: device.userId, label: device.label, generation: device.generation, isRollback: false }
    }
  }],
  ['rotate reads, and then writes', '40 times 20 parallel rotations give one answer each', (store) => {
    const { rotate } = store.remember
    let generation = 0
    store.remember.rotate = async (series, _, terms) => {
      await later()
      return await rotate(series, generation++, terms)
    }
  }],
  ['the sessions of a stolen series go on', 'replay of the predecessor after the grace: gap 1, the series and its sessions have ended', (store) => {
    const { isRevoked } = store
    store.isRevoked = ({ series, ...query }) => isRevoked(query)
  }],
  ['purge forgets too much', 'purge forgets nothing that has not ended', (store) => {
    store.purge = async () => { store.isRevoked = async () => false }
  }]
]

t.test('a defect is found', async (t) => {
  for (const [defect, title, spoil] of DEFECTS) {
    const cases = testSessionStore({
      name: 'broken',
      create () {
        const store = open(memoryStore())
        spoil(store)
        return store
      }
    })
    const found = cases.find((one) => one.title === `broken: ${title}`)
    t.ok(found, title)
    await t.rejects(found!.run(), { code: 'ERR_ASSERTION' }, defect)
  }
})

t.test('a store is disposed of when its case has ended, also when it failed', async (t) => {
  const log: string[] = []
  const target = {
    name: 'mine',
    async create () {
      log.push('create')
      return memoryStore()
    },
    async dispose () { log.push('dispose') },
    disconnect () { log.push('disconnect') }
  }
  const cases = testSessionStore(target)
  t.equal(cases.length, testSessionStore({ name: 'mine', create: target.create }).length + 1)
  await cases[0]!.run()
  // The memory cannot be taken away from a store.
  await t.rejects(cases.at(-1)!.run(), { code: 'ERR_ASSERTION', message: /admit/ })
  t.same(log, ['create', 'dispose', 'create', 'disconnect', 'dispose'])
})

t.test('every title is there once, with the name in front', async (t) => {
  const titles = testSessionStore({ name: 'mine', create: () => memoryStore() }).map(({ title }) => title)
  t.equal(new Set(titles).size, titles.length)
  t.ok(titles.every((title) => title.startsWith('mine: ')))
})
