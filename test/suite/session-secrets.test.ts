import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { generateKey, requireLogin, session, type SessionEvent } from '../../plugins/session.ts'
import { FaultyStore } from '../lib/session/faulty-store.ts'
import { Clock, cookieOf } from '../lib/session/fixture.ts'

// ASVS 16.2.5: a whole scenario at the level trace, and nothing that is secret in any log line or event.

t.test('no key, no cookie, no id in clear and no data of a session is in the log or in an event', async (t) => {
  const lines: string[] = []
  const events: SessionEvent[] = []
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const keys = [generateKey(), generateKey()]
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => lines.push(line) } } }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(session, { keys, store, now: clock.now, loginPath: '/login', storeTimeout: 0.05, maxSessions: { max: 3, policy: 'refuse' }, onEvent: (event) => events.push(event) })
  const secrets = new Set<string>([...keys, 'user-in-clear', 'data-in-clear', 'label-in-clear', 'message-in-clear'])
  app.addHook('onSend', async (request) => { if (request.session.id !== undefined) secrets.add(request.session.id) })
  const body = (request: { session: unknown }) => request.session as { set (key: string, value: unknown): unknown }
  app.post('/login', async (request) => { await request.session.login('user-in-clear', { label: 'label-in-clear' }); return '' })
  app.post('/fresh', async (request) => { await request.session.reauthenticate(); return '' })
  app.post('/rotate', async (request) => { await request.session.rotate(); return '' })
  app.post('/write', async (request) => { body(request).set('a', 'data-in-clear'); request.session.flash('a', 'message-in-clear'); return '' })
  app.post('/large', async (request) => { body(request).set('a', 'data-in-clear'.repeat(170)); return '' })
  app.post('/too-large', async (request) => { body(request).set('a', 'data-in-clear'.repeat(1000)); return '' })
  app.post('/odd', async (request) => { body(request).set('a', { 'data-in-clear': 1n }); return '' })
  app.post('/logout', async (request) => { await request.session.logout({ everywhere: true }); return '' })
  app.get('/me', { preHandler: requireLogin }, async () => '')
  let cookie: string | undefined
  const visit = async (method: 'GET' | 'POST', url: string, given = cookie): Promise<void> => {
    const reply = await app.inject({ method, url, headers: { accept: 'text/html', ...given !== undefined && { cookie: given } } })
    const set = cookieOf(reply.headers['set-cookie'])
    if (set !== undefined) {
      for (const one of set.split('; ')) secrets.add(one.slice(one.indexOf('=') + 1))
      if (set.includes('__Host-session=')) cookie = set.split('; ').find((one) => one.startsWith('__Host-session='))
    }
  }
  await visit('GET', '/me')
  await visit('POST', '/write')
  for (let turn = 0; turn < 4; turn++) await visit('POST', '/login', 'none=1')
  for (const url of ['/write', '/large', '/too-large', '/odd', '/fresh', '/rotate']) await visit('POST', url)
  const old = cookie!
  await visit('GET', '/me', old.slice(0, -3))
  await visit('GET', '/me', `${old}x`)
  await visit('GET', '/me', `${old}; ${old}`)
  store.state = 'hanging'
  clock.pass(10)
  await visit('GET', '/me')
  await visit('POST', '/logout')
  store.state = 'up'
  await visit('GET', '/me', old)
  clock.pass(2000)
  await visit('GET', '/me', old)
  for (let attempt = 0; attempt < 200 && !events.some(({ name }) => name === 'session_revocation_done'); attempt++) await new Promise((resolve) => setTimeout(resolve, 50))
  const names = new Set(events.map(({ name }) => name))
  for (const name of ['session_created', 'session_renewed', 'session_expired', 'session_use_after_expire', 'session_cookie_refused', 'session_cookie_large', 'session_store_down', 'session_revocation_pending', 'session_revocation_done', 'excess_sessions_exceeded'] as const) t.ok(names.has(name), name)
  t.ok(secrets.size > 15)
  const text = lines.join('') + JSON.stringify(events)
  t.ok(text.length > 5000)
  for (const secret of secrets) t.notOk(text.includes(secret), `${secret.slice(0, 20)}…`)
})
