import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { csrf } from '../../plugins/csrf.ts'
import { importPlugin } from './untyped-plugin.ts'

const csrfProtection = await importPlugin('@fastify/csrf-protection')
const secureSession = await importPlugin('@fastify/secure-session')

/** What the plugin that ours is compared with adds. */
interface Compared {
  generateCsrf (): string
  csrfProtection (request: FastifyRequest, reply: FastifyReply, next: () => void): void
}

// What the most used package for this lets through, beside what this one does with the same request.

/** Whatever type some package gives to `request.session`. */
function sessionOf (request: FastifyRequest): { get (key: string): unknown, set (key: string, value: unknown): void } {
  return (request as unknown as { session: ReturnType<typeof sessionOf> }).session
}

/** Both applications: GET /login shows a form, POST /login logs in, POST /transfer moves money. Neither asks for more than its package does. */
async function theirs (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/' } })
  await app.register(csrfProtection, { sessionPlugin: '@fastify/secure-session' })
  app.get('/login', (_request, reply) => reply.send((reply as unknown as Compared).generateCsrf()))
  app.post('/login', (request) => {
    sessionOf(request).set('user', 'alice')
    return 'in'
  })
  app.post('/transfer', { preHandler: (app as unknown as Compared).csrfProtection }, (request) => sessionOf(request).get('user') ?? 'nobody')
  return app
}

async function ours (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/' } })
  app.get('/login', (request) => request.csrfToken())
  app.post('/login', (request) => {
    sessionOf(request).set('user', 'alice')
    return 'in'
  })
  app.post('/transfer', (request) => sessionOf(request).get('user') ?? 'nobody')
  return app
}

class Jar {
  readonly #cookies = new Map<string, string>()
  take (reply: { cookies: Array<{ name: string, value: string }> }): void {
    for (const { name, value } of reply.cookies) this.#cookies.set(name, encodeURIComponent(value))
  }

  get header (): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** The attacker fetches a token, plants the cookies that came with it, waits for the login, and has the browser send the token from another site. */
async function plantedToken (app: FastifyInstance): Promise<{ statusCode: number, body: string }> {
  const jar = new Jar()
  const page = await app.inject('/login')
  const token = page.body
  jar.take(page)
  const login = await app.inject({ method: 'POST', url: '/login', headers: { cookie: jar.header, origin: 'https://app.test', 'sec-fetch-site': 'same-origin' } })
  jar.take(login)
  return await app.inject({
    method: 'POST',
    url: '/transfer',
    headers: { cookie: jar.header, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    payload: { _csrf: token }
  })
}

t.test('a token that was planted before the login, sent from another site', async (t) => {
  const before = await plantedToken(await theirs())
  t.equal(before.statusCode, 200, '@fastify/csrf-protection lets it through')
  t.equal(before.body, 'alice', 'in the name of the visitor')
  t.equal((await plantedToken(await ours())).statusCode, 403, 'here it is refused')
})

t.test('a cookie that a subdomain tossed, with the token that belongs to it', async (t) => {
  const app = Fastify()
  await app.register(cookie)
  await app.register(csrfProtection)
  app.get('/token', (_request, reply) => reply.send((reply as unknown as Compared).generateCsrf()))
  app.post('/transfer', { preHandler: (app as unknown as Compared).csrfProtection }, () => 'done')
  const tossed = await app.inject('/token')
  const headers = { cookie: `_csrf=${tossed.cookies[0]!.value}`, origin: 'https://evil.app.test', 'sec-fetch-site': 'same-site' }
  t.equal((await app.inject({ method: 'POST', url: '/transfer', headers, payload: { _csrf: tossed.body } })).statusCode, 200, '@fastify/csrf-protection lets it through')

  const other = await ours()
  const page = await other.inject('/login')
  const planted = { cookie: page.headers['set-cookie']!.toString().split(';')[0]!, origin: 'https://evil.app.test' }
  t.match(planted.cookie, /^__Host-/, 'a cookie that no subdomain can set')
  for (const site of [{ 'sec-fetch-site': 'same-site' }, {}]) {
    t.equal((await other.inject({ method: 'POST', url: '/transfer', headers: { ...planted, ...site }, payload: { _csrf: page.body } })).statusCode, 403, 'here it is refused')
  }
})

t.test('a route that nobody thought of', async (t) => {
  const cross = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
  for (const [app, status] of [[await theirs(), 200], [await ours(), 403]] as const) {
    t.equal((await app.inject({ method: 'POST', url: '/login', headers: cross })).statusCode, status)
  }
})

t.test('a token in the body beside a strict schema', async (t) => {
  const schema = { body: { type: 'object', additionalProperties: false, properties: { amount: { type: 'number' } } } }
  const app = Fastify()
  await app.register(cookie)
  await app.register(csrfProtection)
  app.get('/token', (_request, reply) => reply.send((reply as unknown as Compared).generateCsrf()))
  app.post('/transfer', { schema, preHandler: (app as unknown as Compared).csrfProtection }, () => 'done')
  const page = await app.inject('/token')
  const theirReply = await app.inject({ method: 'POST', url: '/transfer', headers: { cookie: `_csrf=${page.cookies[0]!.value}` }, payload: { amount: 1, _csrf: page.body } })
  t.equal(theirReply.statusCode, 403, '@fastify/csrf-protection in preHandler finds the field gone, and refuses what is right')

  const other = Fastify()
  await other.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  other.get('/token', (request) => request.csrfToken())
  other.post('/transfer', { schema }, () => 'done')
  const ourPage = await other.inject('/token')
  const headers = { cookie: ourPage.headers['set-cookie']!.toString().split(';')[0]!, origin: 'null' }
  t.equal((await other.inject({ method: 'POST', url: '/transfer', headers, payload: { amount: 1, _csrf: ourPage.body } })).statusCode, 200)
})
