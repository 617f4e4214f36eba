import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity, type IntegrityOptions } from 'fastify-bulwark/integrity'

// #region ramp
const firstStep: IntegrityOptions = { integrityPolicyReportOnly: { endpoints: ['integrity'] } }

// When the reports have stopped:
const secondStep: IntegrityOptions = { integrityPolicy: { endpoints: ['integrity'] } }
// #endregion ramp

export async function build (step: 1 | 2): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers, { reporting: { endpoints: { integrity: 'https://reports.example/integrity' } } })
  await app.register(integrity, step === 1 ? firstStep : secondStep)
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Page</title>'))

  // #region route
  app.get('/map', {
    config: { security: { integrity: { integrityPolicy: { blockedDestinations: ['script', 'style'] } } } }
  }, (_request, reply) => reply.type('text/html').send('<!doctype html><title>Map</title>'))

  app.get('/old', { config: { security: { integrity: false } } }, (_request, reply) => reply.type('text/html').send('<!doctype html><title>Old</title>'))
  // #endregion route

  return app
}
