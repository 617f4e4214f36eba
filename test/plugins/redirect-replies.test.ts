import Fastify, { type FastifyInstance, type HTTPMethods } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { headers } from '../../plugins/headers.ts'
import { redirect } from '../../plugins/redirect.ts'
import { coded, EVIL, field, isRefused, OPTIONS, UNSAFE, WARN, world, type Query, type Routes } from './redirect-world.ts'

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

t.test('what a visitor asked for counts, and not what the application made of it: a browser knows nothing of rewriteUrl', async (t) => {
  const { app } = await world(t, (app) => {
    app.get('/lang', (_request, reply) => reply.redirectBack('/start'))
    app.get<Query>('/shop/safe', (request, reply) => reply.safeRedirect(request.query.next))
    app.get<Query>('/shop/net', (request, reply) => reply.redirect(request.query.next!))
    app.get<Query>('/shop/leave', (request, reply) => reply.leaveTo(request.query.next))
    app.get<Query>('/shop/field', field(), (request, reply) => reply.send(request.redirectTarget))
    app.get<Query>('/shop/sign', (request, reply) => reply.send(request.verifyNext(request.signNext(request.query.next, { maxAge: 60 }))))
  }, OPTIONS, { rewriteUrl: ({ url }) => url!.replace(/^\/en\//, '/') })
  const back = await app.inject({ url: '/en/lang?de', headers: { referer: 'https://app.test/en/lang?de' } })
  t.equal(back.headers.location, 'https://app.test/start', 'a page does not send its visitor to itself for ever')
  for (const path of ['safe', 'leave']) t.equal((await app.inject(`/en/shop/${path}?next=pay`)).headers.location, 'https://app.test/en/shop/pay', path)
  t.equal((await app.inject('/en/shop/net?next=%09pay')).headers.location, 'https://app.test/en/shop/pay', 'the net')
  for (const path of ['field', 'sign']) t.equal((await app.inject(`/en/shop/${path}?next=pay`)).body, 'https://app.test/en/shop/pay', path)
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
