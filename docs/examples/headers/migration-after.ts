import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region register
  await app.register(headers, {
    contentSecurityPolicy: {
      set: {
        scriptSrc: ["'self'", "'nonce'", 'https://cdn.example'],
        frameAncestors: ["'self'"]
      }
    },
    crossOriginResourcePolicy: 'same-site',
    strictTransportSecurity: { maxAge: 63_072_000 },
    referrerPolicy: 'same-origin'
  })
  // #endregion register

  // #region routes
  app.get('/', (request, reply) => {
    reply.type('text/html').send(`<!doctype html>
      <style nonce="${request.cspNonce}">p { color: navy }</style>
      <script nonce="${request.cspNonce}">console.log('ran')</script>`)
  })
  app.get('/widget', { config: { security: { headers: { crossOriginResourcePolicy: 'cross-origin' } } } }, (_request, reply) => {
    reply.type('text/html').send('<p>Widget</p>')
  })
  app.get('/raw', { config: { security: { headers: false } } }, () => 'raw')
  // #endregion routes

  return app
}
