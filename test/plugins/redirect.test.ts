import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import Fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { headers } from '../../plugins/headers.ts'
import redirectByDefault, { isSafeRedirect, redirect, redirectDefaults, resolveRedirect, type RouteRedirect } from '../../plugins/redirect.ts'
import { coded, EVIL, field, isRefused, type Line, OPTIONS, type Query, type Routes, UNSAFE, WARN, world } from './redirect-world.ts'

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
