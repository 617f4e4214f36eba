import { setTimeout as wait } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import t from 'tap'
import { testSessionStore } from '../../lib/session/conformance.ts'
import { HOUR, LONG, isRevoked, newId, recordOf } from '../../lib/session/conformance/fixtures.ts'
import { redisStore, type RedisClient } from '../../lib/session/stores/redis.ts'
import { freePort, type Server } from './server.ts'
import { skip, startRedis } from './redis-server.ts'
import { dumped, killedUnderLoad, seenByOthers, suspended, type Connect } from './shared-cases.ts'

// Both clients reject at once while there is no connection, instead of waiting for one.

async function ioredis ({ port }: Server): Promise<{ client: Redis, close: () => void }> {
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => 50 })
  client.on('error', () => {})
  await client.connect()
  return { client, close: () => client.disconnect() }
}

async function nodeRedis ({ port }: Server) {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return { client, close: () => { if (client.isOpen) client.destroy() } }
}

const CLIENTS: ReadonlyArray<[name: string, connect: (server: Server) => Promise<{ client: RedisClient, close: () => void }>]> = [['ioredis', ioredis], ['redis', nodeRedis]]

/** Everything that a server holds. */
async function dumpOf (server: Server): Promise<string> {
  const { client, close } = await ioredis(server)
  const lines: string[] = []
  for (const key of (await client.keys('*')).sort()) {
    const type = await client.type(key)
    const value = type === 'hash' ? await client.hgetall(key) : type === 'zset' ? await client.zrange(key, '0', '-1', 'WITHSCORES') : await client.get(key)
    lines.push(`${key} ${JSON.stringify(value)}`)
  }
  close()
  return lines.join('\n')
}

