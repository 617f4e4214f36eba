import { Readable } from 'node:stream'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyServerOptions, type HTTPMethods, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { headers } from '../../plugins/headers.ts'
import redirectByDefault, { isSafeRedirect, redirect, redirectDefaults, resolveRedirect, type RedirectOptions, type RouteRedirect } from '../../plugins/redirect.ts'

interface Query { Querystring: { next?: string, to?: string } }
interface Line { readonly level: number, readonly code?: string, readonly reason?: string, readonly target?: string, readonly err?: { readonly code?: string } }
type Routes = (app: FastifyInstance) => unknown

const OPTIONS: RedirectOptions = { origin: 'https://app.test', hosts: ['good.test'], keys: [generateKey()] }
const UNSAFE = 'BULWARK_ERR_REDIRECT_UNSAFE'
const EVIL = 'https://evil.test/'
const WARN = 40
const ERROR = 50

interface World { readonly app: FastifyInstance, readonly lines: Line[] }

async function world (t: Test, routes: Routes, options: RedirectOptions = OPTIONS, server: FastifyServerOptions = {}): Promise<World> {
  const lines: Line[] = []
  const app = Fastify({ ...server, logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  await app.register(redirect, options)
  await routes(app)
  t.teardown(() => app.close())
  return { app, lines }
}

const coded = (lines: readonly Line[], level = 0): Line[] => lines.filter((line) => line.code !== undefined && line.level >= level)

function isRefused (t: Test, { statusCode, headers, body }: LightMyRequestResponse, what = 'it is refused'): void {
  t.equal(statusCode, 400, what)
  t.equal(headers.location, undefined, `${what}: no Location`)
  t.match(JSON.parse(body), { statusCode: 400, code: UNSAFE, error: 'Bad Request', message: 'The request would lead to an address that is not allowed.' }, what)
  t.notMatch(body, 'evil', `${what}: the target is not told`)
}

const field = (setting: RouteRedirect = { field: 'next' }): { config: { security: { redirect: RouteRedirect } } } => ({ config: { security: { redirect: setting } } })

t.test('what is imported', async (t) => {
  t.equal(redirectByDefault, redirect)
  t.ok(Object.isFrozen(redirectDefaults))
  t.same(resolveRedirect('/home', { origin: 'https://app.test' }), { ok: true, href: 'https://app.test/home', kind: 'same' })
  t.ok(isSafeRedirect('/home', { origin: 'https://app.test', maxLength: redirectDefaults.maxLength }))
})

// ---- the article that the project began with

t.test('the article: GET /login?next=https://someothersite.org answers 400; /home and the own host are allowed, file:/// is not', async (t) => {
  const { app } = await world(t, (app) => app.get('/login', field(), (request, reply) => reply.safeRedirect(request.redirectTarget)))
  isRefused(t, await app.inject('/login?next=https://someothersite.org'), 'another site')
  isRefused(t, await app.inject('/login?next=file:///'), 'a file')
  for (const next of ['/home', 'https://app.test/home']) {
    const { statusCode, headers } = await app.inject(`/login?next=${next}`)
    t.equal(statusCode, 302, next)
    t.equal(headers.location, 'https://app.test/home', next)
  }
})

// ---- settings of a route

t.test('the field of a route is checked before the handler', async (t) => {
  let handled = 0
  const { app, lines } = await world(t, async (app) => {
    await app.register(formbody)
    app.route({
      method: ['GET', 'POST'],
      url: '/login',
      ...field(),
      handler: (request) => {
        handled++
        return { target: request.redirectTarget }
      }
    })
  })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const refused: Array<[what: string, request: InjectOptions]> = [
    ['query: another site', { url: '/login?next=//evil.test' }],
    ['query: a repeated key', { url: '/login?next=/home&next=/home' }],
    ['query: nothing', { url: '/login?next=' }],
    ['query: a tab', { url: '/login?next=/%09/evil.test' }],
    ['query of a POST', { method: 'POST', url: '/login?next=//evil.test', payload: { next: '/home' } }],
    ['JSON: another site', { method: 'POST', url: '/login', payload: { next: EVIL } }],
    ['JSON: an array', { method: 'POST', url: '/login', payload: { next: ['/home'] } }],
    ['JSON: an object', { method: 'POST', url: '/login', payload: { next: { href: '/home' } } }],
    ['JSON: null', { method: 'POST', url: '/login', payload: { next: null } }],
    ['form: another site', { method: 'POST', url: '/login', headers: form, payload: 'next=https://evil.test' }],
    ['form: a repeated key', { method: 'POST', url: '/login', headers: form, payload: 'next=/home&next=//evil.test' }]
  ]
  for (const [what, request] of refused) {
    lines.length = 0
    isRefused(t, await app.inject(request), what)
    t.equal(coded(lines).length, 1, `${what}: one line with the code`)
  }
  t.equal(handled, 0, 'the handler was never asked')

  const accepted: Array<[what: string, request: InjectOptions, target: string]> = [
    ['none', { url: '/login' }, 'https://app.test/'],
    ['query', { url: '/login?next=/home' }, 'https://app.test/home'],
    ['query, encoded', { url: `/login?next=${encodeURIComponent('/日本?a=b&c')}` }, 'https://app.test/%E6%97%A5%E6%9C%AC?a=b&c'],
    ['query, relative', { url: '/login?next=home' }, 'https://app.test/home'],
    ['JSON', { method: 'POST', url: '/login', payload: { next: '/home' } }, 'https://app.test/home'],
    ['form', { method: 'POST', url: '/login', headers: form, payload: 'next=%2Fhome' }, 'https://app.test/home'],
    ['both: the body counts', { method: 'POST', url: '/login?next=/query', payload: { next: '/body' } }, 'https://app.test/body'],
    ['a body that is a list', { method: 'POST', url: '/login?next=/query', payload: ['next'] }, 'https://app.test/query'],
    ['a body that is text', { method: 'POST', url: '/login', headers: { 'content-type': 'text/plain' }, payload: 'next=//evil.test' }, 'https://app.test/']
  ]
  for (const [what, request, target] of accepted) t.same((await app.inject(request)).json(), { target }, what)
})

t.test('a query is refused before a body is read, and before other hooks of the route', async (t) => {
  let seen = 0
  const { app } = await world(t, (app) => app.post('/', { ...field(), onRequest: async () => { seen++ }, preParsing: async () => { seen++ } }, () => ''))
  isRefused(t, await app.inject({ method: 'POST', url: '/?next=//evil.test', payload: { a: 1 } }))
  t.equal(seen, 0)
  isRefused(t, await app.inject({ method: 'POST', url: '/', payload: { next: EVIL } }))
  t.equal(seen, 2)
})

t.test('what validation makes of a body is what is checked', async (t) => {
  const { app } = await world(t, (app) => app.post('/', { ...field(), schema: { body: { type: 'object', properties: { next: { type: 'string' } } } } }, (request) => ({ target: request.redirectTarget })))
  isRefused(t, await app.inject({ method: 'POST', url: '/', payload: { next: [EVIL] } }), 'a list that becomes its only member')
  t.same((await app.inject({ method: 'POST', url: '/', payload: { next: ['/home'] } })).json(), { target: 'https://app.test/home' })
})

t.test('a form of several parts', async (t) => {
  const boundary = 'x'
  const payload = (next: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="next"\r\n\r\n${next}\r\n--${boundary}--\r\n`
  for (const [attachFieldsToBody, first] of [['keyValues', true], ['keyValues', false], [true, true]] as const) {
    const app = Fastify()
    if (first) await app.register(redirect, OPTIONS)
    await app.register(multipart, { attachFieldsToBody })
    if (!first) await app.register(redirect, OPTIONS)
    app.post('/', field(), (request) => ({ target: request.redirectTarget }))
    const post = async (next: string): Promise<LightMyRequestResponse> => app.inject({ method: 'POST', url: '/', headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, payload: payload(next) })
    isRefused(t, await post(EVIL), `${String(attachFieldsToBody)}, ${first ? 'before' : 'after'}`)
    if (attachFieldsToBody === true) isRefused(t, await post('/home'), 'a field that is an object')
    else t.same((await post('/home')).json(), { target: 'https://app.test/home' })
    await app.close()
  }
})

t.test('the fallback may take the place of what is not safe', async (t) => {
  const { app, lines } = await world(t, (app) => {
    app.get('/a', field({ field: 'to', in: ['query'], fallback: '/start?x=1', onUnsafe: 'fallback' }), (request, reply) => reply.safeRedirect(request.redirectTarget))
    app.post('/b', field({ field: 'to', in: ['body'] }), (request) => ({ target: request.redirectTarget }))
  })
  for (const url of ['/a', '/a?to=//evil.test', '/a?to=/x&to=/y', '/a?to=']) t.equal((await app.inject(url)).headers.location, 'https://app.test/start?x=1', url)
  t.equal(coded(lines, WARN).length, 3, 'and that it did is logged')
  t.equal((await app.inject('/a?to=/x')).headers.location, 'https://app.test/x')
  t.same((await app.inject({ method: 'POST', url: '/b?to=//evil.test', payload: {} })).json(), { target: 'https://app.test/' }, 'the query is not looked at where it is not named')
})

t.test('hosts of a route are added for that route alone', async (t) => {
  const { app } = await world(t, (app) => {
    app.get('/one', field({ field: 'next', hosts: ['one.test'] }), (request, reply) => reply.safeRedirect(request.redirectTarget))
    app.get('/plain', field({ hosts: ['one.test'] }), (request, reply) => reply.redirect(String((request.query as { next: string }).next)))
    app.get('/two', field(), (request, reply) => reply.safeRedirect(request.redirectTarget))
  })
  for (const url of ['/one?next=https://one.test/', '/plain?next=https://one.test/']) t.equal((await app.inject(url)).headers.location, 'https://one.test/', url)
  t.equal((await app.inject('/one?next=https://good.test/')).headers.location, 'https://good.test/')
  isRefused(t, await app.inject('/two?next=https://one.test/'))
  isRefused(t, await app.inject('/plain?next=https://two.test/'))
})

t.test('a target is null on a route without a field', async (t) => {
  const { app } = await world(t, (app) => app.get('/', (request) => ({ target: request.redirectTarget })))
  t.same((await app.inject('/?next=/home')).json(), { target: null })
})

t.test('an error handler of the application gets the error', async (t) => {
  const { app } = await world(t, (app) => {
    app.setErrorHandler((error, _request, reply) => reply.code((error as { statusCode: number }).statusCode).type('text/html').send(`<h1>${(error as { code: string }).code}</h1>`))
    app.get('/field', field(), () => '')
    app.get('/reply', (request, reply) => reply.safeRedirect((request.query as { next: string }).next))
  })
  for (const url of ['/field?next=//evil.test', '/reply?next=//evil.test']) {
    const { statusCode, body } = await app.inject(url)
    t.equal(statusCode, 400)
    t.equal(body, `<h1>${UNSAFE}</h1>`)
  }
})

// ---- what requests and replies get

t.test('request.isSafeRedirect', async (t) => {
  const { app } = await world(t, (app) => {
    app.get<Query>('/', (request) => ({ safe: request.isSafeRedirect(request.query.next) }))
    app.get<Query>('/one', field({ hosts: ['one.test'] }), (request) => ({ safe: request.isSafeRedirect(request.query.next) }))
  })
  const cases: Array<[url: string, safe: boolean]> = [
    ['/?next=/home', true], ['/?next=https://good.test/', true], ['/?next=https://evil.test/', false], ['/?next=/a&next=/b', false], ['/', false], ['/?next=/%09/evil.test', false],
    ['/?next=https://one.test/', false], ['/one?next=https://one.test/', true]
  ]
  for (const [url, safe] of cases) t.same((await app.inject(url)).json(), { safe }, url)
})

t.test('reply.safeRedirect', async (t) => {
  const { app, lines } = await world(t, (app) => {
    app.all<Query>('/', (request, reply) => reply.safeRedirect(request.query.next))
    app.get<Query>('/sub/fallback', (request, reply) => reply.safeRedirect(request.query.next, { fallback: '/start', status: 301 }))
    app.get<Query>('/async', async (request, reply) => await reply.safeRedirect(request.query.next))
    app.get<Query>('/callback', (request, reply) => { setImmediate(() => reply.safeRedirect(request.query.next)) })
  })
  const cases: Array<[method: HTTPMethods, url: string, statusCode: number, location: string | undefined]> = [
    ['GET', '/?next=/home', 302, 'https://app.test/home'],
    ['POST', '/?next=/home', 303, 'https://app.test/home'],
    ['GET', '/?next=//good.test/x', 302, 'https://good.test/x'],
    ['GET', '/sub/fallback?next=x', 301, 'https://app.test/sub/x'],
    ['GET', '/sub/fallback?next=//evil.test', 301, 'https://app.test/start'],
    ['GET', '/sub/fallback', 301, 'https://app.test/start'],
    ['GET', '/async?next=/home', 302, 'https://app.test/home'],
    ['GET', '/callback?next=/home', 302, 'https://app.test/home'],
    ['HEAD', '/?next=/home', 302, 'https://app.test/home']
  ]
  for (const [method, url, statusCode, location] of cases) {
    const reply = await app.inject({ method, url })
    t.equal(reply.statusCode, statusCode, `${method} ${url}`)
    t.equal(reply.headers.location, location, `${method} ${url}`)
  }
  for (const url of ['/?next=//evil.test', '/', '/?next=/a&next=/b', '/async?next=//evil.test', '/callback?next=//evil.test']) {
    lines.length = 0
    isRefused(t, await app.inject(url), url)
    t.match(coded(lines, WARN), [{ code: UNSAFE }])
    t.equal(coded(lines).length, 1)
  }
})

t.test('reply.externalRedirect', async (t) => {
  const { app } = await world(t, (app) => {
    app.get<Query>('/', (request, reply) => reply.externalRedirect(String(request.query.to)))
    app.post('/', (_request, reply) => reply.externalRedirect('https://id.test/authorize', { status: 307 }))
    app.get('/changed', { onSend: async (_request, reply) => { reply.header('location', EVIL) } }, (_request, reply) => reply.externalRedirect('https://id.test/'))
  })
  t.match(await app.inject('/?to=https://id.test/é'), { statusCode: 302, headers: { location: 'https://id.test/%C3%A9' } })
  t.match(await app.inject({ method: 'POST', url: '/' }), { statusCode: 307, headers: { location: 'https://id.test/authorize' } })
  isRefused(t, await app.inject('/?to=javascript:alert(1)'))
  isRefused(t, await app.inject('/changed'), 'it lets the one address pass and not the reply')
})

t.test('reply.leaveTo', async (t) => {
  for (const order of [[redirect, headers], [headers, redirect], [redirect]] as const) {
    const app = Fastify()
    for (const plugin of order) await (plugin === redirect ? app.register(redirect, OPTIONS) : app.register(headers))
    app.get<Query>('/out', (request, reply) => reply.leaveTo(request.query.to))
    const page = await app.inject('/out?to=https://evil.test/a')
    t.equal(page.statusCode, 200)
    t.match(page.headers, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'content-security-policy': /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/ })
    t.match(page.body, 'href="https://evil.test/a"')
    t.equal((await app.inject('/out?to=/home')).headers.location, 'https://app.test/home')
    t.equal((await app.inject('/out?to=https://good.test')).headers.location, 'https://good.test/')
    for (const url of ['/out?to=javascript:alert(1)', '/out', '/out?to=https://a.test&to=https://b.test']) isRefused(t, await app.inject(url), url)
    await app.close()
  }
})

t.test('reply.redirectBack', async (t) => {
  const { app } = await world(t, (app) => app.route({ method: ['GET', 'POST'], url: '/lang', handler: (_request, reply) => reply.redirectBack('/start') }))
  const cases: Array<[method: HTTPMethods, referer: string | undefined, location: string]> = [
    ['POST', 'https://app.test/page?x=1', 'https://app.test/page?x=1'],
    ['GET', 'https://app.test/page', 'https://app.test/page'],
    ['GET', 'https://app.test/lang', 'https://app.test/start'],
    ['GET', EVIL, 'https://app.test/start'],
    ['GET', undefined, 'https://app.test/start']
  ]
  for (const [method, referer, location] of cases) {
    const reply = await app.inject({ method, url: '/lang', headers: referer === undefined ? {} : { referer } })
    t.equal(reply.headers.location, location, `${method} ${String(referer)}`)
  }
})

t.test('request.signNext and request.verifyNext', async (t) => {
  const keys = [generateKey(), generateKey()]
  const routes: Routes = (app) => {
    app.get<{ Querystring: { next: string, bind?: string } }>('/sign', (request) => request.signNext(request.query.next, { maxAge: 60, ...request.query.bind === undefined ? {} : { bind: request.query.bind } }))
    app.get<{ Querystring: { token: string, bind?: string } }>('/verify', (request) => ({ href: request.verifyNext(request.query.token, request.query.bind === undefined ? {} : { bind: request.query.bind }) }))
    app.get<{ Querystring: { token: string } }>('/nobody', (request) => ({ href: request.verifyNext(request.query.token, { bind: undefined } as unknown as { bind: string }) }))
  }
  const { app, lines } = await world(t, routes, { ...OPTIONS, keys: [keys[0]!] })
  const rotated = (await world(t, routes, { ...OPTIONS, keys: [keys[1]!, keys[0]!] })).app
  const shorter = (await world(t, routes, { origin: 'https://app.test', keys: [keys[0]!] })).app
  const other = (await world(t, routes, { ...OPTIONS, origin: 'https://other.test', hosts: ['good.test', 'app.test'], keys: [keys[0]!] })).app
  const token = (await app.inject('/sign?next=/account')).body
  const verify = async (app: FastifyInstance, token: string, rest = ''): Promise<unknown> => (await app.inject(`/verify?token=${token}${rest}`)).json<{ href: unknown }>().href
  t.equal(await verify(app, token), 'https://app.test/account')
  t.equal(await verify(rotated, token), 'https://app.test/account')
  t.equal(await verify(app, (await rotated.inject('/sign?next=/account')).body), null)
  t.equal(await verify(other, token), null)
  const bound = (await app.inject('/sign?next=/account&bind=session')).body
  t.equal(await verify(app, bound, '&bind=session'), 'https://app.test/account')
  t.equal(await verify(app, bound, '&bind=another'), null)
  t.equal(await verify(app, bound), null)
  t.equal(await verify(app, token, '&bind=session'), null)
  t.same((await app.inject(`/nobody?token=${token}`)).json(), { href: null }, 'a session that is not there is no session that was left out')
  const good = (await app.inject('/sign?next=https://good.test/')).body
  t.equal(await verify(app, good), 'https://good.test/')
  t.equal(await verify(shorter, good), null, 'a host that is off the list by now')
  lines.length = 0
  isRefused(t, await app.inject('/sign?next=//evil.test'), 'nothing is signed that is not safe')
  isRefused(t, await app.inject('/sign?next=/a&next=/b'))
  t.equal(coded(lines).length, 2)
  lines.length = 0
  for (const bad of ['', 'x', `${token}A`, `${token}&token=${token}`]) t.equal(await verify(app, bad), null, bad)
  t.match(coded(lines), Array.from({ length: 4 }, () => ({ code: 'BULWARK_ERR_REDIRECT_NEXT_REFUSED', reason: /^(form|signature)$/ })))
  t.notMatch(JSON.stringify(lines.map(({ code, reason, target }) => ({ code, reason, target }))), token, 'a token is not logged with the code')
})

t.test('without keys', async (t) => {
  const { app } = await world(t, (app) => {
    app.get('/sign', (request) => request.signNext('/a', { maxAge: 60 }))
    app.get('/verify', (request) => request.verifyNext('x') ?? 'null')
  }, { origin: 'https://app.test' })
  for (const url of ['/sign', '/verify']) t.match((await app.inject(url)).json(), { statusCode: 500, code: 'BULWARK_ERR_REDIRECT_KEYS_MISSING' }, url)
})

// ---- the net

t.test('the net: a handler that redirects without a look', async (t) => {
  const { app, lines } = await world(t, (app) => {
    app.all<Query>('/', (request, reply) => reply.redirect(request.query.next!))
    app.post<Query>('/created', (request, reply) => reply.code(201).header('location', request.query.next).send({ id: 1 }))
    app.get<Query>('/dir/page', (request, reply) => reply.header('location', request.query.next).code(302).type('text/html').send('<p>Found'))
  })
  const refused: Array<[what: string, method: HTTPMethods, url: string]> = [
    ['another site', 'GET', `/?next=${EVIL}`],
    ['another site, after a POST', 'POST', '/?next=//evil.test'],
    ['a tab', 'GET', '/?next=/%09/evil.test'],
    ['the own host over plain http', 'GET', '/?next=http://app.test/'],
    ['a repeated key', 'GET', '/?next=/a&next=/b'],
    ['a parameter that is missing', 'GET', '/'],
    ['201', 'POST', `/created?next=${EVIL}`],
    ['a reply with a body', 'GET', `/dir/page?next=${EVIL}`]
  ]
  for (const [what, method, url] of refused) {
    lines.length = 0
    isRefused(t, await app.inject({ method, url }), what)
    t.equal(coded(lines).length, 1, `${what}: one line with the code`)
    t.match(coded(lines), [{ level: ERROR, code: UNSAFE }], what)
  }
  const passed: Array<[what: string, method: HTTPMethods, url: string, statusCode: number, location: string]> = [
    ['a path', 'GET', '/?next=/home', 302, '/home'],
    ['a relative path', 'GET', '/?next=home', 302, 'home'],
    ['beyond latin-1', 'GET', `/?next=${encodeURIComponent('/日本')}`, 302, 'https://app.test/%E6%97%A5%E6%9C%AC'],
    ['latin-1', 'GET', `/?next=${encodeURIComponent('/café')}`, 302, 'https://app.test/caf%C3%A9'],
    ['an emoji', 'GET', `/?next=${encodeURIComponent('/🦊')}`, 302, 'https://app.test/%F0%9F%A6%8A'],
    ['a relative path that has to be encoded', 'GET', `/dir/page?next=${encodeURIComponent('é')}`, 302, 'https://app.test/dir/%C3%A9'],
    ['a line break', 'GET', '/?next=/a%0d%0aSet-Cookie:a', 302, 'https://app.test/aSet-Cookie:a'],
    ['201', 'POST', '/created?next=/items/1', 201, '/items/1'],
    ['the host of the list', 'GET', '/?next=https://good.test/x', 302, 'https://good.test/x']
  ]
  for (const [what, method, url, statusCode, location] of passed) {
    const reply = await app.inject({ method, url })
    t.equal(reply.statusCode, statusCode, what)
    t.equal(reply.headers.location, location, what)
  }
  t.equal((await app.inject('/dir/page?next=/x')).body, '<p>Found', 'the body of a reply that passes is its own')
})

t.test('the net: what no target is', async (t) => {
  const { app } = await world(t, (app) => {
    app.get('/304', (_request, reply) => reply.code(304).send())
    app.get('/300', (_request, reply) => reply.code(300).send('which?'))
    app.get('/202', (_request, reply) => reply.code(202).header('location', EVIL).send('later'))
    app.post('/201', (_request, reply) => reply.code(201).send({ id: 1 }))
  })
  for (const [method, url, statusCode] of [['GET', '/304', 304], ['GET', '/300', 300], ['GET', '/202', 202], ['POST', '/201', 201]] as const) t.equal((await app.inject({ method, url })).statusCode, statusCode, url)
})

t.test('the net: wherever a Location comes from', async (t) => {
  let reads = 0
  const { app } = await world(t, async (app) => {
    app.get('/response', () => Response.redirect(EVIL, 307))
    app.get('/response/safe', () => new Response('<p>', { status: 303, headers: { location: '/home', 'content-type': 'text/html' } }))
    app.get('/stream', (_request, reply) => reply.code(302).header('location', EVIL).send(new Readable({ read () { reads++; this.push('secret'.repeat(1000)) } })))
    app.get('/raw', (_request, reply) => {
      reply.raw.setHeader('location', EVIL)
      return reply.code(302).send()
    })
    app.get('/hook', { onSend: async (_request, reply) => { reply.code(302).header('location', EVIL) } }, () => 'body')
    app.get('/later', { preHandler: async (_request, reply) => { await reply.redirect(EVIL) } }, () => 'body')
    app.get('/thrown', () => { throw new Error('thrown') })
    app.setErrorHandler((_error, _request, reply) => reply.redirect(EVIL))
    app.setNotFoundHandler((request, reply) => reply.redirect(request.url.slice(1)))
    app.get('/head', (_request, reply) => reply.redirect(EVIL))
    await app.register(async (child) => { child.get('/child', (_request, reply) => reply.redirect(EVIL)) })
  })
  for (const url of ['/response', '/stream', '/raw', '/hook', '/later', '/thrown', '/https://evil.test', '/child']) isRefused(t, await app.inject(url), url)
  t.ok(reads < 3, 'a stream that is not sent is not read to its end')
  const head = await app.inject({ method: 'HEAD', url: '/head' })
  t.match(head, { statusCode: 400, body: '' })
  t.notOk('location' in head.headers)
  t.match(await app.inject('/response/safe'), { statusCode: 303, body: '<p>', headers: { location: '/home' } })
  t.equal((await app.inject('//nowhere')).statusCode, 302, 'a path of this site is none of another')
})

t.test('the net: nothing of the body that was to be sent', async (t) => {
  const { app } = await world(t, (app) => app.get('/', (_request, reply) => reply
    .headers({ etag: '"a"', 'cache-control': 'public, max-age=600', 'content-encoding': 'gzip', 'content-disposition': 'attachment', 'set-cookie': 'session=1', 'x-mine': '1' })
    .type('text/html').code(301).header('location', EVIL).send('<p>secret</p>')))
  const reply = await app.inject('/')
  isRefused(t, reply)
  t.notMatch(reply.body, 'secret')
  t.match(reply.headers, { 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(reply.body)), 'cache-control': 'no-store', 'set-cookie': 'session=1', 'x-mine': '1' })
  for (const name of ['etag', 'content-encoding', 'content-disposition']) t.notOk(name in reply.headers, name)
})

t.test('the net: an error that comes behind a Location that Node refuses', async (t) => {
  const { app } = await world(t, (app) => app.get<Query>('/', (request, reply) => {
    reply.header('location', request.query.next)
    throw Object.assign(new Error('refused'), { statusCode: 422 })
  }))
  for (const next of ['/日本', '/a\nb']) {
    const reply = await app.inject(`/?next=${encodeURIComponent(next)}`)
    t.equal(reply.statusCode, 422)
    t.notOk('location' in reply.headers)
  }
  t.equal((await app.inject('/?next=/x')).headers.location, '/x')
})

t.test('the net: directories of @fastify/static', async (t) => {
  for (const first of ['static', 'redirect']) {
    const app = Fastify()
    const files = (): unknown => app.register(fastifyStatic, { root: import.meta.dirname + '/..', prefix: '/files/', redirect: true, index: false, list: false })
    if (first === 'static') await files()
    await app.register(redirect, OPTIONS)
    if (first !== 'static') await files()
    const reply = await app.inject('/files/lib')
    t.equal(reply.headers.location, '/files/lib/', first)
    t.equal(reply.statusCode, 301)
    await app.close()
  }
})

t.test('the net can be taken away, from the application and from a route', async (t) => {
  const routes: Routes = (app) => {
    app.get('/', (_request, reply) => reply.redirect(EVIL))
    app.get('/off', { config: { security: { redirect: false } } }, (_request, reply) => reply.redirect(EVIL))
    app.get('/check', field(), (_request, reply) => reply.redirect(EVIL))
  }
  const off = (await world(t, routes, { ...OPTIONS, guardAll: false })).app
  for (const url of ['/', '/off', '/check']) t.equal((await off.inject(url)).headers.location, EVIL, url)
  isRefused(t, await off.inject('/check?next=//evil.test'), 'the field is checked all the same')
  const on = (await world(t, routes)).app
  t.equal((await on.inject('/off')).headers.location, EVIL)
  isRefused(t, await on.inject('/'))
})

t.test('localOnly needs no origin', async (t) => {
  const { app } = await world(t, (app) => {
    app.get<Query>('/', field(), (request, reply) => reply.safeRedirect(request.redirectTarget))
    app.get<Query>('/plain', (request, reply) => reply.redirect(request.query.next!))
    app.get<Query>('/out', (request, reply) => reply.leaveTo(request.query.to))
  }, { localOnly: true })
  t.equal((await app.inject('/?next=/a/../b')).headers.location, '/b')
  t.equal((await app.inject('/')).headers.location, '/')
  t.equal((await app.inject('/plain?next=/a')).headers.location, '/a')
  for (const url of ['/?next=https://app.test/', '/?next=b', '/plain?next=https://app.test/', '/plain?next=//evil.test', '/plain?next=/%5Cevil.test']) isRefused(t, await app.inject(url), url)
  t.match((await app.inject('/out?to=https://evil.test')).body, '<a href="/">Stay here</a>')
})

t.test('localOnly with an origin: what is sent names it, and passes the net', async (t) => {
  const { app } = await world(t, (app) => app.get<Query>('/', (request, reply) => reply.safeRedirect(request.query.next)), { origin: 'https://app.test', localOnly: true })
  t.equal((await app.inject('/?next=/b')).headers.location, 'https://app.test/b')
  isRefused(t, await app.inject('/?next=https://app.test/b'))
})

// ---- in every order, and in scopes

t.test('before and after the routes, awaited or not, in nested scopes', async (t) => {
  const routes: Routes = (app) => {
    app.get('/field', field(), (request) => ({ target: request.redirectTarget }))
    app.post('/field', field(), (request) => ({ target: request.redirectTarget }))
    app.get<Query>('/plain', (request, reply) => reply.redirect(request.query.next!))
    app.get<Query>('/safe', (request, reply) => reply.safeRedirect(request.query.next))
    app.get('/off', { config: { security: { redirect: false } } }, (_request, reply) => reply.redirect(EVIL))
    app.register(async (child) => { child.get<Query>('/child', field(), (request) => ({ target: request.redirectTarget, safe: request.isSafeRedirect(request.query.next) })) })
  }
  const plugin: Routes = (app) => app.register(redirect, OPTIONS)
  for (const order of [[plugin, routes], [routes, plugin]]) {
    for (const awaited of [true, false]) {
      const app = Fastify()
      for (const step of order) {
        const done = step(app)
        if (awaited) await done
      }
      const what = `${order[0] === plugin ? 'before' : 'after'} the routes${awaited ? ', awaited' : ''}`
      for (const url of ['/field?next=//evil.test', '/plain?next=//evil.test', '/safe?next=//evil.test', '/child?next=//evil.test', '/child?next=/a&next=/b']) isRefused(t, await app.inject(url), `${what}: ${url}`)
      isRefused(t, await app.inject({ method: 'POST', url: '/field', payload: { next: EVIL } }), what)
      t.same((await app.inject('/field?next=/home')).json(), { target: 'https://app.test/home' }, what)
      t.same((await app.inject({ method: 'POST', url: '/field?next=/home', payload: { next: '/body' } })).json(), { target: 'https://app.test/body' }, what)
      t.same((await app.inject('/child?next=/home')).json(), { target: 'https://app.test/home', safe: true }, what)
      t.equal((await app.inject('/safe?next=/home')).headers.location, 'https://app.test/home', what)
      t.equal((await app.inject('/off')).headers.location, EVIL, what)
      await app.close()
    }
  }
})

t.test('the innermost registration serves a route', async (t) => {
  for (const late of [false, true]) {
    const app = Fastify()
    const handler = { ...field(), handler: (request: { redirectTarget: string | null }) => ({ target: request.redirectTarget }) }
    await app.register(redirect, OPTIONS)
    app.get('/outer', handler)
    app.register(async (inner) => {
      if (!late) await inner.register(redirect, { origin: 'https://inner.test' })
      inner.get('/inner', handler)
      inner.get<Query>('/inner/plain', (request, reply) => reply.redirect(request.query.next!))
      if (late) await inner.register(redirect, { origin: 'https://inner.test' })
    })
    t.same((await app.inject('/outer?next=https://good.test/')).json(), { target: 'https://good.test/' })
    t.same((await app.inject('/inner?next=https://inner.test/')).json(), { target: 'https://inner.test/' })
    for (const url of ['/inner?next=https://good.test/', '/inner/plain?next=https://app.test/', '/outer?next=https://inner.test/']) isRefused(t, await app.inject(url), `${url}, ${late ? 'late' : 'early'}`)
    t.equal((await app.inject('/inner/plain?next=https://inner.test/')).headers.location, 'https://inner.test/')
    await app.close()
  }
})

t.test('scopes side by side, and nothing outside', async (t) => {
  const app = Fastify()
  for (const name of ['a', 'b']) {
    app.register(async (child) => {
      await child.register(redirect, { origin: `https://${name}.test` })
      child.get<Query>('/', (request, reply) => reply.safeRedirect(request.query.next))
    }, { prefix: `/${name}` })
  }
  app.get<Query>('/', (request, reply) => reply.redirect(request.query.next!))
  t.equal((await app.inject('/a/?next=/x')).headers.location, 'https://a.test/x')
  t.equal((await app.inject('/b/?next=/x')).headers.location, 'https://b.test/x')
  isRefused(t, await app.inject('/a/?next=https://b.test/'))
  t.equal((await app.inject(`/?next=${EVIL}`)).headers.location, EVIL, 'the parent has no guard')
  await app.close()
})

