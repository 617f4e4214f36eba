import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, requireFresh, requireLogin, session } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'

/** What the examples keep of a user. */
export interface Users {
  setPassword (userId: string, password: string): Promise<void>
  isPassword (userId: string, password: string): Promise<boolean>
  remove (userId: string): Promise<void>
}

export async function build (users: Users, alarm: (user: string | undefined) => void): Promise<FastifyInstance> {
  const app = Fastify()
  // #region options
  await app.register(session, {
    keys: [generateKey()],
    store: memoryStore(),
    remember: { maxAge: 7_776_000, idle: 1_209_600, grace: 30, onTheft: 'user' },
    onEvent: (event) => {
      if (event.name === 'session_remember_theft') alarm(event.user)
    }
  })
  // #endregion options

  // #region login
  const text = { type: 'string', minLength: 1, maxLength: 128 }
  const Login = { type: 'object', required: ['userId', 'password'], properties: { userId: text, password: text, remember: { type: 'boolean' } } }

  app.post<{ Body: { userId: string, password: string, remember?: boolean } }>('/login', { schema: { body: Login } }, async (request, reply) => {
    const { userId, password, remember = false } = request.body
    if (!await users.isPassword(userId, password)) return reply.code(403).send()
    await request.session.login(userId, { remember, label: 'Firefox on Linux' })
    return { ok: true }
  })
  // #endregion login

  // #region list
  app.get('/devices', { preHandler: requireLogin }, async ({ session }) => {
    const list = await app.sessions.list(session.userId!)
    return list.map(({ sid, label, createdAt, lastSeenAt, isLive, rememberedSince = createdAt }) => ({
      id: sid, label, since: rememberedSince, lastSeenAt, isAsleep: !isLive, isThis: sid === session.id
    }))
  })
  app.delete<{ Params: { id: string } }>('/devices/:id', { preHandler: requireLogin }, async ({ session, params }, reply) => {
    const isEnded = await app.sessions.revoke(params.id, { userId: session.userId! })
    return reply.code(isEnded ? 204 : 404).send()
  })
  // #endregion list

  // #region confirm
  const Password = { type: 'object', required: ['password'], properties: { password: text } }

  app.post<{ Body: { password: string } }>('/confirm', { schema: { body: Password }, preHandler: requireLogin }, async ({ session, body }, reply) => {
    if (!await users.isPassword(session.userId!, body.password)) return reply.code(403).send()
    await session.reauthenticate()
    return { ok: true }
  })
  // #endregion confirm

  // #region password
  app.post<{ Body: { password: string } }>('/password', { schema: { body: Password }, preHandler: requireFresh({ within: 300 }) }, async ({ session, body }) => {
    await users.setPassword(session.userId!, body.password)
    // Every other session and every other remembered device. This one, and its device, go on.
    return { ended: await app.sessions.revokeUser(session.userId!, { except: session.id }) }
  })
  // #endregion password

  // #region removed
  app.delete('/account', { preHandler: requireFresh({ within: 300 }) }, async ({ session }) => {
    const userId = session.userId!
    await users.remove(userId)
    await session.logout()
    // A remembered device knows nothing of your table of users: tell it.
    await app.sessions.revokeUser(userId)
    return { ok: true }
  })
  // #endregion removed

  return app
}
