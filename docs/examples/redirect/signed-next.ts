import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { redirect } from 'fastify-bulwark/redirect'

/** A login form that keeps its target where nobody can change it. */
export async function build (keys: readonly string[]): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(formbody)
  // #region keys
  await app.register(redirect, { origin: 'https://app.example', keys })
  // #endregion keys

  // #region form
  app.get('/login', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => {
    const token = request.signNext(request.redirectTarget, { maxAge: 600 })
    reply.type('text/html').send(`<!doctype html>
      <title>Login</title>
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${token}">
        <button>Log in</button>
      </form>`)
  })

  app.post<{ Body: { next?: string } }>('/login', {
    schema: { body: { type: 'object', properties: { next: { type: 'string' } } } }
  }, (request, reply) => {
    return reply.safeRedirect(request.verifyNext(request.body.next), { fallback: '/' })
  })
  // #endregion form
  return app
}
