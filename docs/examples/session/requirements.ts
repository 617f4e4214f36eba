import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, localPath, requireFresh, requireLogin, session } from 'fastify-bulwark/session'

export async function build (isRight: (password: string) => Promise<boolean>): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(formbody)

  // #region login
  const Password = { type: 'object', required: ['password'], properties: { password: { type: 'string' } } }
  await app.register(session, { keys: [generateKey()], loginPath: '/login' })

  app.get('/login', (_request, reply) => reply.type('text/html').send('<form method="post"><input type="password" name="password"><button>Sign in</button></form>'))
  app.post<{ Body: { password: string }, Querystring: { next?: string } }>('/login', { schema: { body: Password } }, async (request, reply) => {
    if (!await isRight(request.body.password)) return reply.redirect('/login', 303)
    await request.session.login('42')
    return reply.redirect(localPath(request.query.next), 303)
  })
  // #endregion login

  // #region require
  app.get('/account', { preHandler: requireLogin }, async (request) => `Account of ${request.session.userId!}`)
  app.post('/email', { config: { security: { session: requireFresh({ within: 300 }) } } }, async () => 'changed')
  app.post('/payment', { config: { security: { session: { fresh: 300, strict: true } } } }, async () => 'paid')
  // #endregion require

  // #region reauthenticate
  app.post<{ Body: { password: string } }>('/confirm', { schema: { body: Password }, preHandler: requireLogin }, async (request, reply) => {
    if (!await isRight(request.body.password)) return reply.code(403).send('wrong password')
    await request.session.reauthenticate()
    return 'confirmed'
  })
  // #endregion reauthenticate

  return app
}
