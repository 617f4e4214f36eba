import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)
  await app.register(integrity, { roots: [{ root: 'docs/examples/integrity/public', prefix: '/public/' }] })

  // #region map
  app.get('/', (request, reply) => {
    const tags = app.integrity.for(request)
    reply.type('text/html').send(`<!doctype html>
      <title>Modules</title>
      ${tags.importMapTag({ imports: { greet: '/public/lib/greet.js' } })}
      ${tags.modulePreloadTag('/public/lib/greet.js')}
      <body>${tags.scriptTag('/public/main.js', { type: 'module' })}`)
  })
  // #endregion map

  return app
}
