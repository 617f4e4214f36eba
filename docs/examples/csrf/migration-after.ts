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
  const Form = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } }
  app.post<{ Body: { text: string } }>('/form', { schema: { body: Form } }, (request) => ({ text: request.body.text }))
  // #endregion routes

  return app
}
