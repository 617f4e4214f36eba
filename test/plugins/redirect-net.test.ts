import { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import Fastify, { type HTTPMethods } from 'fastify'
import t from 'tap'
import { redirect } from '../../plugins/redirect.ts'
import { coded, ERROR, EVIL, field, isRefused, OPTIONS, UNSAFE, world, type Query, type Routes } from './redirect-world.ts'

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

t.test('a route of a scope with a guard of its own that calls the 404 of an application without one', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing'))
  await app.register(async (scope) => {
    await scope.register(redirect, { localOnly: true })
    scope.get('/none', (_request, reply) => reply.callNotFound())
    scope.get('/away', (_request, reply) => reply.header('location', 'https://evil.test/').callNotFound())
  })
  for (const url of ['/none', '/away', '/nowhere']) t.match(await app.inject(url), { statusCode: 404, body: 'nothing' }, url)
})
