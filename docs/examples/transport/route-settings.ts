import Fastify, { type FastifyInstance } from 'fastify'
import { transport } from 'fastify-bulwark/transport'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: '10.0.0.0/8' })
  await app.register(transport, { hosts: ['app.example'] })

  // #region health
  app.get('/health', { config: { security: { transport: false } } }, () => 'ok')
  // #endregion health

  // #region challenge
  app.get('/.well-known/acme-challenge/:token', {
    config: { security: { transport: { https: false } } }
  }, (request) => `the answer to ${(request.params as { token: string }).token}`)
  // #endregion challenge

  app.get('/', () => 'home')
  return app
}
