import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region append
  await app.register(headers, {
    contentSecurityPolicy: {
      append: {
        'img-src': ['https://cdn.example'],
        'style-src': ['https://cdn.example/styles/'],
        'media-src': ['https://cdn.example']
      }
    }
  })
  // #endregion append

  // #region script
  app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html>
    <title>CDN</title>
    <link rel="stylesheet" href="https://cdn.example/styles/page.css">
    <script nonce="${request.cspNonce}" src="https://cdn.example/page.js"></script>`))
  // #endregion script

  return app
}
