import Fastify, { type FastifyContextConfig, type FastifyInstance, type FastifyServerOptions, type InjectOptions } from 'fastify'
import t from 'tap'
import { headers } from '../../plugins/headers.ts'
import { transport, transportDefaults, type TransportOptions } from '../../plugins/transport.ts'

interface Line extends Record<string, unknown> { readonly msg: string, readonly level: number, readonly code?: string }

const OPTIONS: TransportOptions = { hosts: ['app.test', '*.app.test'] }
const PAGE: InjectOptions = { url: '/a?b=c', headers: { host: 'app.test', accept: 'text/html' } }
const DATA: InjectOptions = { url: '/a', headers: { host: 'app.test' } }
const SECURE: InjectOptions = { url: '/a', headers: { host: 'app.test', 'x-forwarded-proto': 'https' }, remoteAddress: '10.0.0.1' }

function logged (server: object = {}): { app: FastifyInstance, lines: Line[] } {
  const lines: Line[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } }, ...server } as FastifyServerOptions) as unknown as FastifyInstance
  return { app, lines }
}

const routes = (app: FastifyInstance): void => {
  app.get('/a', (_request, reply) => reply.header('set-cookie', 'of=handler').send('a'))
  app.post('/a', (_request, reply) => reply.header('set-cookie', 'of=handler').send('a'))
  app.get('/thrown', (_request, reply) => {
    reply.header('set-cookie', 'of=handler')
    throw new Error('thrown')
  })
}

t.test('what is answered, before the routes and after them, with and without await', async (t) => {
  for (const order of ['awaited', 'before', 'after'] as const) {
    const app = Fastify({ trustProxy: '10.0.0.0/8' })
    if (order === 'after') routes(app)
    if (order === 'awaited') await app.register(transport, OPTIONS)
    else app.register(transport, OPTIONS)
    if (order !== 'after') routes(app)

    const page = await app.inject(PAGE)
    t.match(page, { statusCode: 308, body: '', headers: { location: 'https://app.test/a?b=c', 'cache-control': 'no-store' } }, order)
    const head = await app.inject({ ...PAGE, method: 'HEAD' })
    t.match(head, { statusCode: 308, headers: { location: 'https://app.test/a?b=c' } }, order)
    const refused: Array<[what: string, request: InjectOptions, status: number, code: string]> = [
      ['a program over http', DATA, 403, 'HTTPS_REQUIRED'],
      ['a form over http', { ...PAGE, method: 'POST' }, 403, 'HTTPS_REQUIRED'],
      ['a route that is not there', { ...DATA, url: '/nowhere' }, 403, 'HTTPS_REQUIRED'],
      ['a method that is not there', { ...DATA, method: 'DELETE' }, 403, 'HTTPS_REQUIRED'],
      ['a foreign host', { ...SECURE, headers: { ...SECURE.headers, host: 'evil.test' } }, 421, 'HOST_REFUSED'],
      ['a foreign host on a route that is not there', { ...SECURE, url: '/nowhere', headers: { ...SECURE.headers, host: 'evil.test' } }, 421, 'HOST_REFUSED'],
      ['a malformed host', { ...SECURE, headers: { ...SECURE.headers, host: 'app.test@evil.test' } }, 400, 'HOST_MALFORMED'],
      ['a forwarded scheme', { ...SECURE, headers: { ...SECURE.headers, 'x-forwarded-proto': 'javascript' } }, 400, 'SCHEME_INVALID']
    ]
    for (const [what, request, status, code] of refused) {
      const reply = await app.inject(request)
      t.match(reply, { statusCode: status }, `${order}: ${what}`)
      t.equal(reply.json<{ code: string }>().code, `BULWARK_ERR_TRANSPORT_${code}`, `${order}: ${what}`)
      t.notOk('location' in reply.headers || 'set-cookie' in reply.headers, `${order}: ${what}`)
      t.notMatch(reply.body, 'evil.test', 'nothing of the request is in the reply')
    }
    const secure = await app.inject(SECURE)
    t.match(secure, { statusCode: 200, body: 'a', headers: { 'set-cookie': 'of=handler' } }, `${order}: https is served, with its cookies`)
    t.equal((await app.inject({ ...SECURE, url: '/nowhere' })).statusCode, 404)
    t.equal((await app.inject({ ...SECURE, url: '/thrown' })).statusCode, 500)
    t.match(await app.inject('/a'), { statusCode: 200, headers: { 'set-cookie': 'of=handler' } }, `${order}: an injected request comes from this machine, unless it says otherwise`)
    await app.close()
  }
})

