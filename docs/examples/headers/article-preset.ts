import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region article
  await app.register(headers, {
    preset: 'article',
    contentSecurityPolicy: { append: { 'script-src': ['https://cdn.example'] } }
  })
  // #endregion article

  app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html>
    <title>Article</title>
    <script src="https://cdn.example/chart.js"></script>
    <script nonce="${request.cspNonce}">console.log('ran')</script>`))
  return app
}
