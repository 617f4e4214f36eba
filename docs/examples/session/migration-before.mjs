import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'

export async function build () {
  const app = Fastify()

  // #region register
  await app.register(secureSession, {
    key: Buffer.from(process.env.SESSION_KEY, 'hex'),
    expiry: 24 * 60 * 60,
    cookie: { path: '/', secure: true }
  })
  // #endregion register

  // #region routes
  app.post('/login', async (request) => {
    request.session.regenerate()
    request.session.set('userId', '42')
    return { ok: true }
  })
  app.get('/me', async (request, reply) => {
    const user = request.session.get('userId')
    if (user === undefined) return reply.code(401).send({ error: 'sign in' })
    return { user }
  })
  app.post('/logout', async (request) => {
    request.session.delete() // a copy of the cookie still works
    return { ok: true }
  })
  // #endregion routes

  return app
}
