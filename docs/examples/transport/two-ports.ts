import Fastify, { type FastifyInstance } from 'fastify'
import { transport, type TransportOptions } from 'fastify-bulwark/transport'

export async function build (tls: { key: Buffer, cert: Buffer }, securePort = 8443): Promise<{ site: FastifyInstance, redirects: FastifyInstance }> {
  // #region ports
  const options: TransportOptions = { hosts: ['app.example', 'app.example:8080'], securePort }

  const site = Fastify({ https: tls }) // to listen on the secure port
  await site.register(transport, options)
  site.get('/', () => 'home')

  const redirects = Fastify() // to listen on port 8080: it has no routes
  await redirects.register(transport, options)
  // #endregion ports
  return { site: site as unknown as FastifyInstance, redirects }
}
