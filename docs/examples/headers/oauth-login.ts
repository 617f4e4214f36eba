import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)

  // #region login
  app.get('/login', (_request, reply) => {
    reply.csp.append('form-action', 'https://id.example')
    reply.type('text/html').send(`<!doctype html>
      <title>Login</title>
      <form method="post" action="/login"><button>Continue at id.example</button></form>`)
  })
  app.post('/login', (_request, reply) => reply.redirect('https://id.example/authorize?client_id=demo', 303))
  // #endregion login

  return app
}
