import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type InjectOptions } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { PARTS, type Part } from '../../lib/bulwark/parts.ts'
import { bulwark, generateKey, type BulwarkOptions } from '../../plugins/bulwark.ts'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { f, input } from '../../plugins/input.ts'
import { integrity } from '../../plugins/integrity.ts'
import { redirect } from '../../plugins/redirect.ts'
import { requireLogin, session } from '../../plugins/session.ts'
import { transport } from '../../plugins/transport.ts'

const keys = [generateKey()]
const origin = 'https://app.test'
const HERE: InjectOptions = { headers: { host: 'app.test', 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin' }, remoteAddress: '10.0.0.1' }
const OFF = Object.fromEntries(PARTS.map((part) => [part, false])) as Record<Part, false>

/** What each part puts where an application finds it: on itself, on requests, on replies. */
const DECORATORS: Readonly<Record<Part, readonly string[]>> = {
  headers: ['request.cspNonce', 'request.cspStyleNonce', 'reply.csp'],
  transport: [],
  integrity: ['app.integrity'],
  session: ['app.sessions', 'request.session'],
  csrf: ['request.csrfToken', 'request.csrfField', 'request.csrfMeta'],
  input: ['app.input', 'request.form'],
  // `reply.download` is set on each reply: a decorator of this name would be in the way of @fastify/static.
  files: ['request.uploads'],
  redirect: ['request.isSafeRedirect', 'request.redirectTarget', 'request.signNext', 'request.verifyNext', 'reply.safeRedirect', 'reply.externalRedirect', 'reply.leaveTo', 'reply.redirectBack']
}

function server (): FastifyInstance {
  return Fastify({ trustProxy: '10.0.0.0/8' }) as unknown as FastifyInstance
}

async function built (options: BulwarkOptions): Promise<FastifyInstance> {
  const app = server()
  await app.register(bulwark, options)
  return app
}

function decoratorsOf (app: FastifyInstance): string[] {
  return Object.values(DECORATORS).flat().filter((name) => {
    const [where, what] = name.split('.') as [string, string]
    return where === 'app' ? app.hasDecorator(what) : where === 'request' ? app.hasRequestDecorator(what) : app.hasReplyDecorator(what)
  })
}

t.test('keys and origin are enough, and every part but integrity is there, with its own name', async (t) => {
  const app = await built({ keys, origin })
  t.teardown(() => app.close())
  t.ok(app.hasPlugin('fastify-bulwark'))
  t.same(PARTS.filter((part) => !app.hasPlugin(`fastify-bulwark/${part}`)), ['integrity'])
})

t.test('a part that is off leaves nothing behind, and one that is on brings what is its own and no more', async (t) => {
  for (const part of PARTS) {
    const app = await built({ ...OFF, keys, origin, [part]: {} })
    t.same(decoratorsOf(app), DECORATORS[part], `${part} alone`)
    t.same(PARTS.filter((name) => app.hasPlugin(`fastify-bulwark/${name}`)), [part])
    await app.close()
  }
  const all = await built({ keys, origin, integrity: {} })
  t.same(decoratorsOf(all), Object.values(DECORATORS).flat(), 'all together')
  await all.close()
})

t.test('the whole is the sum of its parts: registered one by one, they answer alike', async (t) => {
  const parts: Array<[FastifyPluginAsync<never>, object]> = [
    [headers, {}], [transport, { hosts: ['app.test'] }], [integrity, {}], [session, { keys }], [csrf, { keys, origin }], [input, {}], [files, {}], [redirect, { keys, origin }]
  ]
  const one = await built({ keys, origin, integrity: {} })
  const other = server()
  for (const [plugin, options] of parts) await other.register(plugin as FastifyPluginAsync<object>, options)
  const replies = await Promise.all([one, other].map(async (app) => {
    t.teardown(() => app.close())
    app.get('/', (_request, reply) => reply.type('text/html').send('<p>page</p>'))
    app.get('/data', () => ({ data: true }))
    app.get('/away', (request, reply) => reply.safeRedirect((request.query as { next: string }).next))
    app.get('/me', { preHandler: requireLogin }, () => ({}))
    app.post('/', { schema: { body: Type.Object({ name: f.text() }) } }, (request) => request.body)
    const requests: InjectOptions[] = [
      { url: '/' }, { url: '/data' }, { url: '/nowhere' }, { url: '/me' }, { url: '/away?next=/data' }, { url: '/away?next=//evil.test' }, { method: 'POST', url: '/', payload: { name: 'Ada' } },
      { method: 'POST', url: '/', payload: {} }, { method: 'POST', url: '/', payload: {}, headers: { ...HERE.headers, 'sec-fetch-site': 'cross-site', cookie: 'a=b' } },
      { url: '/', headers: { host: 'evil.test' } }, { url: '/', headers: { host: 'app.test', accept: 'text/html' } }
    ]
    return await Promise.all(requests.map(async (request) => {
      const { statusCode, headers: { date, ...headers }, body } = await app.inject({ ...HERE, ...request })
      return { statusCode, headers, body }
    }))
  }))
  t.same(replies[0], replies[1])
  t.same(replies[0]!.map(({ statusCode }) => statusCode), [200, 200, 404, 401, 302, 400, 200, 422, 403, 421, 308])
})

t.test('one master key serves all, and what one part made of it means nothing to another', async (t) => {
  const app = await built({ keys, origin })
  t.teardown(() => app.close())
  app.get('/', async (request) => {
    await request.session.login('42')
    return { token: request.csrfToken(), next: request.signNext('/a', { maxAge: 60 }) }
  })
  app.post('/', { config: { security: { csrf: 'token' } } }, (request) => ({ next: request.verifyNext((request.body as { next: string }).next), user: request.session.userId }))
  const page = await app.inject({ url: '/', ...HERE })
  const { token, next } = page.json<{ token: string, next: string }>()
  const cookie = String(page.headers['set-cookie']).split(';')[0]!
  const post = async (token: string, next: string, sent = cookie): Promise<{ statusCode: number, body: string }> =>
    await app.inject({ method: 'POST', url: '/', ...HERE, headers: { ...HERE.headers, cookie: sent, 'x-csrf-token': token }, payload: { next } })
  t.match(await post(token, next), { statusCode: 200, body: '{"next":"https://app.test/a","user":"42"}' })
  t.match(await post(token, token), { statusCode: 200, body: '{"next":null,"user":"42"}' }, 'a token is no signed target')
  t.match(await post(next, next), { statusCode: 403 }, 'a signed target is no token')
  t.match(await post(token, next, `__Host-session=${token}`), { statusCode: 403 }, 'a token is no session')
})

t.test('a route that takes files says so when @fastify/multipart is missing, which the application registers, before or after', async (t) => {
  const route = (app: FastifyInstance): void => { app.post('/', { schema: { body: Type.Object({ photo: f.file({ types: ['png'] }) }) } }, () => '') }
  const without = await built({ keys, origin })
  route(without)
  await t.rejects(async () => without.ready(), { code: 'BULWARK_ERR_FILES_MULTIPART_MISSING' })
  for (const order of ['before', 'after']) {
    const app = server()
    if (order === 'before') await app.register(multipart)
    await app.register(bulwark, { keys, origin })
    if (order === 'after') await app.register(multipart)
    route(app)
    await t.resolves(async () => { await app.ready() }, order)
    await app.close()
  }
})

t.test('what is wrong stops the start, whoever finds it', async (t) => {
  const cases: Array<[title: string, options: object, code: string]> = [
    ['a misspelt part', { keys, origin, headrs: {} }, 'BULWARK_ERR_BULWARK_OPTION_UNKNOWN'],
    ['a key that is none', { keys: ['secret'], origin }, 'BULWARK_ERR_BULWARK_OPTION_INVALID'],
    ['what a part needs', { origin }, 'BULWARK_ERR_BULWARK_OPTION_INVALID'],
    ['a misspelt option of a part', { keys, origin, headers: { xFrameOption: false } }, 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN'],
    ['a host with a path', { keys, origin, hosts: ['app.test/'] }, 'BULWARK_ERR_TRANSPORT_OPTION_INVALID']
  ]
  for (const [title, options, code] of cases) {
    const app = server()
    app.register(bulwark, options)
    await t.rejects(async () => app.ready(), { code }, title)
  }
  const wrong = await built({ keys, origin })
  wrong.get('/', { config: { security: { csrf: 'never' } } } as unknown as { config: object }, () => '')
  await t.rejects(async () => wrong.ready(), { code: 'BULWARK_ERR_CSRF_OPTION_INVALID' }, 'a route setting')
})

t.test('twice in one scope is refused, and so is a part beside it', async (t) => {
  const again: Array<(app: FastifyInstance) => unknown> = [(app) => app.register(bulwark, { keys, origin }), (app) => app.register(headers)]
  for (const register of again) {
    const app = server()
    app.register(bulwark, { keys, origin })
    register(app)
    await t.rejects(async () => app.ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
  }
  const apart = server()
  apart.register(bulwark, { keys, origin, headers: false })
  apart.register(headers)
  await t.resolves(async () => { await apart.ready() }, 'a part that was left out can be registered by itself')
  await apart.close()
})

t.test('options may come from a function, as avvio has it', async (t) => {
  const app = server()
  app.register(bulwark, () => ({ keys, origin }))
  await app.ready()
  t.ok(app.hasPlugin('fastify-bulwark/session'))
  await app.close()
})

t.test('two scopes have their own options, and outside of both there is nothing', async (t) => {
  const app = server()
  t.teardown(() => app.close())
  const routes = (scope: FastifyInstance): void => {
    scope.get('/', (request, reply) => reply.type('text/html').send(request.cspNonce))
    scope.post('/', () => ({}))
    scope.get('/login', async (request) => { await request.session.login('42') })
    scope.get('/me', (request) => ({ user: request.session.userId ?? null }))
    scope.get('/go', (request, reply) => reply.safeRedirect((request.query as { next: string }).next))
  }
  const scopes: Array<[prefix: string, options: BulwarkOptions]> = [
    ['/a', { keys, origin, headers: { xFrameOptions: 'SAMEORIGIN' }, session: { cookie: { name: 'a' } }, redirect: { hosts: ['a.test'] } }],
    ['/b', { keys: [generateKey()], origin: 'https://b.test', session: { cookie: { name: 'b' } }, csrf: { mode: 'report' }, input: false }]
  ]
  for (const [prefix, options] of scopes) {
    app.register(async (scope) => {
      await scope.register(bulwark, options)
      routes(scope)
    }, { prefix })
  }
  app.get('/', () => '')
  const ask = async (url: string, host: string, more: InjectOptions = {}) => await app.inject({ ...HERE, url, ...more, headers: { ...HERE.headers, host, ...more.headers } })
  for (const [prefix, host, other, frames, refused] of [['/a', 'app.test', 'b.test', 'SAMEORIGIN', 403], ['/b', 'b.test', 'app.test', 'DENY', 200]] as const) {
    const page = await ask(`${prefix}/`, host)
    t.match(page, { statusCode: 200, headers: { 'x-frame-options': frames, 'content-security-policy': `'nonce-${page.body}'` } }, prefix)
    t.equal((await ask(`${prefix}/`, other)).statusCode, 421, prefix)
    t.equal((await ask(`${prefix}/`, host, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', cookie: 'x=y' } })).statusCode, refused, prefix)
    t.equal((await ask(`${prefix}/go?next=https://a.test/`, host)).statusCode, prefix === '/a' ? 302 : 400, prefix)
    const cookie = (await ask(`${prefix}/login`, host)).cookies[0]!
    t.equal(cookie.name, `__Host-${prefix.slice(1)}`)
    t.match((await ask(`${prefix}/me`, host, { headers: { cookie: `${cookie.name}=${cookie.value}` } })).json(), { user: '42' })
    const [there, host2, name] = prefix === '/a' ? ['/b', 'b.test', '__Host-b'] : ['/a', 'app.test', '__Host-a']
    t.match((await ask(`${there}/me`, host2!, { headers: { cookie: `${name}=${cookie.value}` } })).json(), { user: null }, 'a session of the one is none in the other')
  }
  const outside = await app.inject('/')
  t.same(Object.keys(outside.headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
})
