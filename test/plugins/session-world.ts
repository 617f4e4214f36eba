import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { generateKey, requireLogin, session, type SessionOptions } from '../../plugins/session.ts'
import { cookieOf } from '../lib/session/fixture.ts'

// What the tests of the plugin `session` share.

export const KEY: string = generateKey()

/** The application of the issue. */
export async function build (t: Test, options: Partial<SessionOptions> = {}, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify(server) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(session, { keys: [KEY], ...options })
  app.post('/login', async (request) => { await request.session.login('42', { label: 'Firefox on Linux' }); return { ok: true } })
  app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
  app.get('/read', async (request) => ({ user: request.session.userId ?? null, id: request.session.id ?? null }))
  app.post('/logout', async (request) => { await request.session.logout(); return { ok: true } })
  app.get('/unused', async () => ({ ok: true }))
  app.post<{ Body: { a: number } }>('/write', async (request) => { request.session.set('a' as never, request.body.a as never); return { ok: true } })
  return app
}

export const login = async (app: FastifyInstance): Promise<string> => cookieOf((await app.inject({ method: 'POST', url: '/login' })).headers['set-cookie'])!
