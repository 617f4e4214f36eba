import { Readable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import { headers, type HeaderSettings, type HeadersOptions } from '../../plugins/headers.ts'
import { build, directive, DOCUMENT, logging, nonced, nonceOf, OTHER, page, policy, written } from './headers-world.ts'

t.test('settings of a route', async (t) => {
  const append = { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } }
  const cases: Array<[what: string, options: HeadersOptions, setting: HeaderSettings | false, expected: Record<string, string | undefined>]> = [
    ['nothing changes nothing', {}, {}, DOCUMENT],
    ['false drops every header', {}, false, {}],
    ['a directive is appended to, the others stay', {}, append, { ...DOCUMENT, 'content-security-policy': DOCUMENT['content-security-policy'].replace('data:', 'data: https://img.test') }],
    ['a directive is removed', {}, { contentSecurityPolicy: { remove: { 'font-src': true } } }, { ...DOCUMENT, 'content-security-policy': DOCUMENT['content-security-policy'].replace(" font-src 'self';", '') }],
    ['the order is remove, set, append', {}, { contentSecurityPolicy: { append: { 'img-src': ['https://a.test'] }, set: { 'img-src': ["'self'"] }, remove: { 'img-src': true } } },
      { ...DOCUMENT, 'content-security-policy': DOCUMENT['content-security-policy'].replace("img-src 'self' data:", "img-src 'self' https://a.test") }],
    ["'none' gives way", {}, { contentSecurityPolicy: { append: { 'object-src': ["'self'"] } } }, { ...DOCUMENT, 'content-security-policy': DOCUMENT['content-security-policy'].replace("object-src 'none'", "object-src 'self'") }],
    ['a policy that the application switched off comes back whole', { contentSecurityPolicy: false }, { contentSecurityPolicy: {} }, DOCUMENT],
    ['another header of the application stays', { referrerPolicy: 'origin' }, { xFrameOptions: false }, { ...DOCUMENT, 'referrer-policy': 'origin', 'x-frame-options': undefined }],
    ['a header is dropped for the route', {}, { permissionsPolicy: false }, { ...DOCUMENT, 'permissions-policy': undefined }]
  ]
  for (const [what, options, setting, expected] of cases) {
    const app = await build(options, (app) => {
      app.get('/set', { config: { security: { headers: setting } } }, (_request, reply) => reply.type('text/html').send('x'))
      page(app)
    })
    const defined = Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined))
    t.same(written(await app.inject('/set')), defined, what)
    t.same(written(await app.inject({ method: 'HEAD', url: '/set' })), defined, `${what}: HEAD`)
  }
})

t.test('the settings of a route are the caller\'s and stay as they were', async (t) => {
  const config = { other: 1, security: { headers: { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } } } }
  const before = structuredClone(config)
  const frozen = Object.freeze({ security: Object.freeze({ headers: Object.freeze({ xFrameOptions: false as const }) }) })
  const app = await build({}, (app) => {
    app.get('/', { config }, (request) => (request.routeOptions.config as typeof config).other)
    app.get('/frozen', { config: frozen }, nonced)
  })
  await app.inject('/')
  t.same(config, before)
  t.same(Object.getOwnPropertySymbols(config), [])
  t.equal((await app.inject('/')).body, '1', 'what else is in the config arrives')
  t.notOk('x-frame-options' in (await app.inject('/frozen')).headers, 'a frozen one is read all the same')
})

t.test('500 routes with three settings make three plans', async (t) => {
  const { lines, server } = logging('debug')
  const settings: Array<HeaderSettings | undefined> = [undefined, { xFrameOptions: 'SAMEORIGIN' }, { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } }]
  const app = await build({ lint: 'off' }, (app) => {
    for (let index = 0; index < 500; index++) {
      const headers = structuredClone(settings[index % 3])
      app.get(`/${index}`, { config: headers === undefined ? {} : { security: { headers } } }, () => '')
    }
  }, server)
  await app.ready()
  t.equal(lines.find(({ msg }) => msg === 'plans compiled')?.['plans'], 3)
})

