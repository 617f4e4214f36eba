import Fastify, { type FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { redisStore } from '../../lib/session/stores/redis.ts'
import { generateKey, session, type SessionEvent } from '../../plugins/session.ts'
import { skip, startRedis } from './redis-server.ts'

// Two processes behind one address, a real store, and a browser that is opened with 2 to 12 tabs.

const REMEMBER = '__Host-remember'
const KEY = generateKey()

t.test('parallel tabs over two applications and one Redis', { skip, timeout: 120_000 }, async (t: Test) => {
  const server = await startRedis()
  t.teardown(() => server.close())
  const client = new Redis(server.port, '127.0.0.1')
  t.teardown(() => client.disconnect())
  const events: SessionEvent[] = []
  const build = async (): Promise<FastifyInstance> => {
    const app = Fastify() as unknown as FastifyInstance
    t.teardown(() => app.close())
    await app.register(session, { keys: [KEY], store: redisStore(client), storeTimeout: 30, cacheSeconds: 0, onEvent: (event) => events.push(event) })
    app.post('/login', async (request) => { await request.session.login('42', { remember: true }); return {} })
    app.get('/me', async ({ session }) => ({ user: session.userId ?? null, id: session.id ?? null, remembered: session.remembered }))
    return app
  }
  const apps = [await build(), await build()] as const
  const cookieIn = (texts: string | string[] | undefined, name: string): string => [texts ?? []].flat().find((text) => text.startsWith(`${name}=`))!.split(';')[0]!
  const login = await apps[0].inject({ method: 'POST', url: '/login' })
  let token = cookieIn(login.headers['set-cookie'], REMEMBER)
  for (let tabs = 2; tabs <= 12; tabs++) {
    const replies = await Promise.all(Array.from({ length: tabs }, async (_, tab) => await apps[tab % 2]!.inject({ url: '/me', headers: { cookie: token } })))
    const bodies = replies.map((reply) => reply.json<{ user: string, id: string, remembered: boolean }>())
    t.ok(bodies.every(({ user, remembered }) => user === '42' && remembered), `${tabs} tabs are signed in`)
    t.equal(new Set(bodies.map(({ id }) => id)).size, 1, 'in one session')
    t.equal(new Set(replies.map(({ headers }) => cookieIn(headers['set-cookie'], REMEMBER))).size, 1, 'with one token')
    const { headers } = replies[tabs - 1]!
    token = cookieIn(headers['set-cookie'], REMEMBER)
    const cookie = `${cookieIn(headers['set-cookie'], '__Host-session')}; ${token}`
    t.match((await apps[0].inject({ url: '/me', headers: { cookie } })).json(), { user: '42', id: bodies[0]!.id })
  }
  t.equal((await apps[1].sessions.list('42')).length, 1, 'one device')
  t.same([...new Set(events.map(({ name }) => name))].sort(), ['session_created', 'session_remembered'])
})
