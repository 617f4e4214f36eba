import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(formbody)

  // #region register
  await app.register(csrf, { origin: 'https://app.test', keys: [process.env['CSRF_KEY'] ?? generateKey()] })
  // #endregion register

  // #region routes
  app.get('/form', (request, reply) => {
    return reply.type('text/html').send(`<form method="post">${request.csrfField()}<input name="text"></form>`)
  })
  app.post('/form', (request) => ({ text: (request.body as { text: string }).text }))
  // #endregion routes

  return app
}