t.test('no cookie leaves over plain http, whoever sets it and wherever', async (t) => {
  const sets = (name: string) => (reply: { header (name: string, value: string): unknown, raw: object }): void => {
    reply.header('set-cookie', `${name}=1`)
    ;(reply.raw as { appendHeader?: (name: string, value: string) => void }).appendHeader?.('set-cookie', `${name}-raw=1`)
  }
  for (const isFirst of [true, false]) {
    const app = Fastify({ trustProxy: '10.0.0.0/8' })
    if (isFirst) await app.register(transport, OPTIONS)
    app.addHook('onRequest', async (request, reply) => {
      sets('request')(reply)
      if (request.headers['x-limit'] !== undefined) return reply.code(429).send('too many')
      if (request.headers['x-throw'] !== undefined) throw Object.assign(new Error('no'), { statusCode: 401 })
    })
    app.addHook('onSend', async (_request, reply) => sets('send')(reply))
    app.addHook('onError', async (_request, reply) => sets('error')(reply))
    app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      sets('handler')(reply)
      return reply.code(error.statusCode ?? 500).send('an error page')
    })
    app.setNotFoundHandler((_request, reply) => {
      sets('missing')(reply)
      return reply.code(404).send('nothing here')
    })
    if (!isFirst) await app.register(transport, OPTIONS)
    routes(app)
    app.get('/health', { config: { security: { transport: false } } }, (_request, reply) => {
      sets('health')(reply)
      return 'well'
    })
    app.get('/plain', { config: { security: { transport: { https: false } } } }, (_request, reply) => {
      sets('plain')(reply)
      throw new Error('thrown')
    })
    const early = isFirst ? 403 : 429
    const cases: Array<[what: string, request: InjectOptions, status: number]> = [
      ['a redirect', PAGE, 308],
      ['a refusal', DATA, 403],
      ['a foreign host', { ...DATA, headers: { host: 'evil.test' } }, 421],
      ['a malformed host', { ...DATA, headers: { host: '@' } }, 400],
      ['another scheme', { ...SECURE, headers: { ...SECURE.headers, 'x-forwarded-proto': 'javascript' } }, 400],
      ['a 404', { ...DATA, url: '/nowhere' }, 403],
      ['the page of a 404', { ...PAGE, url: '/nowhere' }, 308],
      ['a hook that answers', { ...DATA, headers: { ...DATA.headers, 'x-limit': '1' } }, early],
      ['a hook that throws', { ...DATA, headers: { ...DATA.headers, 'x-throw': '1' } }, isFirst ? 403 : 401],
      ['a route that is exempted', { ...DATA, url: '/health' }, 200],
      ['an error of one that is exempted', { ...DATA, url: '/plain' }, 500],
      ['a malformed URL', { ...DATA, url: '/%zz' }, 400]
    ]
    for (const [what, request, status] of cases) {
      const reply = await app.inject({ remoteAddress: '10.0.0.1', ...request })
      t.equal(reply.statusCode, status, what)
      t.notOk('set-cookie' in reply.headers, `${isFirst ? 'behind' : 'before'} this plugin: ${what}`)
    }
    const secure = await app.inject(SECURE)
    t.ok(String(secure.headers['set-cookie']).includes('request=1'), 'over https they do')
    await app.close()
  }
})

t.test('where only hosts are checked, plain http is served with its cookies', async (t) => {
  const app = Fastify()
  await app.register(transport, { ...OPTIONS, https: false })
  routes(app)
  t.match(await app.inject(PAGE), { statusCode: 200, headers: { 'set-cookie': 'of=handler' } })
  t.equal((await app.inject({ ...PAGE, headers: { host: 'evil.test' } })).statusCode, 421)
})

t.test('settings of a route', async (t) => {
  const { app, lines } = logged()
  await app.register(transport, OPTIONS)
  const shared: FastifyContextConfig = Object.freeze({ security: Object.freeze({ transport: false as const }) })
  app.get('/health', { config: shared }, () => 'well')
  app.get('/ready', { config: shared }, () => 'ready')
  app.get('/plain', { config: { security: { transport: { https: false } } } }, () => 'plain')
  app.get('/any', { config: { security: { transport: { hosts: false } } } }, () => 'any')
  routes(app)
  for (const url of ['/health', '/ready']) t.equal((await app.inject({ url, headers: { host: '10.0.0.7:3000' } })).statusCode, 200, url)
  t.equal((await app.inject({ url: '/health', method: 'HEAD', headers: { host: '10.0.0.7:3000' } })).statusCode, 200, 'the HEAD route that Fastify adds')
  t.equal((await app.inject({ url: '/health', headers: { host: 'a@b' } })).statusCode, 400, 'a host that is malformed is refused even so')
  t.equal((await app.inject({ url: '/health/', headers: { host: '10.0.0.7' } })).statusCode, 421, 'no path beside it is exempted')
  t.equal((await app.inject({ url: '/plain', headers: { host: 'app.test' } })).statusCode, 200)
  t.equal((await app.inject({ url: '/plain', headers: { host: 'evil.test' } })).statusCode, 421)
  t.equal((await app.inject({ url: '/any', headers: { host: 'evil.test' } })).statusCode, 403)
  t.equal((await app.inject({ url: '/any', headers: { host: 'evil.test', accept: 'text/html' } })).statusCode, 403, 'nobody is led to a foreign host')
  t.equal(lines.filter(({ level }) => level > 30).length, 0)
})