t.test('Redis', { skip }, async (t) => {
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  t.teardown(() => server.close())
  const connectWith = ([, connect]: typeof CLIENTS[number], prefix = 'bulwark'): Connect => async () => {
    const { client, close } = await connect(server)
    return { store: redisStore(client, { prefix }), close }
  }

  for (const [name, connect] of CLIENTS) {
    await t.test(`conformance with ${name}`, async (t) => {
      const closes = new WeakMap<object, () => void>()
      const cases = testSessionStore({
        name,
        async create () {
          const { client, close } = await connect(server)
          const store = redisStore(client)
          closes.set(store, close)
          return store
        },
        disconnect: (store) => closes.get(store)!(),
        dispose: (store) => closes.get(store)!()
      })
      for (const { title, run } of cases) await t.test(title, run)
    })
  }

  await t.test('every key expires', async (t) => {
    const { client, close } = await ioredis(server)
    t.teardown(close)
    const keys = await client.keys('*')
    t.ok(keys.length > 1000, 'the kit left many')
    const endless: string[] = []
    for (const key of keys) if (await client.pttl(key) < 0 && await client.exists(key) === 1) endless.push(key)
    t.same(endless, [])
  })

  await t.test('when all has ended, nothing is left', async (t) => {
    const { client, close } = await ioredis(server)
    t.teardown(close)
    const store = redisStore(client, { prefix: 'brief' })
    for (let number = 0; number < 20; number++) {
      const userId = newId()
      const soon = Date.now() + 200
      const terms = { idleMs: 200, maxAgeMs: 200 }
      const series = newId()
      await store.remember.create({ series, userId, label: '' }, terms)
      const records = [1, 2, 3].map(() => recordOf(userId, { expiresAt: soon, series }))
      for (const record of records) await store.admit(record, { max: 2, policy: 'evict-oldest' })
      await store.replace(records[2]!.sid, recordOf(userId, { expiresAt: soon, series }))
      await store.remember.rotate(series, 0, { graceMs: 100, idleMs: 200 })
      await store.seen(records[1]!.sid, Date.now())
      await store.revokeUser(userId, { at: 1, until: soon })
      if (number % 2 === 0) await store.remember.revokeUser(userId)
    }
    for (const end = Date.now() + 5000; (await client.keys('{brief}*')).length > 0 && Date.now() < end;) await wait(50)
    t.same(await client.keys('{brief}*'), [])
  })

  await t.test('a script that the server has forgotten is sent again', async (t) => {
    for (const [name, connect] of CLIENTS) {
      const { client, close } = await connect(server)
      t.teardown(close)
      const admin = await ioredis(server)
      t.teardown(admin.close)
      const store = redisStore(client)
      await store.revoke(name, Date.now() + HOUR)
      await admin.client.script('FLUSH')
      t.equal(await store.isRevoked({ sid: name, issuedAt: 1 }), true, name)
    }
  })

  await t.test('a server whose memory is full refuses logins, takes logouts, and does nothing by halves', async (t) => {
    const { client, close } = await ioredis(server)
    t.teardown(close)
    const store = redisStore(client, { prefix: 'full' })
    const userId = newId()
    const records = [0, 1, 2, 3].map((number) => recordOf(userId, { createdAt: Date.now() + number }))
    for (const record of records) await store.admit(record)
    for (const series of ['device 0', 'device 1']) await store.remember.create({ series, userId, label: '' }, LONG)
    await client.config('SET', 'maxmemory', '1')
    await t.rejects(store.admit(recordOf(userId), { max: 1, policy: 'evict-oldest' }), /OOM/)
    await t.rejects(store.remember.create({ series: 's', userId, label: '' }, LONG), /OOM/)
    t.same(await store.list(userId), [...records].reverse(), 'none was ended for a login that was refused')
    const [unlisted, unknown] = [newId(), newId()]
    await store.remember.revoke('device 0')
    await store.remember.revoke(unknown)
    t.equal(await store.remember.revokeUser(userId), 1)
    await store.revoke(records[0]!.sid, records[0]!.expiresAt)
    await store.revoke(unlisted, Date.now() + HOUR)
    const next = { ...records[3]!, sid: newId() }
    await store.replace(records[3]!.sid, next)
    t.equal(await store.revokeUser(userId, { at: Date.now() + 9, until: Date.now() + HOUR, except: next.sid }), 2)
    await client.config('SET', 'maxmemory', '0')
    t.same(await Promise.all([...records, next].map((record) => isRevoked(store, record))), [true, true, true, true, false])
    t.equal(await store.isRevoked({ sid: unlisted, issuedAt: 1 }), true)
    for (const series of ['device 0', 'device 1', unknown]) t.equal(await store.isRevoked({ sid: newId(), issuedAt: 1, series }), true, series)
    await store.admit(recordOf(userId, { createdAt: Date.now() + 20 }))
    t.equal(await store.count(userId), 2)
  })

  await t.test('keyPrefix of ioredis is kept', async (t) => {
    const client = new Redis(server.port, '127.0.0.1', { keyPrefix: 'app:' })
    t.teardown(() => client.disconnect())
    const record = recordOf('prefixed')
    await redisStore(client).admit(record)
    t.match(await dumpOf(server), `app:{bulwark}:s:${record.sid} `)
  })

  await t.test('two stores see what the other did, whatever their client', (t) => seenByOthers(t, CLIENTS.map((client) => connectWith(client))))

  await t.test('two prefixes are two stores', async (t) => {
    const { client, close } = await ioredis(server)
    t.teardown(close)
    const [one, other] = [redisStore(client, { prefix: 'one' }), redisStore(client, { prefix: 'other' })]
    const record = recordOf('u')
    await one.admit(record)
    await one.revoke(record.sid, record.expiresAt)
    t.equal(await isRevoked(one, record), true)
    t.equal(await isRevoked(other, record), false)
  })

  await t.test('the rows give nobody a cookie', (t) => dumped(t, connectWith(CLIENTS[0]!), () => dumpOf(server)))

  for (const client of CLIENTS) {
    await t.test(`SIGSTOP, with ${client[0]}`, (t) => suspended(t, server, connectWith(client)))
    await t.test(`SIGKILL under load, with ${client[0]}`, (t) => killedUnderLoad(t, server, connectWith(client)))
  }
})

t.test('Redis Cluster', { skip }, async (t) => {
  const nodes = await Promise.all([0, 1].map(async () => startRedis('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()))))
  t.teardown(() => Promise.all(nodes.map((node) => node.close())))
  const admins = nodes.map(({ port }) => new Redis(port, '127.0.0.1'))
  t.teardown(() => admins.forEach((admin) => admin.disconnect()))
  const [first, second] = admins as [Redis, Redis]
  await first.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
  await second.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
  const busPort = (await second.config('GET', 'cluster-port') as string[])[1]!
  await first.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1]!.port), busPort)
  for (const admin of admins) while (!/cluster_state:ok[^]*cluster_known_nodes:2/.test(await admin.cluster('INFO'))) await wait(50)

  const byIoredis = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  const byNodeRedis = createCluster({ rootNodes: nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) })
  byNodeRedis.on('error', () => {})
  await byNodeRedis.connect()
  t.teardown(() => {
    byIoredis.disconnect()
    byNodeRedis.destroy()
  })
  for (const [name, client] of [['ioredis', byIoredis], ['redis', byNodeRedis]] as const) {
    // Two prefixes whose slots are on either node.
    for (const prefix of ['a', 'b']) {
      await t.test(`conformance with ${name}, prefix ${prefix}`, async (t) => {
        for (const { title, run } of testSessionStore({ name, create: () => redisStore(client, { prefix }) })) await t.test(title, run)
      })
    }
  }
  const sizes = await Promise.all(admins.map((admin) => admin.dbsize()))
  t.ok(sizes.every((size) => size > 500), 'both nodes hold something')
})
