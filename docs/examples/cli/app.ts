import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export function build (): FastifyInstance {
  const app = Fastify()
  app.register(headers)

  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Shop</title>'))

  app.get('/widget', { config: { security: { headers: false } } },
    (_request, reply) => reply.type('text/html').send('<!doctype html><title>Widget</title>'))

  app.post('/orders', async () => ({ ordered: true }))

  return app
}
