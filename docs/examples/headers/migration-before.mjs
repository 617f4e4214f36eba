import helmet from '@fastify/helmet'
import Fastify from 'fastify'

export async function build () {
  const app = Fastify()

  // #region register
  await app.register(helmet, {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      directives: {
        scriptSrc: ["'self'", 'https://cdn.example'],
        frameAncestors: ["'self'"]
      }
    },
    crossOriginResourcePolicy: { policy: 'same-site' },
    hsts: { maxAge: 63_072_000 },
    referrerPolicy: { policy: 'same-origin' }
  })
  // #endregion register

  // #region routes
  app.get('/', (request, reply) => {
    reply.type('text/html').send(`<!doctype html>
      <style nonce="${reply.cspNonce.style}">p { color: navy }</style>
      <script nonce="${reply.cspNonce.script}">console.log('ran')</script>`)
  })
  app.get('/widget', { helmet: { crossOriginResourcePolicy: { policy: 'cross-origin' } } }, (request, reply) => {
    reply.type('text/html').send('<p>Widget</p>')
  })
  app.get('/raw', { helmet: false }, () => 'raw')
  // #endregion routes

  return app
}
