import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)

  // #region nonce
  app.get('/', (request, reply) => {
    const nonce = request.cspNonce
    reply.type('text/html').send(`<!doctype html>
      <title>Greeting</title>
      <style nonce="${nonce}">p { font-weight: bold }</style>
      <p>Hello</p>
      <script nonce="${nonce}">console.log('ran')</script>
      <script nonce="${nonce}" src="/app.js"></script>`)
  })
  // #endregion nonce

  // #region unread
  app.get('/plain', (_request, reply) => {
    reply.type('text/html').send('<!doctype html><title>Plain</title><link rel="stylesheet" href="/app.css"><script src="/app.js"></script>')
  })
  // #endregion unread

  return app
}
