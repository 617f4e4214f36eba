import Fastify, { type FastifyInstance } from 'fastify'
import { redirect } from 'fastify-bulwark/redirect'

/** A server that answers under names that it does not know. */
export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  // #region local
  await app.register(redirect, { localOnly: true })
  // #endregion local
  app.get<{ Querystring: { next?: string } }>('/go', (request, reply) => reply.safeRedirect(request.query.next, { fallback: '/' }))
  return app
}
