import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'
import { session } from 'fastify-bulwark/session'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(session, { keys: [generateKey()] })
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })

  // #region token
  app.get('/api/session', (request) => ({ user: request.session.userId ?? null, token: request.csrfToken() }))
  // #endregion token
  app.post('/api/login', async (request) => {
    await request.session.login('42')
    return { ok: true }
  })
  app.post('/api/orders', { config: { security: { csrf: 'token' } } }, () => ({ ordered: true }))
  return app
}
