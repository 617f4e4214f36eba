import Fastify, { type FastifyInstance } from 'fastify'
import { redirect } from 'fastify-bulwark/redirect'

/** A login, a route with a list of its own, and one that hands on what another server says. */
export async function build (upstream: string): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(redirect, { origin: 'https://app.example', hosts: ['docs.example'] })

  // #region route
  app.post('/login', {
    config: { security: { redirect: { field: 'next', in: ['body'], fallback: '/start', onUnsafe: 'fallback' } } }
  }, (request, reply) => reply.safeRedirect(request.redirectTarget))

  app.get('/shop', {
    config: { security: { redirect: { field: 'to', hosts: ['pay.example', '*.shop.example'] } } }
  }, (request, reply) => reply.safeRedirect(request.redirectTarget))
  // #endregion route

  // #region off
  app.get('/proxy', { config: { security: { redirect: false } } }, () => fetch(upstream, { redirect: 'manual' }))
  // #endregion off
  return app
}
