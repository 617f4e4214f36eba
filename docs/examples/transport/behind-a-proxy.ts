import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { transport } from 'fastify-bulwark/transport'

// #region proxy
/** `proxies`: where requests come from, as addresses, networks or names such as `loopback`; a list is separated by commas. */
export async function build (proxies: string = process.env['TRUSTED_PROXIES'] ?? 'loopback'): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: proxies })
  await app.register(transport, { hosts: ['app.example'], allowLoopback: false })
  await app.register(headers)

  app.get('/health', { config: { security: { transport: false } } }, () => 'ok')
  app.get('/', (request) => ({ ip: request.ip, host: request.host, protocol: request.protocol }))
  return app
}
// #endregion proxy
