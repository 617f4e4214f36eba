import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  app.get('/login', (request) => request.csrfToken())

  // #region login
  app.post('/login', (request, reply) => {
    // … check the password, and start a session of your own …
    for (const [name] of (request.headers.cookie ?? '').matchAll(/__Host-csrf-[\w-]+(?==)/g)) {
      reply.header('set-cookie', `${name}=; Path=/; Secure; Max-Age=0`)
    }
    return reply.redirect('/', 303)
  })
  // #endregion login

  return app
}
