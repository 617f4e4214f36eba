import cookie from '@fastify/cookie'
import csrfProtection from '@fastify/csrf-protection'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'

export async function build () {
  const app = Fastify()
  await app.register(formbody)

  // #region register
  await app.register(cookie)
  await app.register(csrfProtection, { cookieOpts: { path: '/', sameSite: 'strict', httpOnly: true, secure: true } })
  // #endregion register

  // #region routes
  app.get('/form', (request, reply) => {
    const token = reply.generateCsrf()
    return reply.type('text/html').send(`<form method="post"><input type="hidden" name="_csrf" value="${token}"><input name="text"></form>`)
  })
  const Form = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } }
  app.post('/form', { schema: { body: Form }, preHandler: app.csrfProtection }, (request) => ({ text: request.body.text }))
  // #endregion routes

  return app
}