t.test('a wrong setting never starts', async (t) => {
  for (const [setting, code] of [[true, 'INVALID'], [{ https: true }, 'INVALID'], [{ htps: false }, 'UNKNOWN']] as const) {
    const app = Fastify()
    await app.register(transport, OPTIONS)
    app.get('/a', { config: { security: { transport: setting } } as unknown as FastifyContextConfig }, () => '')
    await t.rejects(async () => app.ready(), { code: `BULWARK_ERR_TRANSPORT_OPTION_${code}`, message: /^config\.security\.transport.*\(route GET \/a\)$/ })
  }
  for (const options of [{}, { hosts: ['*'] }, { hosts: ['app.test'], trustProxy: true }]) {
    await t.rejects(async () => Fastify().register(transport, options as TransportOptions).ready(), { code: /^BULWARK_ERR_TRANSPORT_OPTION_/ })
  }
})

t.test('a setting that no onRoute hook saw holds, and exempts from nothing when it is wrong', async (t) => {
  const { app, lines } = logged()
  app.register(transport, OPTIONS)
  app.get('/health', { config: { security: { transport: false } } }, () => 'well')
  app.get('/wrong', { config: { security: { transport: 'off' } } as unknown as FastifyContextConfig }, () => '')
  for (let round = 0; round < 3; round++) {
    t.equal((await app.inject({ url: '/health', headers: { host: '10.0.0.7' } })).statusCode, 200)
    t.equal((await app.inject({ url: '/wrong', headers: { host: 'app.test' } })).statusCode, 403)
  }
  t.match(lines.filter(({ level }) => level === 50), [{ err: { code: 'BULWARK_ERR_TRANSPORT_OPTION_INVALID' } }], 'it is said once')
})

