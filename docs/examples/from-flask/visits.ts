import type { FastifyInstance } from 'fastify'

// #region visits
export function visits (app: FastifyInstance): void {
  app.get('/address', (request) => ({ ip: request.ip, host: request.host, protocol: request.protocol }))

  app.post('/language', (_request, reply) => reply.redirectBack('/account'))
}
// #endregion visits
