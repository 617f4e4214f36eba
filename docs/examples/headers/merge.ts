import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  // #region merge
  await app.register(headers, {
    contentSecurityPolicy: {
      remove: { 'img-src': ['data:'], 'manifest-src': true },
      set: { 'frame-ancestors': ["'self'"] },
      append: { 'script-src-elem': ['https://cdn.example'] }
    }
  })
  // #endregion merge
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Merged</title>'))
  return app
}
