import { redisStore, type SessionStore } from 'fastify-bulwark/session/stores/redis'
import { Redis } from 'ioredis'

export async function connect (url: string): Promise<{ store: SessionStore, close: () => void }> {
  // #region ioredis
  const client = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0, socketTimeout: 5000 })
  client.on('error', (error) => console.error(error.message))
  await client.connect()
  const store = redisStore(client, { prefix: 'shop' })
  // #endregion ioredis
  return { store, close: () => client.disconnect() }
}
