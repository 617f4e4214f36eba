import { Readable } from 'node:stream'
import Fastify, { type FastifyContextConfig, type FastifyInstance } from 'fastify'
import t from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { applySession, generateKey, requireFresh, requireLogin, session } from '../../plugins/session.ts'
import { Clock, cookieOf } from '../lib/session/fixture.ts'
import { build, KEY, login } from './session-world.ts'

t.test('the example of the page', async (t) => {
  for (const options of [{}, { store: memoryStore() }, { store: memoryStore(), cacheSeconds: 0 }]) {
    const app = await build(t, options)
    t.match((await app.inject('/me')).json(), { status: 401, code: 'BULWARK_ERR_SESSION_LOGIN_REQUIRED' })
    const reply = await app.inject({ method: 'POST', url: '/login' })
    t.match(reply.headers['set-cookie'], /^__Host-session=[\w-]+\.[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    t.match(reply.headers, { 'cache-control': 'no-store', vary: 'Cookie' })
    const cookie = cookieOf(reply.headers['set-cookie'])!
    for (let turn = 0; turn < 3; turn++) {
      const me = await app.inject({ url: '/me', headers: { cookie } })
      t.same(me.json(), { user: '42' })
      t.notOk('set-cookie' in me.headers, 'reading writes nothing')
    }
    const unused = await app.inject({ url: '/unused', headers: { cookie } })
    t.same(['set-cookie', 'cache-control', 'vary'].filter((name) => name in unused.headers), [], 'what is not used leaves no trace')
    const gone = await app.inject({ method: 'POST', url: '/logout', headers: { cookie } })
    t.match(gone.headers, { 'clear-site-data': '"cache", "storage"', 'set-cookie': /Max-Age=0/ })
    t.equal((await app.inject({ url: '/me', headers: { cookie } })).statusCode, 401, 'the copied cookie is dead')
    t.same((await app.inject({ url: '/read', headers: { cookie } })).json(), { user: null, id: null })
  }
})

t.test('a refusal is a problem for programs, and a way back for pages', async (t) => {
  const app = await build(t, { loginPath: '/login' })
  const problem = await app.inject({ url: '/me', headers: { accept: 'application/json' } })
  t.equal(problem.statusCode, 401)
  t.match(problem.headers, { 'content-type': /^application\/problem\+json/, 'cache-control': 'no-store', 'www-authenticate': /Cookie/ })
  const page = await app.inject({ url: '/me?tab=1', headers: { accept: 'text/html' } })
  t.equal(page.statusCode, 302)
  t.equal(page.headers.location, '/login?next=%2Fme%3Ftab%3D1')
  t.equal(page.headers['cache-control'], 'no-store')
})

t.test('the way back is the address that the visitor asked for, whatever the server made of it', async (t) => {
  const app = Fastify({ rewriteUrl: ({ url = '' }) => url.replace(/^\/de(?=\/)/, '') })
  t.teardown(() => app.close())
  await app.register(session, { keys: [KEY], loginPath: '/de/login' })
  app.get('/me', { preHandler: requireLogin }, async () => '')
  app.get('/login', { preHandler: requireLogin }, async () => '')
  const answer = async (url: string): Promise<unknown> => (await app.inject({ url, headers: { accept: 'text/html' } })).headers.location
  t.equal(await answer('/de/me?tab=1'), '/de/login?next=%2Fde%2Fme%3Ftab%3D1')
  t.equal(await answer('/de/login'), undefined, 'and the login page leads nowhere in circles')
})

t.test('the way back is signed where the redirect guard decorates requests', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.decorateRequest('signNext', function (url: string, { maxAge }: { maxAge: number }) { return `${url}~${maxAge}` })
  await app.register(session, { keys: [KEY], loginPath: '/login' })
  app.get('/me', { preHandler: requireLogin }, async () => '')
  t.equal((await app.inject({ url: '/me', headers: { accept: 'text/html' } })).headers.location, '/login?next=%2Fme~3600')
})

t.test('requirements stand in preHandler and in config.security.session alike', async (t) => {
  const clock = new Clock()
  const app = await build(t, { now: clock.now })
  let bodies = 0
  app.addContentTypeParser('text/plain', (_request, _payload, done) => { bodies++; done(null) })
  const settings: Array<FastifyContextConfig> = [{ security: { session: requireFresh({ within: 60 }) } }, { security: { session: { fresh: 60 } } }]
  app.post('/hook', { preHandler: requireFresh({ within: 60 }) }, async () => 'in')
  for (const [index, config] of settings.entries()) app.post(`/config/${index}`, { config }, async () => 'in')
  app.get('/login-config', { config: { security: { session: requireLogin } } }, async () => 'in')
  t.equal((await app.inject('/login-config')).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/config/0', headers: { 'content-type': 'text/plain' }, payload: 'x' })).statusCode, 401)
  t.equal(bodies, 0, 'in config it is asked before a body is read')
  const cookie = await login(app)
  t.equal((await app.inject({ url: '/login-config', headers: { cookie } })).body, 'in')
  for (const url of ['/hook', '/config/0', '/config/1']) t.equal((await app.inject({ method: 'POST', url, headers: { cookie } })).body, 'in', url)
  clock.pass(61)
  for (const url of ['/hook', '/config/0', '/config/1']) t.match((await app.inject({ method: 'POST', url, headers: { cookie } })).json(), { status: 401, code: 'BULWARK_ERR_SESSION_FRESH_REQUIRED' }, url)
  t.equal((await app.inject({ url: '/login-config', headers: { cookie } })).body, 'in')
  t.throws(() => requireFresh({ within: 0 }), { code: 'BULWARK_ERR_SESSION_OPTION_INVALID' })
  t.throws(() => requireFresh({ within: '5m' as unknown as number }), { code: 'BULWARK_ERR_SESSION_OPTION_INVALID' })
})

t.test('every kind of reply says what became of the session', async (t) => {
  const app = await build(t)
  app.get('/thrown', (request) => { request.session.set('a' as never, 1 as never); throw new Error('thrown') })
  app.get('/stream', (request, reply) => { request.session.set('a' as never, 1 as never); return reply.send(Readable.from(['a', 'b'])) })
  app.get('/redirect', (request, reply) => { request.session.set('a' as never, 1 as never); return reply.redirect('/') })
  app.get('/304', (request, reply) => { request.session.set('a' as never, 1 as never); return reply.code(304).send() })
  app.get('/204', (request, reply) => { request.session.set('a' as never, 1 as never); return reply.code(204).send() })
  app.get('/late', { onSend: async (request, _reply, payload) => { request.session.set('a' as never, 1 as never); return payload } }, () => 'x')
  app.get('/login-late', { onSend: async (request, _reply, payload) => { await request.session.login('7'); return payload } }, () => 'x')
  app.get('/hook', { onRequest: (request, reply) => { request.session.set('a' as never, 1 as never); reply.send('early') } }, () => 'x')
  app.get('/failing-hook', { onSend: async () => { throw new Error('failing') } }, (request) => { request.session.set('a' as never, 1 as never); return 'x' })
  app.get('/both', (request, reply) => { reply.header('set-cookie', 'own=1'); request.session.set('a' as never, 1 as never); return 'x' })
  app.setNotFoundHandler((request, reply) => { request.session.set('a' as never, 1 as never); reply.code(404).send('x') })
  const cases: Array<readonly [method: 'GET' | 'HEAD', url: string, statusCode: number, count?: number]> = [
    ['GET', '/thrown', 500], ['GET', '/stream', 200], ['GET', '/redirect', 302], ['GET', '/304', 304], ['GET', '/204', 204], ['GET', '/late', 200], ['GET', '/login-late', 200], ['GET', '/hook', 200],
    ['GET', '/failing-hook', 500], ['GET', '/both', 200, 2], ['GET', '/nowhere', 404], ['HEAD', '/stream', 200], ['HEAD', '/hook', 200]
  ]
  for (const [method, url, statusCode, count = 1] of cases) {
    const reply = await app.inject({ method, url })
    t.equal(reply.statusCode, statusCode, url)
    const cookies = [reply.headers['set-cookie'] ?? []].flat()
    t.equal(cookies.length, count, `${url}: every cookie once`)
    t.type((await app.inject({ url: '/read', headers: { cookie: cookieOf(cookies)! } })).json().id, 'string', `${url}: and it is one of ours`)
    t.equal(reply.headers['cache-control'], 'no-store', url)
  }
})

t.test('a change in the midst of a stream is refused, and the stream goes on', async (t) => {
  const app = await build(t)
  const codes: unknown[] = []
  app.get('/', (request, reply) => {
    async function * pieces (): AsyncGenerator<string> {
      yield 'a'
      while (!reply.raw.headersSent) await new Promise((resolve) => setImmediate(resolve))
      try {
        request.session.set('a' as never, 1 as never)
      } catch (error) {
        codes.push((error as { code: unknown }).code)
      }
      yield String(request.session.userId)
    }
    return reply.send(Readable.from(pieces()))
  })
  t.equal((await app.inject({ url: '/', headers: { cookie: await login(app) } })).body, 'a42')
  t.same(codes, ['BULWARK_ERR_SESSION_LATE'])
})

t.test('a hijacked reply is written by hand', async (t) => {
  const app = await build(t)
  app.get('/', async (request, reply) => {
    await request.session.login('7')
    reply.hijack()
    applySession(reply)
    reply.raw.end('raw')
  })
  app.get('/hijacked', (_request, reply) => {
    reply.hijack()
    applySession(reply)
    reply.raw.end('raw')
  })
  t.notOk('set-cookie' in (await app.inject('/hijacked')).headers, 'where nobody asked for the session there is nothing to write')
  const reply = await app.inject('/')
  t.equal(reply.body, 'raw')
  t.same((await app.inject({ url: '/read', headers: { cookie: cookieOf(reply.headers['set-cookie'])! } })).json().user, '7')
})

t.test('a wrong setting of a route is refused at start, and closes a route that was seen too late', async (t) => {
  const wrong = { security: { session: { login: 'yes' } } } as unknown as FastifyContextConfig
  const misspelt = { security: { sesion: { login: true } } } as unknown as FastifyContextConfig
  const app = Fastify()
  await app.register(session, { keys: [KEY] })
  app.get('/', { config: wrong }, async () => '')
  await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_SESSION_OPTION_INVALID', message: /route GET \// })
  for (const config of [wrong, misspelt]) {
    const lines: string[] = []
    const late = Fastify({ logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } })
    late.get('/', { config }, async () => 'in')
    late.get('/right', { config: { security: { session: requireLogin } } }, async () => 'in')
    late.get('/plain', async () => 'in')
    await late.register(session, { keys: [KEY] })
    t.same([(await late.inject('/')).statusCode, (await late.inject('/')).statusCode, (await late.inject('/right')).statusCode, (await late.inject('/plain')).statusCode], [401, 401, 401, 200])
    t.equal(lines.length, 1)
    await late.close()
  }
})

t.test('scopes: before and after the routes, in a child, in two children, one in another', async (t) => {
  const orders = [['session', 'routes', 'child'], ['routes', 'session', 'child'], ['child', 'routes', 'session'], ['child', 'session', 'routes']] as const
  const steps = {
    session: (app: FastifyInstance) => app.register(session, { keys: [KEY] }),
    routes: (app: FastifyInstance) => { app.post('/login', async (request) => { await request.session.login('42'); return '' }) },
    child: (app: FastifyInstance) => app.register(async (child) => { child.get('/child', async (request) => request.session.userId ?? 'nobody') })
  }
  for (const order of orders) {
    for (const isAwaited of [true, false]) {
      const app = Fastify() as unknown as FastifyInstance
      for (const name of order) {
        const step = steps[name](app)
        if (isAwaited) await step
      }
      const cookie = await login(app)
      t.equal((await app.inject({ url: '/child', headers: { cookie } })).body, '42', order.join())
      await app.close()
    }
  }

  const app = Fastify() as unknown as FastifyInstance
  t.teardown(() => app.close())
  for (const name of ['one', 'two'] as const) {
    app.register(async (child) => {
      await child.register(session, { keys: [KEY], cookie: { name } })
      child.post(`/${name}/login`, async (request) => { await request.session.login(name); return '' })
      child.get(`/${name}`, async (request) => request.session.userId ?? 'nobody')
      if (name === 'one') {
        child.register(async (inner) => {
          await inner.register(session, { keys: [KEY], cookie: { name: 'inner' } })
          inner.post('/inner/login', async (request) => { await request.session.login('inner'); return '' })
          inner.get('/inner', async (request) => request.session.userId ?? 'nobody')
        })
      }
    })
  }
  app.get('/outside', { preHandler: requireLogin }, async () => '')
  const jar: string[] = []
  for (const name of ['one', 'two', 'inner']) {
    const reply = await app.inject({ method: 'POST', url: `/${name}/login` })
    t.match(reply.headers['set-cookie'], `__Host-${name}=`, 'one cookie')
    jar.push(cookieOf(reply.headers['set-cookie'])!)
  }
  for (const name of ['one', 'two', 'inner']) t.equal((await app.inject({ url: `/${name}`, headers: { cookie: jar.join('; ') } })).body, name)
  const swapped = jar[0]!.replace('__Host-one', '__Host-two')
  t.equal((await app.inject({ url: '/two', headers: { cookie: swapped } })).body, 'nobody', 'the cookie of one name means nothing under another')
  t.match((await app.inject('/outside')).json(), { statusCode: 500, code: 'BULWARK_ERR_SESSION_MISSING' })
})

t.test('twice in one scope, or beside another session, is refused', async (t) => {
  const app = Fastify()
  app.register(session, { keys: [KEY] })
  app.register(session, { keys: [KEY] })
  await t.rejects(async () => app.ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
  const other = Fastify()
  other.decorateRequest('session', null as never)
  other.register(session, { keys: [KEY] })
  await t.rejects(async () => other.ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
})

t.test('ASVS 13.3.4: keys are exchanged without logging anybody out', async (t) => {
  const next = generateKey()
  const old = await build(t)
  const cookie = await login(old)
  const both = await build(t, { keys: [next, KEY] })
  t.equal((await both.inject({ url: '/me', headers: { cookie } })).statusCode, 200)
  const written = cookieOf((await both.inject({ method: 'POST', url: '/write', headers: { cookie }, payload: { a: 1 } })).headers['set-cookie'])!
  const only = await build(t, { keys: [next] })
  t.equal((await only.inject({ url: '/me', headers: { cookie: written } })).statusCode, 200)
  t.equal((await only.inject({ url: '/me', headers: { cookie } })).statusCode, 401)
})

t.test('app.sessions', async (t) => {
  const app = await build(t, { store: memoryStore() })
  const cookie = await login(app)
  t.match(await app.sessions.list('42'), [{ label: 'Firefox on Linux', userId: '42' }])
  t.equal(await app.sessions.count('42'), 1)
  t.equal(await app.sessions.revokeUser('42'), 1)
  t.equal((await app.inject({ url: '/me', headers: { cookie } })).statusCode, 401)
})
