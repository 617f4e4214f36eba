import Fastify, { type FastifyInstance } from 'fastify'
// #region redis
import { session, requireLogin } from 'fastify-bulwark/session'
import { redisStore } from 'fastify-bulwark/session/stores/redis'
// #endregion redis
import type { Redis } from 'ioredis'

export async function build (client: Redis): Promise<FastifyInstance> {
  const app = Fastify()
  // #region register
  await app.register(session, { keys: [process.env['SESSION_KEY']!], store: redisStore(client), idle: 1800, absolute: 43200 })
  app.post('/login', async (request) => { await request.session.login('42', { label: 'Firefox on Linux' }); return { ok: true } })
  app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
  app.post('/logout', async (request) => { await request.session.logout(); return { ok: true } })
  // #endregion register
  return app
}
