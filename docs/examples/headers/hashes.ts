import Fastify, { type FastifyInstance } from 'fastify'
import { hashOf, headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region hash
  const script = "document.documentElement.dataset.ready = 'yes'"
  await app.register(headers, {
    contentSecurityPolicy: { append: { 'script-src': [hashOf(script)] } }
  })
  app.get('/', (_request, reply) => reply
    .header('cache-control', 'public, max-age=3600')
    .type('text/html')
    .send(`<!doctype html><title>Static</title><script>${script}</script>`))
  // #endregion hash

  return app
}
