import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, session, type SessionEvent } from 'fastify-bulwark/session'

export async function build (alarm: (event: SessionEvent) => void): Promise<FastifyInstance> {
  const app = Fastify()
  // #region events
  await app.register(session, {
    keys: [generateKey()],
    onEvent: (event) => {
      if (event.name === 'session_cookie_refused' && event.reason === 'forged') alarm(event)
    }
  })
  // #endregion events
  app.get('/', async (request) => ({ user: request.session.userId ?? null }))
  return app
}
