import { Redis } from 'ioredis'
import { createClient } from 'redis'
import t from 'tap'
import { testSessionStore } from '../../lib/session/conformance.ts'
import { redisStore } from '../../lib/session/stores/redis.ts'
import type { SessionStore } from '../../lib/session/store.ts'
import { skip, startRedis } from './redis-server.ts'

t.test('Redis', { skip }, async (t) => {
  const server = await startRedis()
  t.teardown(() => server.close())

  const ioredis = new Redis(server.port, '127.0.0.1')
  const nodeRedis = await createClient({ url: `redis://127.0.0.1:${server.port}` }).on('error', () => {}).connect()
  t.teardown(() => {
    ioredis.disconnect()
    nodeRedis.destroy()
  })

  for (const [name, client] of [['ioredis', ioredis], ['redis', nodeRedis]] as const) {
    await t.test(`conformance with ${name}`, async (t) => {
      const cases = testSessionStore<SessionStore>({ name, create: () => redisStore(client) })
      for (const { title, run } of cases) await t.test(title, run)
    })
  }
})
