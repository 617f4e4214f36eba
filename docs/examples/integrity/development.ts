import Fastify, { type FastifyInstance } from 'fastify'
import { integrity } from 'fastify-bulwark/integrity'

export async function build (mode: string | undefined = process.env['APP_MODE']): Promise<FastifyInstance> {
  const app = Fastify()

  // #region mode
  await app.register(integrity, {
    roots: [{ root: 'docs/examples/integrity/public', prefix: '/public/' }],
    mode: mode === 'development' ? 'development' : 'production'
  })
  // #endregion mode

  app.get('/', (_request, reply) => reply.type('text/html').send(app.integrity.scriptTag('/public/ap.js')))
  return app
}
