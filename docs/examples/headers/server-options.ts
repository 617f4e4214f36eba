import Fastify, { type FastifyInstance } from 'fastify'
import { headers, secureServerOptions, type HeadersOptions } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  // #region server
  const options: HeadersOptions = { strictTransportSecurity: { maxAge: 63_072_000 } }
  const app = Fastify({ ...secureServerOptions(options) })
  await app.register(headers, options)
  // #endregion server
  app.get('/items/:id', (request) => ({ id: (request.params as { id: string }).id }))
  return app
}
