import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region remote
  await app.register(headers)
  await app.register(integrity, { lock: 'docs/examples/integrity/remote/sri-lock.json' })

  app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html>
    <title>Chart</title>
    ${app.integrity.for(request).scriptTag('https://cdn.example/chart@4.4.1/chart.js')}`))
  // #endregion remote

  return app
}
