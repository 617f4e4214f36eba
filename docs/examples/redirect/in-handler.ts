import Fastify, { type FastifyInstance } from 'fastify'
import { redirect } from 'fastify-bulwark/redirect'

interface Go { Querystring: { to?: string } }

/** Every way to redirect from a handler. */
export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(redirect, { origin: 'https://app.example' })

  // #region safe
  app.get<Go>('/go', (request, reply) => reply.safeRedirect(request.query.to, { fallback: '/start' }))
  // #endregion safe

  // #region back
  app.post('/language', (_request, reply) => reply.redirectBack('/start'))
  // #endregion back

  // #region external
  app.post('/login', (_request, reply) => reply.externalRedirect('https://id.example/authorize?client_id=demo'))
  // #endregion external

  // #region leave
  app.get<Go>('/out', (request, reply) => reply.leaveTo(request.query.to))
  // #endregion leave

  // #region script
  app.get<Go>('/api/next', (request) => ({ next: request.isSafeRedirect(request.query.to) ? request.query.to : '/' }))
  // #endregion script
  return app
}
