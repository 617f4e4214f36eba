// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import { testSessionStore, type ConformanceCase, type StoreUnderTest } from 'fastify-bulwark/session/conformance'
import { memoryStore, memoryStoreDefaults, type MemoryStoreOptions, type RememberStore, type SessionStore } from 'fastify-bulwark/session/stores/memory'
import {
  postgresStore, postgresStoreDefaults, postgresTables, type PostgresPool, type PostgresStore, type PostgresStoreOptions
} from 'fastify-bulwark/session/stores/postgres'
import { redisStore, redisStoreDefaults, type IoredisClient, type NodeRedisClient, type RedisClient, type RedisStoreOptions } from 'fastify-bulwark/session/stores/redis'
import { Cluster, Redis } from 'ioredis'
import pg from 'pg'
import { createClient, createClientPool, createCluster } from 'redis'

// The clients of the two packages and of pg are what the stores take, without a cast.
const ioredis: IoredisClient[] = [new Redis(), new Cluster([])]
const nodeRedis: NodeRedisClient[] = [createClient(), createCluster({ rootNodes: [] }), createClientPool()]
const pools: PostgresPool[] = [new pg.Pool(), new pg.Client()]

export const redisStores: SessionStore[] = [...ioredis, ...nodeRedis].map((client: RedisClient) => redisStore(client))
export const postgresStores: PostgresStore[] = pools.map((pool) => postgresStore(pool, postgresStoreDefaults))
export const tables: string = postgresTables({ schema: 'app' })
export const store: SessionStore = memoryStore({ ...memoryStoreDefaults, now: () => 1 })
export const remember: RememberStore = store.remember

export const options: [MemoryStoreOptions, PostgresStoreOptions, RedisStoreOptions] = [{ maxSeries: 1 }, { prefix: 'a_' }, redisStoreDefaults]

const target: StoreUnderTest<PostgresStore> = {
  name: 'mine',
  create: async () => postgresStores[0]!,
  dispose: async (store) => await store.createTables(),
  disconnect: () => {}
}
export const cases: ConformanceCase[] = testSessionStore(target)

// @ts-expect-error: the connection string is no client
redisStore('redis://localhost')
// @ts-expect-error: nor is a pool
redisStore(new pg.Pool())
// @ts-expect-error: no option has this name
memoryStore({ noSuchOption: 1 })
// @ts-expect-error: a kit needs a store
testSessionStore({ name: 'mine' })
// @ts-expect-error: only a store in PostgreSQL creates tables
export const wrong = (): unknown => store.createTables()
