import { existsSync } from 'node:fs'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback, type FastifyReply, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { csrf } from '../../plugins/csrf.ts'

// csrf beside a session. Neither plugin imports the other: what csrf relies on is `app.sessions`, and an id that changes with each login. The session plugin is held to it
// where it is there, and so is a stand-in of a few lines, by which csrf is tested alone.

const keys = [generateKey()]

interface LoginSession {
  readonly id: string | undefined
  login (userId: string): Promise<unknown>
  logout (): Promise<unknown>
}

/** Whatever type some package gives to `request.session`. */
function sessionOf (request: FastifyRequest): LoginSession {
  return (request as unknown as { session: LoginSession }).session
}

const standIn: FastifyPluginAsync = fp(async (app) => {
  const opened = new WeakMap<FastifyRequest, { id: string | undefined, isChanged: boolean }>()
  const alive = new Set<string>()
  const stateOf = (request: FastifyRequest): { id: string | undefined, isChanged: boolean } => {
    const given = /(?:^|; )__Host-session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
    const state = opened.get(request) ?? { id: given !== undefined && alive.has(given) ? given : undefined, isChanged: false }
    opened.set(request, state)
    return state
  }
  app.decorate('sessions' as 'version', '')
  const decorator = {
    getter (this: FastifyRequest): LoginSession {
      const state = stateOf(this)
      const change = async (id: string | undefined): Promise<void> => {
        alive.delete(state.id ?? '')
        if (id !== undefined) alive.add(id)
        Object.assign(state, { id, isChanged: true })
      }
      return { id: state.id, login: async () => await change(generateKey()), logout: async () => await change(undefined) }
    }
  }
  app.decorateRequest('session' as 'id', decorator as never)
  app.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply) => {
    const state = opened.get(request)
    if (state?.isChanged === true) reply.header('set-cookie', `__Host-session=${state.id ?? '; Max-Age=0'}`)
  })
})

const plugins: Array<[name: string, plugin: FastifyPluginAsync<{ keys: readonly string[] }>]> = [['a stand-in', standIn]]
const file = new URL('../../plugins/session.js', import.meta.url)
if (existsSync(file)) {
  const { session } = await import(file.href) as { session: FastifyPluginAsync<{ keys: readonly string[] }> }
  plugins.push(['the session plugin', session])
}

/** A browser's cookies, as far as needed here. */
class Jar {
  readonly #cookies = new Map<string, string>()

  take (reply: LightMyRequestResponse): LightMyRequestResponse {
    for (const { name, value, maxAge } of reply.cookies) {
      if (maxAge === 0 || value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return reply
  }

  get header (): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get names (): string[] {
    return [...this.#cookies.keys()]
  }
}

async function build (session: FastifyPluginAsync<{ keys: readonly string[] }>, order: 'csrf first' | 'session first'): Promise<FastifyInstance> {
  const app = Fastify()
  const routes: FastifyPluginCallback = (app, _options, next) => {
    app.get('/form', (request) => request.csrfToken())
    app.post('/login', async (request) => {
      const before = request.csrfToken()
      await sessionOf(request).login('alice')
      return { before, after: request.csrfToken() }
    })
    app.post('/logout', async (request) => {
      await sessionOf(request).logout()
      return 'out'
    })
    app.post('/transfer', () => 'done')
    app.get('/plain', () => 'plain')
    next()
  }
  const register = [async () => await app.register(csrf, { origin: 'https://app.test', keys }), async () => await app.register(session, { keys })]
  for (const step of order === 'csrf first' ? register : register.reverse()) await step()
  await app.register(routes)
  return app
}

for (const [name, plugin] of plugins) {
  for (const order of ['csrf first', 'session first'] as const) {
    t.test(`${name}: a token is bound to it, ${order}`, async (t) => {
      const app = await build(plugin, order)
      t.teardown(() => app.close())
      const jar = new Jar()
      const get = async (url: string): Promise<LightMyRequestResponse> => jar.take(await app.inject({ url, headers: { cookie: jar.header } }))
      // As of a browser that names no origin: the token decides.
      const post = async (url: string, token: string): Promise<LightMyRequestResponse> => jar.take(await app.inject({ method: 'POST', url, headers: { cookie: jar.header, origin: 'null', 'x-csrf-token': token } }))

      const anonymous = (await get('/form')).body
      t.match(jar.names, [/^__Host-csrf-/], 'without a session there is a cookie of its own')
      const login = await post('/login', anonymous)
      t.equal(login.statusCode, 200)
      t.ok(jar.names.includes('__Host-session'))
      const { before, after } = login.json<{ before: string, after: string }>()
      t.equal((await post('/transfer', anonymous)).statusCode, 403, 'the token from before the login is worth nothing')
      t.equal((await post('/transfer', before)).statusCode, 403, 'nor is the one from the beginning of that request')
      t.equal((await post('/transfer', after)).statusCode, 200)

      const page = await get('/form')
      t.notOk(page.cookies.some(({ name }) => name.startsWith('__Host-csrf')), 'with a session no cookie is set')
      t.equal((await post('/transfer', page.body)).statusCode, 200)
      t.equal(jar.take(await app.inject({ method: 'POST', url: '/transfer', headers: { cookie: jar.header } })).statusCode, 403, 'curl with the session needs the token')

      t.equal((await post('/logout', page.body)).statusCode, 200)
      t.equal((await post('/transfer', page.body)).statusCode, 403, 'nor is one of a session that is over')
      await post('/login', (await get('/form')).body)
      t.equal((await post('/transfer', page.body)).statusCode, 403, 'nor in the next session of the same user')
      t.equal((await post('/transfer', (await get('/form')).body)).statusCode, 200)
    })
  }

  t.test(`${name}: a request that is decided by headers does not touch it`, async (t) => {
    const app = await build(plugin, 'csrf first')
    t.teardown(() => app.close())
    const jar = new Jar()
    jar.take(await app.inject({ method: 'POST', url: '/login' }))
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'cross-site' }]) {
      const reply = await app.inject({ method: 'POST', url: '/transfer', headers: { ...headers, cookie: jar.header } })
      t.notMatch(String(reply.headers.vary), 'Cookie')
      t.notOk('set-cookie' in reply.headers)
    }
  })

  t.test(`${name}: the keys of both may be the same, each purpose has keys of its own`, async (t) => {
    const app = await build(plugin, 'session first')
    t.teardown(() => app.close())
    const jar = new Jar()
    const { body } = jar.take(await app.inject('/form'))
    const [, value] = jar.header.split('=')
    for (const forged of [`__Host-session=${value!}`, `__Host-session=${body}`]) {
      t.equal((await app.inject({ method: 'POST', url: '/transfer', headers: { cookie: forged, 'x-csrf-token': body } })).statusCode, 403)
    }
  })
}
