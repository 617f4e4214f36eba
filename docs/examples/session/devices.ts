import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, requireFresh, requireLogin, session } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(session, { keys: [generateKey()], store: memoryStore(), maxSessions: 3 })
  const Login = { type: 'object', properties: { label: { type: 'string' } } }
  app.post<{ Querystring: { label?: string } }>('/login', { schema: { querystring: Login } }, async (request) => {
    await request.session.login('42', { label: request.query.label ?? 'Unknown browser' })
    return { ok: true }
  })

  // #region devices
  app.get('/devices', { preHandler: requireLogin }, async (request) => {
    const list = await app.sessions.list(request.session.userId!)
    return list.map(({ sid, label, createdAt, lastSeenAt }) => ({ sid, label, createdAt, lastSeenAt, isThis: sid === request.session.id }))
  })
  app.delete<{ Params: { sid: string } }>('/devices/:sid', { preHandler: requireLogin }, async (request, reply) => {
    const isEnded = await app.sessions.revoke(request.params.sid, { userId: request.session.userId! })
    return reply.code(isEnded ? 204 : 404).send()
  })
  // #endregion devices

  // #region password
  app.post('/password', { preHandler: requireFresh({ within: 300 }) }, async (request) => {
    // Store the new password first.
    return { ended: await app.sessions.revokeUser(request.session.userId!, { except: request.session.id }) }
  })
  // #endregion password

  // #region everywhere
  app.post('/logout-everywhere', async (request) => {
    await request.session.logout({ everywhere: true })
    return { ok: true }
  })
  // #endregion everywhere

  return app
}
