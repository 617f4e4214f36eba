import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Home</title>'))

  // #region route
  app.get('/map', {
    config: {
      security: {
        headers: {
          contentSecurityPolicy: { append: { 'img-src': ['https://tiles.example'] } },
          permissionsPolicy: { geolocation: ['self'] }
        }
      }
    }
  }, (_request, reply) => reply.type('text/html').send('<!doctype html><title>Map</title>'))
  // #endregion route

  // #region off
  app.get('/raw', { config: { security: { headers: false } } }, () => 'no header of this plugin')
  // #endregion off

  return app
}
