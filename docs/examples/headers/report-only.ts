import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region report-only
  await app.register(headers, {
    reporting: { endpoints: { csp: 'https://reports.example/csp' } },
    contentSecurityPolicyReportOnly: {
      remove: { 'img-src': ['data:'] }
    }
  })
  // #endregion report-only

  app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html><title>Two policies</title><script nonce="${request.cspNonce}"></script>`))
  return app
}