t.test('the innermost registration serves a route', async (t) => {
  const app = Fastify()
  await app.register(transport, { hosts: ['app.test'] })
  routes(app)
  app.register(async (child) => {
    await child.register(transport, { hosts: ['child.test'], https: false })
    child.get('/', (_request, reply) => reply.header('set-cookie', 'a=b').send(''))
  }, { prefix: '/child' })
  t.match(await app.inject({ url: '/child/', headers: { host: 'child.test' } }), { statusCode: 200, headers: { 'set-cookie': 'a=b' } })
  t.equal((await app.inject({ url: '/child/', headers: { host: 'app.test' } })).statusCode, 421)
  t.equal((await app.inject({ url: '/a', headers: { host: 'child.test' } })).statusCode, 421)
  t.equal((await app.inject({ url: '/child/nowhere', headers: { host: 'child.test' } })).statusCode, 421, 'what no route serves is of the outer one')

  const beside = Fastify()
  beside.register(async (child) => {
    child.register(transport, OPTIONS)
    child.get('/', () => '')
  }, { prefix: '/child' })
  beside.get('/', () => 'outside')
  t.equal((await beside.inject({ url: '/child/', headers: { host: 'evil.test' } })).statusCode, 421)
  t.equal((await beside.inject({ url: '/', headers: { host: 'evil.test' } })).statusCode, 200, 'a scope does not reach beyond itself')

  await t.rejects(async () => Fastify().register(transport, OPTIONS).register(transport, OPTIONS).ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
})

t.test('trustProxy is judged at the start', async (t) => {
  const cases: Array<[what: string, trustProxy: unknown, code: string | undefined]> = [
    ['nothing', undefined, undefined],
    ['a network', '10.0.0.0/8', undefined],
    ['true', true, 'trusts-everybody'],
    ['a number', 1, 'hop-count-ignored'],
    ['a count of hops', (_address: string, hop: number) => hop < 1, 'trusts-everybody'],
    ['a function that looks', (address: string) => address === '10.0.0.1', undefined]
  ]
  for (const [what, trustProxy, code] of cases) {
    const { app, lines } = logged(trustProxy === undefined ? {} : { trustProxy })
    app.register(async (child) => { await child.register(transport, OPTIONS) })
    await app.ready()
    const warnings = lines.filter(({ level, plugin }) => level === 40 && plugin === 'fastify-bulwark/transport')
    t.same(warnings.map(({ finding }) => (finding as { code: string }).code), code === undefined ? [] : [code], what)
  }
})

t.test('a loop is told once, and a header of a stranger changes nothing else', async (t) => {
  const { app, lines } = logged()
  await app.register(transport, OPTIONS)
  routes(app)
  const loops = (): Line[] => lines.filter(({ code }) => code === 'BULWARK_ERR_TRANSPORT_PROXY_UNHEARD')
  await app.inject({ ...PAGE, remoteAddress: '10.0.0.1' })
  t.equal(loops().length, 0)
  for (let round = 0; round < 3; round++) {
    for (const name of ['x-forwarded-proto', 'forwarded']) {
      const reply = await app.inject({ ...PAGE, headers: { ...PAGE.headers, [name]: name === 'forwarded' ? 'proto=https' : 'https' }, remoteAddress: '10.0.0.1' })
      t.match(reply, { statusCode: 308, headers: { location: 'https://app.test/a?b=c' } })
    }
  }
  t.match(loops(), [{ level: 40, header: 'x-forwarded-proto', peer: '10.0.0.1' }])
  t.equal(loops().length, 1)

  const api = logged()
  await api.app.register(transport, OPTIONS)
  t.equal((await api.app.inject({ ...DATA, headers: { ...DATA.headers, 'x-forwarded-proto': 'https' } })).statusCode, 403)
  t.equal((await api.app.inject({ ...DATA, headers: { host: 'evil.test', 'x-forwarded-proto': 'https' } })).statusCode, 421)
  t.equal(api.lines.filter(({ code }) => code === 'BULWARK_ERR_TRANSPORT_PROXY_UNHEARD').length, 1, 'nor can a program be told otherwise')
})

t.test('a refusal is logged with its code and reason, and no more of the host than a line holds', async (t) => {
  const { app, lines } = logged()
  await app.register(transport, OPTIONS)
  await app.inject({ url: '/a', headers: { host: `${'x'.repeat(5000)}"<b>`, cookie: 'session=swordfish' }, remoteAddress: '203.0.113.9' })
  const line = lines.find(({ code }) => code === 'BULWARK_ERR_TRANSPORT_HOST_MALFORMED')
  t.match(line, { level: 30, reason: 'syntax', host: 'x'.repeat(255), protocol: 'http', peer: '203.0.113.9', plugin: 'fastify-bulwark/transport' })
  t.notMatch(JSON.stringify(line), 'swordfish')
})

t.test('a cookie that is kept back is told once, without its value', async (t) => {
  const { app, lines } = logged()
  await app.register(transport, OPTIONS)
  app.get('/health', { config: { security: { transport: false } } }, (_request, reply) => reply.header('set-cookie', 'session=swordfish').send('well'))
  for (let round = 0; round < 3; round++) await app.inject({ url: '/health', headers: { host: 'app.test' } })
  const told = lines.filter(({ code }) => code === 'BULWARK_ERR_TRANSPORT_COOKIE_WITHHELD')
  t.equal(told.length, 1)
  t.notMatch(JSON.stringify(lines), 'swordfish')
})

t.test('the headers of the headers plugin are on every reply, in either order', async (t) => {
  for (const order of [[transport, headers], [headers, transport]]) {
    const app = Fastify({ trustProxy: '10.0.0.0/8' })
    for (const plugin of order) await app.register(plugin as typeof transport, plugin === transport as unknown ? OPTIONS : {})
    routes(app)
    for (const [request, status, hsts] of [[PAGE, 308, false], [DATA, 403, false], [{ ...DATA, headers: { host: 'evil.test' } }, 421, false], [{ ...SECURE, headers: { ...SECURE.headers, host: 'evil.test' } }, 421, true], [{ ...SECURE, headers: { ...SECURE.headers, host: '@' } }, 400, true], [SECURE, 200, true]] as const) {
      const reply = await app.inject(request)
      t.equal(reply.statusCode, status)
      t.match(reply.headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" })
      t.equal('strict-transport-security' in reply.headers, hsts, 'over https, and never over http (RFC 6797 §7.2)')
    }
  }
})

t.test('the defaults are those that are exported', async (t) => {
  t.same(transportDefaults, { https: true, securePort: 443 })
})
