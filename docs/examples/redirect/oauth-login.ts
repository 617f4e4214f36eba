import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { redirect } from 'fastify-bulwark/redirect'

/** A login page that goes on at an identity provider. */
export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)
  await app.register(redirect, { origin: 'https://app.example' })

  // #region oauth
  app.get('/login', (_request, reply) => {
    reply.csp.append('form-action', 'https://id.example')
    reply.type('text/html').send('<!doctype html><title>Login</title><form method="post" action="/login"><button>Go on</button></form>')
  })
  app.post('/login', { config: { security: { redirect: { hosts: ['id.example'] } } } },
    (_request, reply) => reply.safeRedirect('https://id.example/authorize?client_id=demo'))
  // #endregion oauth
  return app
}
