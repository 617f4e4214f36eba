import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { generateKey, session, type SessionEvent, type SessionOptions } from '../../plugins/session.ts'
import { Clock, cookieOf } from '../lib/session/fixture.ts'

// A site with sessions, and what its visitor has of it.

export const KEY: string = generateKey()
export const NAME = '__Host-session'

interface Site {
  readonly app: FastifyInstance
  readonly clock: Clock
  readonly events: SessionEvent[]
  /** A request; gives the reply, and the cookie that the browser has afterwards. */
  visit (url: string, cookie?: string): Promise<{ statusCode: number, body: string, setCookie: string[], cookie: string | undefined, headers: Readonly<Record<string, unknown>> }>
}

export async function site (t: Test, options: Partial<SessionOptions> = {}, server: FastifyServerOptions = {}, before: (app: FastifyInstance) => Promise<unknown> = async () => {}): Promise<Site> {
  const app = Fastify(server) as unknown as FastifyInstance
  t.teardown(() => app.close())
  const clock = new Clock()
  const events: SessionEvent[] = []
  await before(app)
  await app.register(session, { keys: [KEY], now: clock.now, onEvent: (event) => events.push(event), ...options })
  const data = (request: { session: unknown }) => request.session as { get (key: string): unknown, set (key: string, value: unknown): unknown, delete (key: string): boolean, has (key: string): boolean, entries (): unknown[] }
  app.get('/login', async (request) => { await request.session.login('42'); return 'ok' })
  app.get('/logout', async (request) => { await request.session.logout(); return 'ok' })
  app.get('/user', async (request) => request.session.userId ?? 'nobody')
  app.get('/get', async (request) => ({ data: Object.fromEntries(data(request).entries() as Array<[string, unknown]>) }))
  app.get<{ Querystring: { key: string, value: string } }>('/set', async (request) => { data(request).set(request.query.key, request.query.value); return 'ok' })
  app.get<{ Querystring: { key: string } }>('/delete', async (request) => ({ was: data(request).delete(request.query.key), has: data(request).has(request.query.key) }))
  app.get('/unused', async () => 'ok')
  return {
    app,
    clock,
    events,
    async visit (url, cookie) {
      const { statusCode, body, headers } = await app.inject({ url, headers: cookie === undefined ? {} : { cookie } })
      const setCookie = [headers['set-cookie'] ?? []].flat()
      return { statusCode, body, setCookie, headers, cookie: setCookie.length === 0 ? cookie : cookieOf(setCookie) }
    }
  }
}
