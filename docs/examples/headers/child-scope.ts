import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region child
  await app.register(headers)
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Home</title>'))

  await app.register(async (widgets) => {
    await widgets.register(headers, {
      contentSecurityPolicy: { set: { 'frame-ancestors': ['https://partner.example'] } },
      crossOriginResourcePolicy: 'cross-origin',
      permissionsPolicy: false
    })
    widgets.get('/clock', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Clock</title>'))
  }, { prefix: '/widgets' })
  // #endregion child

  return app
}
