import Fastify, { type FastifyInstance } from 'fastify'
import { headers, type HeadersOptions } from 'fastify-bulwark/headers'

// #region ramp
const firstStep: HeadersOptions = {
  reporting: { endpoints: { csp: '/reports/csp' } },
  trustedTypes: { mode: 'report-only' }
}

// When the reports have stopped:
const secondStep: HeadersOptions = {
  reporting: { endpoints: { csp: '/reports/csp' } },
  trustedTypes: { mode: 'enforce', policies: ['sanitizer'] }
}
// #endregion ramp

export async function build (step: 1 | 2 = 1): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers, step === 1 ? firstStep : secondStep)
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Trusted Types</title>'))
  return app
}
