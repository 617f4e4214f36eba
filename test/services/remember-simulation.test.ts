import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { postgresStore } from '../../lib/session/stores/postgres.ts'
import { redisStore } from '../../lib/session/stores/redis.ts'
import type { SessionStore } from '../../lib/session/store.ts'
import { connectionOf, skip as skipPostgres, startPostgres } from './postgres-server.ts'
import { skip as skipRedis, startRedis } from './redis-server.ts'
import { counterScheme, randomNumbers, seriesAndToken, simulate, steal, type Visits } from './remember-simulation.ts'

const WAKE_UPS = 1000
const SEED = 20_261_125
const SECONDS = 1 / 3600

/** What is promised of thefts: the visit at which the series ends, and how loudly. */
const THEFTS: ReadonlyArray<readonly [title: string, visits: Visits, visit: number, refused: string]> = [
  ['the thief comes first', [['thief', 1], ['owner', 2]], 1, 'stale'],
  ['the owner comes first', [['owner', 1], ['thief', 2]], 1, 'stale'],
  ['the owner comes twice', [['owner', 1], ['owner', 2], ['thief', 3]], 2, 'theft'],
  ['the thief comes twice', [['thief', 1], ['thief', 2], ['owner', 3]], 2, 'theft'],
  ['both within the grace, then the owner', [['thief', 1], ['owner', 1 + 20 * SECONDS], ['owner', 5], ['thief', 6]], 3, 'stale'],
  ['both within the grace, then the thief', [['owner', 1], ['thief', 1 + 20 * SECONDS], ['thief', 5], ['owner', 6]], 3, 'stale'],
  ['both within the grace, and again', [['owner', 1], ['thief', 1 + SECONDS], ['thief', 5], ['owner', 5 + SECONDS], ['owner', 9], ['owner', 10], ['thief', 11]], 6, 'theft'],
  ['a copy that is very old', [...Array.from({ length: 20 }, (_, index) => ['owner', index + 1] as const), ['thief', 30]], 20, 'theft']
]

/** Any order in which both come, with hours between them. */
function randomVisits (seed: number): Visits {
  const random = randomNumbers(seed)
  const who = Array.from({ length: 12 }, () => random() < 0.5 ? 'owner' : 'thief')
  const both = [...who, who[0] === 'owner' ? 'thief' : 'owner'] as const
  return both.map((one, index) => [one, index * 50 + random() * 49])
}

async function behaves (t: Test, store: SessionStore): Promise<void> {
  const tally = await simulate(counterScheme(store), WAKE_UPS, SEED)
  t.equal(tally.wakeUps, WAKE_UPS)
  t.ok(tally.requests > 2 * WAKE_UPS && tally.repeated > 100, `${tally.requests} requests, ${tally.repeated} of them sent again`)
  t.same([tally.alarms, tally.lostLogins], [0, 0], 'no false alarm, no login lost')

  for (const [title, visits, visit, refused] of THEFTS) {
    const end = await steal(counterScheme(store), visits)
    t.match(end, { visit, refused }, title)
  }
  for (let seed = 1; seed <= 100; seed++) {
    const visits = randomVisits(seed)
    const end = await steal(counterScheme(store), visits)
    // The one who did not come first is the first to present what has been used.
    t.equal(end?.visit, visits.findIndex(([who]) => who !== visits[0]![0]), `the theft ends as soon as both have come (${seed})`)
  }
}

t.test('the published scheme of series and token, in the same simulation', async (t) => {
  const tally = await simulate(seriesAndToken(), WAKE_UPS, SEED)
  t.ok(tally.alarms > WAKE_UPS / 2, `${tally.alarms} false alarms`)
  t.ok(tally.lostLogins > WAKE_UPS / 2, `${tally.lostLogins} logins lost`)
})

t.test('the simulation is the same for the same seed', async (t) => {
  t.same(await simulate(seriesAndToken(), 20, 5), await simulate(seriesAndToken(), 20, 5))
})

t.test('memory', (t) => behaves(t, memoryStore()))

t.test('Redis', { skip: skipRedis }, async (t) => {
  const server = await startRedis()
  t.teardown(() => server.close())
  const client = new Redis(server.port, '127.0.0.1')
  t.teardown(() => client.disconnect())
  await behaves(t, redisStore(client))
})

t.test('PostgreSQL', { skip: skipPostgres }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  const pool = new pg.Pool(connectionOf(server))
  t.teardown(() => pool.end())
  const store = postgresStore(pool)
  await store.createTables()
  await behaves(t, store)
})
