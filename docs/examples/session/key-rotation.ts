import Fastify, { type FastifyInstance } from 'fastify'
import { session } from 'fastify-bulwark/session'

/** `keys`: from the environment, separated by commas. */
export async function build (keys: string): Promise<FastifyInstance> {
  const app = Fastify()
  // #region keys
  // SESSION_KEYS="<new key>,<old key>"
  await app.register(session, { keys: keys.split(',') })
  // #endregion keys
  app.post('/login', async (request) => { await request.session.login('42'); return { ok: true } })
  app.get('/me', async (request) => ({ user: request.session.userId ?? null }))
  return app
}