t.test('a route declared before the plugin, with a setting that is wrong, fails closed and is logged once', async (t) => {
  const lines: Line[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  app.register(redirect, OPTIONS)
  app.get<Query>('/', { config: { security: { redirect: { feild: 'next' } as RouteRedirect } } }, (request, reply) => reply.safeRedirect(request.redirectTarget))
  for (let round = 0; round < 3; round++) isRefused(t, await app.inject('/?next=/home'))
  t.equal(lines.filter(({ err }) => err?.code === 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN').length, 1)
  await app.close()
})

t.test('together with headers, in either order', async (t) => {
  for (const order of [[redirect, headers], [headers, redirect]] as const) {
    const app = Fastify()
    for (const plugin of order) await (plugin === redirect ? app.register(redirect, OPTIONS) : app.register(headers))
    app.get<Query>('/', (request, reply) => reply.redirect(request.query.next!))
    app.get('/response', () => Response.redirect(EVIL, 302))
    for (const url of [`/?next=${EVIL}`, '/response']) {
      const reply = await app.inject(url)
      isRefused(t, reply, url)
      t.equal(reply.headers['x-content-type-options'], 'nosniff')
      t.equal(reply.headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
    }
    t.equal((await app.inject('/?next=/home')).headers.location, '/home')
    await app.close()
  }
})

t.test('an OAuth start page: the form may lead to the provider, and the redirect, too', async (t) => {
  const app = Fastify()
  await app.register(headers)
  await app.register(redirect, OPTIONS)
  app.get('/login', (_request, reply) => {
    reply.csp.append('form-action', 'https://id.test')
    return reply.type('text/html').send('<form method="post" action="/login"><button>Go on</button></form>')
  })
  app.post('/login', field({ hosts: ['id.test'] }), (_request, reply) => reply.safeRedirect('https://id.test/authorize?client_id=demo'))
  t.match((await app.inject('/login')).headers['content-security-policy'], "form-action 'self' https://id.test")
  t.match(await app.inject({ method: 'POST', url: '/login' }), { statusCode: 303, headers: { location: 'https://id.test/authorize?client_id=demo' } })
  await app.close()
})

t.test('hostile requests never give a 5xx', async (t) => {
  const { app } = await world(t, async (app) => {
    await app.register(formbody)
    app.all<Query>('/field', field(), (request, reply) => reply.safeRedirect(request.redirectTarget))
    app.all<Query>('/plain', (request, reply) => reply.redirect(request.query.next!))
    app.all<Query>('/back', (_request, reply) => reply.redirectBack('/'))
    app.all<Query>('/out', (request, reply) => reply.leaveTo(request.query.to))
    app.all<Query>('/verify', (request) => ({ href: request.verifyNext(request.query.next) }))
    app.all<Query>('/sign', (request) => request.signNext(request.query.next, { maxAge: 1 }))
  })
  const values = ['', '%00', '%ff', '%', '%E0%A4%A', '__proto__', 'constructor', encodeURIComponent('\ud7ff\u2028'), '/'.repeat(5000), `http:${'%5c'.repeat(3000)}`, '[object Object]', '//[', 'https://%', 'x'.repeat(10_000), '%0d%0a', '%09']
  for (const path of ['/field', '/plain', '/back', '/out', '/verify', '/sign']) {
    for (const value of values) {
      for (const query of [`next=${value}&to=${value}`, `next[]=${value}&next=${value}`, `next=${value}&next=${value}&to=a&to=b`, `__proto__=${value}`, value]) {
        const reply = await app.inject({ method: 'GET', url: `${path}?${query}`, headers: { referer: `https://app.test/${value}`, host: 'evil.test' } })
        if (reply.statusCode >= 500) t.fail(`${path}?${query.slice(0, 100)}: ${reply.statusCode} ${reply.body}`)
      }
    }
  }
  for (const payload of ['{"next":{"__proto__":1}}', '{"__proto__":{"next":"/"}}', '{"next":{}}', 'null', '5', '[]', '{"next":"\\ud800"}', '{"next":1e999}', '{']) {
    const reply = await app.inject({ method: 'POST', url: '/field', headers: { 'content-type': 'application/json' }, payload })
    t.ok(reply.statusCode < 500, payload)
  }
})
