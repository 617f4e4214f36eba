import { redisStore, type SessionStore } from 'fastify-bulwark/session/stores/redis'
import { createClient } from 'redis'

export async function connect (url: string): Promise<{ store: SessionStore, close: () => void }> {
  // #region node-redis
  const client = createClient({ url, disableOfflineQueue: true })
  client.on('error', (error: Error) => console.error(error.message))
  await client.connect()
  const store = redisStore(client, { prefix: 'shop' })
  // #endregion node-redis
  return { store, close: () => client.destroy() }
}
