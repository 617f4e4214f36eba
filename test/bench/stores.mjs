// node test/bench/stores.mjs        what a store of sessions costs beyond requests
//   memory: bytes of the heap for each of 100,000 live sessions, remembered devices and denied ids in memoryStore
//   calls:  milliseconds of one call of each store after the other, the median of 300; Redis and PostgreSQL are started on this machine,
//           so that the network is the loopback, and are left out where they are not installed
// Needs what `npm test` builds. Times are shown, never asserted.
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import { postgresStore } from 'fastify-bulwark/session/stores/postgres'
import { redisStore } from 'fastify-bulwark/session/stores/redis'
import { Redis } from 'ioredis'
import pg from 'pg'
import * as postgresServer from '../../dist/test/services/postgres-server.js'
import * as redisServer from '../../dist/test/services/redis-server.js'

const HOUR = 3_600_000
const COUNT = 100_000
const CALLS = 300

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

const newId = () => randomBytes(16).toString('base64url')
const newRecord = (userId, sid = newId()) => ({
  sid, userId, label: 'Firefox on Linux', createdAt: Date.now(), lastSeenAt: Date.now(), expiresAt: Date.now() + HOUR
})

function heap () {
  gc()
  return process.memoryUsage().heapUsed
}

const fillings = {
  'live session, a user each': (store, number) => store.admit(newRecord(`user-${number}`)),
  'live session, 5 a user': (store, number) => store.admit(newRecord(`user-${Math.floor(number / 5)}`)),
  'remembered device': (store, number) => store.remember.create({ series: newId(), userId: `user-${number}`, label: 'Firefox on Linux' }, { idleMs: HOUR, maxAgeMs: HOUR }),
  'denied id': (store) => store.revoke(newId(), Date.now() + HOUR)
}

console.log(`Memory of memoryStore, bytes each (${COUNT.toLocaleString('en')} of them)`)
// All are held until the end: one that is collected late would be subtracted from the next.
const stores = []
for (const [name, fill] of Object.entries(fillings)) {
  const before = heap()
  const store = memoryStore()
  stores.push(store)
  for (let number = 0; number < COUNT; number++) await fill(store, number)
  console.log(`  ${name.padEnd(28)} ${String(Math.round((heap() - before) / COUNT)).padStart(6)}`)
}
for (const store of stores.splice(0)) await store.purge()

async function median (call) {
  const times = []
  for (let number = 0; number < CALLS; number++) {
    const start = performance.now()
    await call(number)
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[CALLS / 2]
}

async function measureCalls (store) {
  const series = newId()
  const { sid, userId } = newRecord('42')
  await store.remember.create({ series, userId, label: '' }, { idleMs: HOUR, maxAgeMs: HOUR })
  return {
    isRevoked: await median(() => store.isRevoked({ sid, userId, issuedAt: Date.now() + HOUR, series })),
    'admit, limit 5': await median(() => store.admit(newRecord(userId), { max: 5, policy: 'evict-oldest' })),
    revoke: await median(() => store.revoke(newId(), Date.now() + HOUR)),
    'remember.rotate (wake-up)': await median((generation) => store.remember.rotate(series, generation, { graceMs: 30_000, idleMs: HOUR }))
  }
}

const results = { memory: await measureCalls(memoryStore()) }
if (redisServer.skip === false) {
  const server = await redisServer.startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  results.redis = await measureCalls(redisStore(client))
  client.disconnect()
  await server.close()
}
if (postgresServer.skip === false) {
  const server = await postgresServer.startPostgres()
  const pool = new pg.Pool(postgresServer.connectionOf(server))
  const store = postgresStore(pool)
  await store.createTables()
  results.postgres = await measureCalls(store)
  await pool.end()
  await server.close()
}
console.log('\nMilliseconds of one call, one after the other')
console.log(`  ${''.padEnd(28)} ${Object.keys(results).map((name) => name.padStart(9)).join(' ')}`)
for (const call of Object.keys(results.memory)) {
  console.log(`  ${call.padEnd(28)} ${Object.values(results).map((times) => times[call].toFixed(3).padStart(9)).join(' ')}`)
}