t.test('the innermost scope writes', async (t) => {
  const app = await build({ xXssProtection: '0', contentSecurityPolicyReportOnly: {} }, async (app) => {
    app.get('/outer', nonced)
    await app.register(async (child) => {
      await child.register(headers, { xFrameOptions: false, contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } })
      child.get('/inner', nonced)
      child.get('/route', { config: { security: { headers: { originAgentCluster: false } } } }, nonced)
      child.get('/off', { config: { security: { headers: false } } }, () => '')
      await child.register(async (grandchild) => { grandchild.get('/innermost', nonced) })
    })
    await app.register(async (child) => {
      await child.register(headers, { contentSecurityPolicy: false, permissionsPolicy: false, crossOriginOpenerPolicy: false })
      child.get('/bare', (_request, reply) => reply.type('text/html').send('x'))
      child.setNotFoundHandler((_request, reply) => reply.type('text/html').send('not found'))
    }, { prefix: '/prefix' })
  })
  const outer = await app.inject('/outer')
  t.equal(outer.headers['x-xss-protection'], '0')
  t.equal(outer.headers['x-frame-options'], 'DENY')
  t.equal(nonceOf(outer, 'content-security-policy-report-only'), nonceOf(outer), 'report-only has the nonce of the page')
  for (const url of ['/inner', '/innermost']) {
    const inner = await app.inject(url)
    t.notOk('x-xss-protection' in inner.headers, `${url}: a header of the parent alone is not there`)
    t.notOk('x-frame-options' in inner.headers, `${url}: a header can be removed`)
    t.notOk('content-security-policy-report-only' in inner.headers, `${url}: nor is the parent's second policy`)
    t.equal(directive(inner, 'img-src'), "'self' data: https://img.test", url)
    t.equal(inner.body, `<script nonce="${nonceOf(inner)}"></script>`, `${url}: there is one nonce`)
    t.equal(policy(inner).match(/'nonce-/g)?.length, 2, `${url}: in script-src and style-src`)
  }
  t.notOk('origin-agent-cluster' in (await app.inject('/route')).headers, 'a route overrides its scope')
  t.equal(directive(await app.inject('/route'), 'img-src'), "'self' data: https://img.test", 'and inherits from it')
  t.same(written(await app.inject('/off')), {}, 'a route that is switched off has no header of the parent either')
  for (const url of ['/prefix/bare', '/prefix/nowhere']) {
    t.same(Object.keys(written(await app.inject(url))).sort(), ['cross-origin-resource-policy', 'origin-agent-cluster', 'referrer-policy', 'x-content-type-options'], url)
  }
})

t.test('a scope that registers the plugin without waiting is the innermost all the same', async (t) => {
  const app = await build({ xXssProtection: '0' }, (app) => {
    app.register(async (child) => {
      child.register(headers, { contentSecurityPolicy: false, originAgentCluster: false })
      child.get('/', { config: { security: { headers: { permissionsPolicy: false } } } }, (_request, reply) => reply.type('text/html').send('x'))
    })
  })
  t.same(Object.keys(written(await app.inject('/'))).sort(), ['cross-origin-opener-policy', 'cross-origin-resource-policy', 'referrer-policy', 'x-content-type-options'])
})

t.test('a scope that was there before the plugin has its headers and nonces', async (t) => {
  const app = Fastify()
  app.register(async (child) => {
    child.get('/', nonced)
    child.get('/csp', (_request, reply) => {
      reply.csp.append('form-action', 'https://login.test')
      return reply.type('text/html').send('x')
    })
    child.get('/data', () => ({}))
    child.get('/thrown', () => { throw new Error('thrown') })
    child.get('/set', { config: { security: { headers: { originAgentCluster: false } } } }, (_request, reply) => reply.type('text/html').send('x'))
    child.get('/late', (request) => {
      request.raw.socket.once('close', () => {})
      return new Readable({ read () { this.destroy(new Error(request.cspNonce)) } })
    })
  })
  app.register(headers)
  const reply = await app.inject('/')
  t.equal(reply.body, `<script nonce="${nonceOf(reply)}"></script>`)
  t.equal(directive(await app.inject('/csp'), 'form-action'), "'self' https://login.test")
  t.same(written(await app.inject('/data')), OTHER)
  t.same(written(await app.inject('/thrown')), OTHER)
  t.notOk('origin-agent-cluster' in (await app.inject('/set')).headers)
})

t.test('a route that no onRoute hook saw', async (t) => {
  const { lines, server } = logging()
  const app = Fastify(server)
  app.register(headers)
  app.get('/', { config: { security: { headers: { originAgentCluster: false } } } }, nonced)
  app.get('/plain', nonced)
  app.get('/off', { config: { security: { headers: false } } }, () => '')
  app.get('/wrong', { config: { security: { headers: { noSuch: true } as HeaderSettings } } }, () => '')
  const reply = await app.inject('/')
  t.notOk('origin-agent-cluster' in reply.headers, 'has its setting')
  t.equal(reply.body, `<script nonce="${nonceOf(reply)}"></script>`, 'and its nonce')
  t.equal((await app.inject('/plain')).headers['origin-agent-cluster'], '?1')
  t.same(written(await app.inject('/off')), {})
  for (let round = 0; round < 3; round++) t.same(written(await app.inject('/wrong')), OTHER, 'with a setting that is wrong has the headers of the application')
  const errors = lines.filter(({ level }) => level === 50)
  t.equal(errors.length, 1, 'and the error is logged once')
  t.match(errors[0], { err: { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN' } })
})

t.test('a nonce in the 404 of an application without the plugin, called by a route of a scope that has it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setNotFoundHandler((request, reply) => reply.code(404).type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
  await app.register(async (scope) => {
    await scope.register(headers)
    scope.get('/gone', (_request, reply) => reply.callNotFound())
  })
  const reply = await app.inject('/gone')
  t.equal(reply.statusCode, 404)
  const nonce = /nonce="([\w-]{22})"/.exec(reply.body)?.[1]
  t.match(reply.headers['content-security-policy'], `'nonce-${nonce}'`)
})
