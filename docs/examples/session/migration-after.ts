import Fastify, { type FastifyInstance } from 'fastify'
import { requireLogin, session } from 'fastify-bulwark/session'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region register
  await app.register(session, {
    keys: [process.env['SESSION_KEY']!],
    idle: 1800,
    absolute: 24 * 60 * 60
  })
  // #endregion register

  // #region routes
  app.post('/login', async (request) => {
    await request.session.login('42')
    return { ok: true }
  })
  app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
  app.post('/logout', async (request) => {
    await request.session.logout()
    return { ok: true }
  })
  // #endregion routes

  return app
}
