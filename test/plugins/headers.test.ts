import { Readable } from 'node:stream'
import fastifyView from '@fastify/view'
import ejs from 'ejs'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import headersByDefault, { applySecurityHeaders, hashOf, headers, headersDefaults, lintPolicy, secureServerOptions, type HeaderSettings, type HeadersOptions } from '../../plugins/headers.ts'
import { SecurityError } from '../../lib/errors.ts'

type Routes = (app: FastifyInstance) => unknown
type Written = Record<string, string>

/** What the plugin may write; everything else in a reply is somebody else's. */
const OURS = new Set(['content-security-policy', 'content-security-policy-report-only', 'strict-transport-security', 'x-content-type-options', 'x-frame-options',
  'referrer-policy', 'cross-origin-opener-policy', 'cross-origin-embedder-policy', 'cross-origin-resource-policy', 'permissions-policy', 'origin-agent-cluster',
  'x-xss-protection', 'reporting-endpoints'])

const DOCUMENT = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "object-src 'none'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
  'origin-agent-cluster': '?1'
}
const OTHER = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin'
}
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
const DOCUMENT_HTTPS = { ...DOCUMENT, ...HSTS, 'content-security-policy': DOCUMENT['content-security-policy'].replace(/$/, '; upgrade-insecure-requests') }
const OTHER_HTTPS = { ...OTHER, ...HSTS }

function written ({ headers }: LightMyRequestResponse): Written {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => OURS.has(name)).map(([name, value]) => [name, String(value)]))
}

function policy ({ headers }: LightMyRequestResponse): string {
  return String(headers['content-security-policy'])
}

/** The value of one directive of the enforced policy; `undefined` where it is absent. */
function directive (reply: LightMyRequestResponse, name: string, header = 'content-security-policy'): string | undefined {
  return String(reply.headers[header] ?? '').split('; ').find((text) => text.split(' ')[0] === name)?.slice(name.length + 1)
}

function nonceOf (reply: LightMyRequestResponse, header = 'content-security-policy'): string | undefined {
  return /'nonce-([^']+)'/.exec(String(reply.headers[header]))?.[1]
}

/** Lines of a log, read as data. */
function logging (level = 'info'): { lines: Array<Record<string, unknown>>, server: FastifyServerOptions } {
  const lines: Array<Record<string, unknown>> = []
  return { lines, server: { logger: { level, stream: { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } } } } }
}

async function build (options: HeadersOptions, routes: Routes, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: true, ...server })
  await app.register(headers, options)
  await routes(app)
  return app
}

const page: Routes = (app) => app.get('/', (_request, reply) => reply.type('text/html').send('<p>page</p>'))
const pageAndData: Routes = (app) => {
  page(app)
  app.get('/data', () => ({ data: true }))
}
/** A page whose script carries the nonce. */
const nonced = (request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`)
const https = { 'x-forwarded-proto': 'https' }

t.test('what is imported', async (t) => {
  t.equal(headersByDefault, headers, 'the plugin is named and the default')
  t.ok(Object.isFrozen(headersDefaults) && Object.isFrozen(headersDefaults.contentSecurityPolicy), 'the defaults are frozen')
  t.same(lintPolicy("default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"), [], 'the lint is at hand')
  t.type(secureServerOptions().frameworkErrors, 'function')
  const app = await build(headersDefaults, page)
  t.same(written(await app.inject('/')), DOCUMENT, 'the defaults may be passed as options, and say what no options say')
})

t.test('the kind of a reply is that of its final Content-Type', async (t) => {
  const cases: Array<[what: string, type: string | string[] | undefined, document: boolean]> = [
    ['HTML', 'text/html', true],
    ['HTML with a parameter', 'text/html; charset=utf-8', true],
    ['HTML in capitals', 'TEXT/HTML', true],
    ['HTML with white space before the semicolon', 'text/html ;charset=x', true],
    ['HTML with an odd parameter', 'text/html;;;="', true],
    ['HTML with a boundary', 'tExT/hTmL; boundary=a;charset="utf-8"', true],
    ['XHTML', 'application/xhtml+xml', true],
    ['SVG', 'image/svg+xml', true],
    ['PDF', 'application/pdf', true],
    ['JSON', 'application/json', false],
    ['plain text', 'text/plain', false],
    ['no type', undefined, false],
    ['an empty type', '', false],
    ['a type that only begins like HTML', 'text/htmlx', false],
    ['a list of types', 'application/json, text/html', false],
    ['a parameter that says HTML', 'text/plain; x=text/html', false],
    ['a type in an array', ['text/html'], false],
    ['a very long type', `text/${'html'.repeat(1000)}`, false],
    ['server-sent events', 'text/event-stream', false],
    ['XML', 'application/xml', false]
  ]
  for (const [what, type, document] of cases) {
    const app = await build({}, (app) => app.get('/', (_request, reply) => {
      if (type !== undefined) reply.header('content-type', type)
      return reply.send(Buffer.from('x'))
    }))
    t.same(written(await app.inject('/')), document ? DOCUMENT : OTHER, `${what} is ${document ? 'a' : 'no'} document over http`)
    t.same(written(await app.inject({ url: '/', headers: https })), document ? DOCUMENT_HTTPS : OTHER_HTTPS, `${what} is ${document ? 'a' : 'no'} document over https`)
  }
})

t.test('https is what Fastify says it is', async (t) => {
  const cases: Array<[what: string, trustProxy: boolean, proto: string | string[] | undefined, secure: boolean]> = [
    ['a trusted proxy that says https', true, 'https', true],
    ['a trusted proxy that says http', true, 'http', false],
    ['a trusted proxy that says nothing', true, undefined, false],
    ['a header without a proxy to trust', false, 'https', false],
    ['a repeated header', true, ['http', 'https'], true],
    ['nonsense', true, 'httpsx', false]
  ]
  for (const [what, trustProxy, proto, secure] of cases) {
    const app = await build({}, page, { trustProxy })
    const reply = await app.inject({ url: '/', headers: proto === undefined ? {} : { 'x-forwarded-proto': proto } })
    t.same(written(reply), secure ? DOCUMENT_HTTPS : DOCUMENT, what)
  }
})

t.test('every header can be set and switched off', async (t) => {
  const cases: Array<[what: string, options: HeaderSettings, header: string, document: string | undefined, other: string | undefined]> = [
    ['HSTS off', { strictTransportSecurity: false }, 'strict-transport-security', undefined, undefined],
    ['HSTS with a term', { strictTransportSecurity: { maxAge: 63072000, preload: true } }, 'strict-transport-security', 'max-age=63072000; includeSubDomains; preload', 'max-age=63072000; includeSubDomains; preload'],
    ['HSTS for the host alone', { strictTransportSecurity: { includeSubDomains: false } }, 'strict-transport-security', 'max-age=31536000', 'max-age=31536000'],
    ['HSTS to be forgotten', { strictTransportSecurity: { maxAge: 0 } }, 'strict-transport-security', 'max-age=0; includeSubDomains', 'max-age=0; includeSubDomains'],
    ['nosniff off', { xContentTypeOptions: false }, 'x-content-type-options', undefined, undefined],
    ['frame options off', { xFrameOptions: false }, 'x-frame-options', undefined, undefined],
    ['frame options set', { xFrameOptions: 'SAMEORIGIN' }, 'x-frame-options', 'SAMEORIGIN', undefined],
    ['frame options from the policy', { contentSecurityPolicy: { set: { frameAncestors: ["'self'"] } } }, 'x-frame-options', 'SAMEORIGIN', undefined],
    ['frame options that cannot say a host', { contentSecurityPolicy: { set: { frameAncestors: ['https://a.test'] } } }, 'x-frame-options', undefined, undefined],
    ['frame options without frame-ancestors', { contentSecurityPolicy: { remove: { frameAncestors: true } } }, 'x-frame-options', undefined, undefined],
    ['referrer off', { referrerPolicy: false }, 'referrer-policy', undefined, undefined],
    ['referrer set', { referrerPolicy: 'origin' }, 'referrer-policy', 'origin', 'no-referrer'],
    ['referrer with a fallback', { referrerPolicy: ['no-referrer', 'strict-origin'] }, 'referrer-policy', 'no-referrer, strict-origin', 'no-referrer'],
    ['referrer of other replies', { nonDocument: { referrerPolicy: 'same-origin' } }, 'referrer-policy', 'strict-origin-when-cross-origin', 'same-origin'],
    ['referrer of other replies off', { nonDocument: { referrerPolicy: false } }, 'referrer-policy', 'strict-origin-when-cross-origin', undefined],
    ['COOP off', { crossOriginOpenerPolicy: false }, 'cross-origin-opener-policy', undefined, undefined],
    ['COOP for popups', { crossOriginOpenerPolicy: 'same-origin-allow-popups' }, 'cross-origin-opener-policy', 'same-origin-allow-popups', undefined],
    ['COEP on', { crossOriginEmbedderPolicy: 'require-corp' }, 'cross-origin-embedder-policy', 'require-corp', undefined],
    ['COEP off by default', {}, 'cross-origin-embedder-policy', undefined, undefined],
    ['CORP off', { crossOriginResourcePolicy: false }, 'cross-origin-resource-policy', undefined, undefined],
    ['CORP for everybody', { crossOriginResourcePolicy: 'cross-origin' }, 'cross-origin-resource-policy', 'cross-origin', 'cross-origin'],
    ['permissions off', { permissionsPolicy: false }, 'permissions-policy', undefined, undefined],
    ['permissions laid over', { permissionsPolicy: { camera: ['self', 'https://meet.test'], hid: false, displayCapture: ['*'] } }, 'permissions-policy',
      'accelerometer=(), camera=(self "https://meet.test"), display-capture=*, geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()', undefined],
    ['origin agent cluster off', { originAgentCluster: false }, 'origin-agent-cluster', undefined, undefined],
    ['the dead filter', { xXssProtection: '0' }, 'x-xss-protection', '0', undefined],
    ['the dead filter, unasked for', {}, 'x-xss-protection', undefined, undefined],
    ['no policy', { contentSecurityPolicy: false }, 'content-security-policy', undefined, undefined],
    ['no policy of other replies', { nonDocument: { contentSecurityPolicy: false } }, 'content-security-policy', DOCUMENT_HTTPS['content-security-policy'], undefined],
    ['a policy of other replies', { nonDocument: { contentSecurityPolicy: { append: { sandbox: [] } } } }, 'content-security-policy', DOCUMENT_HTTPS['content-security-policy'], "default-src 'none'; frame-ancestors 'none'; sandbox"],
    ['a policy of its own', { contentSecurityPolicy: { replace: true, set: { defaultSrc: ["'self'"] } } }, 'content-security-policy', "default-src 'self'", OTHER['content-security-policy']],
    ['a policy that is empty', { contentSecurityPolicy: { replace: true } }, 'content-security-policy', undefined, OTHER['content-security-policy']]
  ]
  for (const [what, options, header, document, other] of cases) {
    const app = await build({ lint: 'off', ...options }, pageAndData)
    t.equal((await app.inject({ url: '/', headers: https })).headers[header], document, `${what}: documents`)
    t.equal((await app.inject({ url: '/data', headers: https })).headers[header], other, `${what}: other replies`)
    const byRoute = await build({}, (app) => app.get('/', { config: { security: { headers: options } } }, (_request, reply) => reply.type('text/html').send('x')))
    t.equal((await byRoute.inject({ url: '/', headers: https })).headers[header], document, `${what}: as the setting of a route`)
  }
})

t.test('a header that the handler has set wins, whatever its value', async (t) => {
  const own = [...OURS].filter((name) => name !== 'content-security-policy-report-only')
  const app = await build({ xXssProtection: '0', crossOriginEmbedderPolicy: 'credentialless', reporting: { endpoints: { csp: '/reports' } } }, (app) => {
    app.get('/own/:name', (request, reply) => reply.type('text/html').header((request.params as { name: string }).name, 'own').send(request.cspNonce))
    app.get('/empty', (_request, reply) => reply.header('X-Content-Type-Options', '').send('x'))
    app.get('/twice', (_request, reply) => reply.header('content-security-policy', ["default-src 'self'", "img-src 'none'"]).send('x'))
    app.get('/removed', (_request, reply) => reply.header('referrer-policy', 'origin').removeHeader('referrer-policy').send('x'))
  })
  for (const name of own) {
    const reply = await app.inject({ url: `/own/${name}`, headers: https })
    t.equal(reply.headers[name], 'own', name)
    t.same(Object.keys(written(reply)).sort(), [...own].sort(), 'the others are all there')
  }
  t.equal((await app.inject('/empty')).headers['x-content-type-options'], '', 'an empty value is a value')
  t.same((await app.inject('/twice')).headers['content-security-policy'], ["default-src 'self'", "img-src 'none'"], 'two policies are left alone')
  t.equal((await app.inject('/removed')).headers['referrer-policy'], 'no-referrer', 'a header that was taken away again was not set')
})

t.test('each header is written once, in lower case, without loose ends', async (t) => {
  const app = await build({ contentSecurityPolicyReportOnly: {}, reporting: { endpoints: { a: '/a', b: 'https://b.test/b' } }, xXssProtection: '0' }, (app) => app.get('/', nonced))
  const reply = await app.inject({ url: '/', headers: https })
  for (const [name, value] of Object.entries(reply.headers)) {
    t.equal(name, name.toLowerCase(), name)
    t.notOk(Array.isArray(value), `${name} is there once`)
    t.match(value, /^[\x20-\x7e]*[^;, ]$/, `${name} ends in no separator`)
  }
})

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

t.test('reply.csp.append', async (t) => {
  const { lines, server } = logging()
  const app = await build({ contentSecurityPolicyReportOnly: { append: { imgSrc: ['https://img.test'] } } }, (app) => {
    app.get('/login', (request, reply) => {
      reply.csp.append('form-action', 'https://id.test', 'https://id2.test').append('formAction', 'https://id.test')
      return nonced(request, reply)
    })
    app.get('/plain', nonced)
    app.get('/data', (_request, reply) => {
      reply.csp.append('form-action', 'https://id.test')
      return {}
    })
    app.get('/frame', (_request, reply) => {
      reply.csp.append('frame-ancestors', "'self'")
      return reply.type('text/html').send('x')
    })
    app.get('/client', (request, reply) => {
      reply.csp.append('form-action', (request.query as { origin: string }).origin)
      return reply.type('text/html').send('x')
    })
    app.get('/off', { config: { security: { headers: { contentSecurityPolicy: false, contentSecurityPolicyReportOnly: false } } } }, (_request, reply) => {
      reply.csp.append('form-action', 'https://id.test')
      return reply.type('text/html').send('x')
    })
    app.get('/inherit', (_request, reply) => {
      reply.csp.append('frame-src', 'https://frame.test').append('script-src', 'https://cdn.test')
      return reply.type('text/html').send('x')
    })
  }, server)
  for (const round of ['first', 'second']) {
    const login = await app.inject('/login')
    t.equal(directive(login, 'form-action'), "'self' https://id.test https://id2.test", `${round} reply: OAuth can leave the site, and each source is there once`)
    t.equal(directive(login, 'form-action', 'content-security-policy-report-only'), "'self' https://id.test https://id2.test", 'report-only admits what is admitted')
    t.equal(login.body, `<script nonce="${nonceOf(login)}"></script>`, 'beside the nonce')
    t.equal(directive(login, 'img-src', 'content-security-policy-report-only'), "'self' data: https://img.test", 'and the policies stay two')
  }
  t.equal(directive(await app.inject('/plain'), 'form-action'), "'self'", 'another reply is not touched')
  t.equal(policy(await app.inject('/data')), OTHER['content-security-policy'], 'a reply that is no document is not touched')
  const frame = await app.inject('/frame')
  t.equal(directive(frame, 'frame-ancestors'), "'self'")
  t.equal(frame.headers['x-frame-options'], 'SAMEORIGIN', 'the header that follows frame-ancestors follows')
  t.notOk('content-security-policy' in (await app.inject('/off')).headers, 'nothing is enforced that was not')
  const inherit = await app.inject('/inherit')
  t.equal(directive(inherit, 'frame-src'), 'https://frame.test', 'an absent directive starts from its fallback')
  t.equal(directive(inherit, 'script-src'), "'self' https://cdn.test")

  const refused: Array<[what: string, origin: string]> = [
    ['another directive', "https://a.test; script-src 'unsafe-inline'"],
    ['another policy', 'https://a.test, script-src *'],
    ['another source', "https://a.test 'unsafe-inline'"],
    ['another header', 'https://a.test\r\nset-cookie: a=b'],
    ['a keyword that is unquoted', 'self'],
    ["'none'", "'none'"],
    ['a script keyword', "'unsafe-inline'"],
    ['nothing', ''],
    ['non-ASCII', 'https://münchen.test'],
    ['a NUL', 'https://a.test\0'],
    ['a query', 'https://a.test/?a=b'],
    ['far too much', `https://${'a'.repeat(5000)}.test`]
  ]
  for (const [what, origin] of refused) {
    const reply = await app.inject({ url: '/client', query: { origin } })
    t.equal(reply.statusCode, 400, `${what} is refused as the client's fault`)
    t.same(reply.json(), { statusCode: 400, code: 'BULWARK_ERR_HEADERS_SOURCE_REFUSED', error: 'Bad Request', message: 'The request asked for a source that the policy cannot admit.' }, 'with a fixed text')
    t.same(written(reply), OTHER, 'and the headers are there')
  }
  const logged = lines.find(({ err }) => (err as { code?: string } | undefined)?.code === 'BULWARK_ERR_HEADERS_SOURCE_REFUSED')
  t.match(logged?.['err'], { message: /reply\.csp\.append\.form-action\[0\]/ }, 'the reason is in the log')

  const repeated = await app.inject('/client?origin=https://a.test&origin=https://b.test')
  t.equal(repeated.statusCode, 400, 'an array where a string was expected is refused')
  for (let index = 0; index < 300; index++) await app.inject({ url: '/client', query: { origin: `https://h${index}.test` } })
  t.equal(directive(await app.inject({ url: '/client', query: { origin: 'https://h0.test' } }), 'form-action'), "'self' https://h0.test", 'origins beyond what is remembered are compiled again')
})

t.test('reply.csp.append after the headers were written', async (t) => {
  const codes: unknown[] = []
  const attempt = (reply: FastifyReply): void => {
    try {
      reply.csp.append('form-action', 'https://a.test')
    } catch (error) {
      codes.push((error as SecurityError).code)
    }
  }
  const app = await build({}, (app) => {
    app.addHook('onResponse', async (_request, reply) => { attempt(reply) })
    app.get('/', () => '')
    app.get('/used', (_request, reply) => {
      reply.csp.append('form-action', 'https://a.test')
      return ''
    })
  })
  await app.inject('/')
  await app.inject('/used')
  t.same(codes, ['BULWARK_ERR_HEADERS_SENT', 'BULWARK_ERR_HEADERS_SENT'])
})

t.test('Trusted Types: from report-only to enforced', async (t) => {
  const types = "require-trusted-types-for 'script'"
  const cases: Array<[what: string, options: HeadersOptions, enforced: boolean, reported: string | undefined]> = [
    ['off by default', {}, false, undefined],
    ['report-only makes a second policy of its own', { trustedTypes: { mode: 'report-only' } }, false, types],
    ['the policies that may be made are listed', { trustedTypes: { mode: 'report-only', policies: ['escape', "'allow-duplicates'"] } }, false, `${types}; trusted-types escape 'allow-duplicates'`],
    ['no policy may be made', { trustedTypes: { mode: 'report-only', policies: [] } }, false, `${types}; trusted-types`],
    ['it joins a report-only policy', { contentSecurityPolicyReportOnly: { replace: true, set: { 'img-src': ["'self'"] } }, trustedTypes: { mode: 'report-only' } }, false, `img-src 'self'; ${types}`],
    ['it can be reported where nothing is enforced', { contentSecurityPolicy: false, trustedTypes: { mode: 'report-only' } }, false, types],
    ['enforced', { trustedTypes: { mode: 'enforce' } }, true, undefined]
  ]
  for (const [what, options, enforced, reported] of cases) {
    const app = await build({ lint: 'off', ...options }, pageAndData)
    const reply = await app.inject('/')
    t.equal(policy(reply).includes(types), enforced, `${what}: enforced`)
    t.equal(reply.headers['content-security-policy-report-only'], reported, `${what}: reported`)
    t.notOk(policy(await app.inject('/data')).includes('trusted'), `${what}: other replies have no scripts`)
  }
  const app = await build({ trustedTypes: { mode: 'report-only' } }, (app) => app.get('/', { config: { security: { headers: { trustedTypes: { mode: 'enforce' } } } } }, (_request, reply) => reply.type('text/html').send('x')))
  const reply = await app.inject('/')
  t.ok(policy(reply).includes(types), 'a route may go ahead')
  t.notOk('content-security-policy-report-only' in reply.headers, 'and then reports no longer')
})

t.test('a report-only policy beside the enforced one', async (t) => {
  const app = await build({ contentSecurityPolicyReportOnly: { remove: { scriptSrc: ["'self'"] }, set: { 'style-src': ["'nonce'"], 'upgrade-insecure-requests': true } } }, (app) => {
    app.get('/', nonced)
    app.get('/unread', (_request, reply) => reply.type('text/html').send('x'))
    app.get('/data', () => ({}))
    app.get('/tuned', { config: { security: { headers: { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } } } } }, nonced)
  })
  const reply = await app.inject({ url: '/', headers: https })
  const nonce = nonceOf(reply)
  t.equal(directive(reply, 'script-src', 'content-security-policy-report-only'), `'nonce-${nonce}' 'strict-dynamic'`, 'both have one nonce')
  t.equal(directive(reply, 'style-src'), `'self' 'nonce-${nonce}'`, 'the enforced policy is what it was')
  t.equal(directive(reply, 'style-src', 'content-security-policy-report-only'), `'nonce-${nonce}'`)
  t.equal(directive(reply, 'upgrade-insecure-requests', 'content-security-policy-report-only'), undefined, 'what browsers ignore in it is left out')
  t.equal(directive(await app.inject('/unread'), 'script-src', 'content-security-policy-report-only'), "'none'", 'without a nonce there is neither nonce nor strict-dynamic')
  t.notOk('content-security-policy-report-only' in (await app.inject('/data')).headers, 'it is for documents')
  const tuned = await app.inject('/tuned')
  t.equal(directive(tuned, 'img-src'), "'self' data: https://img.test", 'a route changes what is enforced')
  t.equal(directive(tuned, 'img-src', 'content-security-policy-report-only'), "'self' data:", 'and leaves the other policy reporting')

  const reportOnly = await build({ contentSecurityPolicy: false, contentSecurityPolicyReportOnly: {} }, (app) => {
    app.get('/', nonced)
    app.get('/tuned', { config: { security: { headers: { contentSecurityPolicyReportOnly: { append: { imgSrc: ['https://img.test'] } } } } } }, nonced)
  })
  for (const url of ['/', '/tuned']) {
    const reply = await reportOnly.inject(url)
    t.notOk('content-security-policy' in reply.headers, `${url}: an override of a report-only policy enforces nothing`)
    t.equal(reply.body, `<script nonce="${nonceOf(reply, 'content-security-policy-report-only')}"></script>`)
  }
})

t.test('reporting', async (t) => {
  const app = await build({ reporting: { endpoints: { csp: 'https://r.test/csp', other: '/other' } }, contentSecurityPolicyReportOnly: {} }, pageAndData)
  const reply = await app.inject('/')
  const data = await app.inject('/data')
  t.equal(reply.headers['reporting-endpoints'], 'csp="https://r.test/csp", other="/other"')
  t.equal(data.headers['reporting-endpoints'], 'csp="https://r.test/csp", other="/other"')
  for (const value of [policy(reply), String(reply.headers['content-security-policy-report-only']), policy(data)]) {
    t.match(value, /; report-uri https:\/\/r\.test\/csp; report-to csp$/, 'every policy has both directives, for new browsers and old')
  }
  const own = await build({ reporting: { endpoints: { csp: '/csp', own: '/own' } }, contentSecurityPolicy: { set: { reportTo: ['own'], reportUri: ['/own'] } } }, page)
  t.match(policy(await own.inject('/')), /; report-uri \/own; report-to own$/, 'what the policy says itself stays')
})

t.test('the preset strict is the default', async (t) => {
  const app = await build({ preset: 'strict' }, pageAndData)
  t.same(written(await app.inject('/')), DOCUMENT)
  t.same(written(await app.inject('/data')), OTHER)
})

t.test('the preset article is the set of the article with its two corrections', async (t) => {
  const app = await build({ preset: 'article', contentSecurityPolicy: { append: { 'script-src': ['https://cdn.test'] } } }, (app) => {
    pageAndData(app)
    app.get('/nonced', nonced)
  })
  const policyOf = (sources: string): string => `default-src 'self'; script-src ${sources}; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'`
  const set = {
    'content-security-policy': policyOf("'self' https://cdn.test"),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'x-xss-protection': '0'
  }
  t.same(written(await app.inject('/')), set, 'over http')
  t.same(written(await app.inject({ url: '/', headers: https })), { ...set, ...HSTS }, 'over https')
  const reply = await app.inject('/nonced')
  t.equal(policy(reply), policyOf(`'self' 'nonce-${nonceOf(reply)}' https://cdn.test`), 'with a nonce')
  t.same(written(await app.inject('/data')), { 'content-security-policy': OTHER['content-security-policy'], 'x-content-type-options': 'nosniff', 'referrer-policy': 'strict-origin-when-cross-origin' }, 'for data')
})

t.test('the lint', async (t) => {
  const weak: HeadersOptions = { contentSecurityPolicy: { set: { 'script-src': ["'self'", "'unsafe-inline'"] } } }
  const findings = (lines: Array<Record<string, unknown>>): Array<[unknown, unknown]> => lines.filter((line) => 'finding' in line).map(({ level, finding }) => [level, (finding as { code: string }).code])
  const cases: Array<[what: string, options: HeadersOptions, expected: Array<[level: number, code: string]>]> = [
    ['the default set has nothing to say', {}, []],
    ['a weakness is a warning', weak, [[40, 'unsafe-inline']]],
    ['what is worth knowing is no warning', { contentSecurityPolicy: false }, [[30, 'policy-not-enforced']]],
    ['off is off', { ...weak, lint: 'off' }, []],
    ['the article frames its pages by an old header alone', { preset: 'article' }, [[40, 'frame-ancestors-missing'], [30, 'form-action-missing']]]
  ]
  for (const [what, options, expected] of cases) {
    const { lines, server } = logging()
    const app = await build(options, page, server)
    await app.ready()
    t.same(findings(lines), expected, what)
    for (const line of lines.filter((line) => 'finding' in line)) t.match(line, { plugin: 'fastify-bulwark/headers', msg: (line['finding'] as { message: string }).message })
  }
  const { lines, server } = logging()
  const routes = await build({}, (app) => {
    for (const url of ['/a', '/b']) app.get(url, { config: { security: { headers: weak } } }, () => '')
  }, server)
  await routes.ready()
  t.same(findings(lines), [[40, 'unsafe-inline']], 'the finding of two routes is told once')

  await t.rejects(build({ ...weak, lint: 'error' }, page), { code: 'BULWARK_ERR_HEADERS_POLICY_WEAK', message: /unsafe-inline/ }, 'an error refuses to start')
  const route = await build({ lint: 'error' }, (app) => app.get('/weak', { config: { security: { headers: weak } } }, () => ''))
  await t.rejects(async () => route.ready(), { code: 'BULWARK_ERR_HEADERS_POLICY_WEAK', message: /\(route GET \/weak\)/ }, 'for a route, too')
  await t.resolves(build({ contentSecurityPolicy: false, lint: 'error' }, page), 'what is worth knowing refuses nothing')
})

t.test('the nonce', async (t) => {
  let made = 0
  const generate = (): string => `${String(++made).padStart(4, '0')}${'n'.repeat(18)}`
  const app = await build({ nonce: { generate } }, (app) => {
    pageAndData(app)
    app.get('/nonced', (request, reply) => reply.type('text/html').send([request.cspNonce, request.cspNonce, request.cspStyleNonce].join()))
    app.get('/json', (request) => ({ nonce: request.cspNonce }))
    app.get('/redirect', (request, reply) => reply.header('x-nonce', request.cspNonce).redirect('/'))
  })
  made = 0
  await app.inject('/')
  await app.inject('/data')
  t.equal(made, 0, 'is made when it is read')
  const reply = await app.inject('/nonced')
  t.equal(made, 1, 'once')
  const nonce = '0001' + 'n'.repeat(18)
  t.equal(reply.body, `${nonce},${nonce},${nonce}`, 'for scripts and styles')
  t.equal(directive(reply, 'script-src'), `'nonce-${nonce}' 'strict-dynamic'`)
  t.equal(directive(reply, 'style-src'), `'self' 'nonce-${nonce}'`)
  t.equal(directive(await app.inject('/'), 'script-src'), "'self'", 'a page that does not read it has neither nonce nor strict-dynamic')
  const json = await app.inject('/json')
  t.equal(policy(json), OTHER['content-security-policy'], 'a reply that is no document has no place for it')
  t.equal(json.headers['cache-control'], 'private', 'and is kept out of shared caches all the same')
  t.equal((await app.inject('/redirect')).headers['cache-control'], 'private')

  const pooled = await build({}, (app) => app.get('/', nonced))
  t.match(nonceOf(await pooled.inject('/')), /^[A-Za-z0-9_-]{22}$/, 'has 22 characters of base64url')
})

t.test('a nonce for styles of their own', async (t) => {
  const read: Record<string, (request: FastifyRequest) => string> = {
    both: (request) => `${request.cspNonce} ${request.cspStyleNonce}`,
    script: (request) => request.cspNonce,
    style: (request) => request.cspStyleNonce,
    none: () => ''
  }
  const app = await build({ nonce: { separateStyle: true } }, (app) => {
    app.get('/:which', (request, reply) => reply.type('text/html').send(read[(request.params as { which: string }).which]!(request)))
  })
  const both = await app.inject('/both')
  const [script, style] = both.body.split(' ')
  t.not(script, style)
  t.equal(directive(both, 'script-src'), `'nonce-${script}' 'strict-dynamic'`)
  t.equal(directive(both, 'style-src'), `'self' 'nonce-${style}'`)
  const onlyScript = await app.inject('/script')
  t.equal(directive(onlyScript, 'script-src'), `'nonce-${onlyScript.body}' 'strict-dynamic'`)
  t.equal(directive(onlyScript, 'style-src'), "'self'", 'the one that is not read is not there')
  const onlyStyle = await app.inject('/style')
  t.equal(directive(onlyStyle, 'script-src'), "'self'")
  t.equal(directive(onlyStyle, 'style-src'), `'self' 'nonce-${onlyStyle.body}'`)
  t.notMatch(policy(await app.inject('/none')), 'nonce')
})

t.test('a nonce generator is guarded', async (t) => {
  let next = 'a'.repeat(22)
  let count = 0
  const app = await build({ nonce: { generate: () => count++ < 2 ? String(count).repeat(22) : next } }, (app) => app.get('/', nonced))
  t.equal((await app.inject('/')).statusCode, 200)
  for (const value of ['a'.repeat(22), 'short', "' 'unsafe-inline' '".padEnd(40, 'x'), '', 'ä'.repeat(22), 'a'.repeat(300)]) {
    next = value
    const reply = await app.inject('/')
    t.equal(reply.statusCode, 500)
    t.equal(reply.json<{ code: string }>().code, 'BULWARK_ERR_HEADERS_NONCE_WEAK', 'a weak value never reaches a header')
    t.same(written(reply), OTHER)
  }
  for (const generate of [() => 'a'.repeat(22), () => 'short', () => { throw new Error('broken') }]) {
    await t.rejects(build({ nonce: { generate } }, page), 'a generator that fails at once does not start')
  }
})

t.test('a template reads the nonce', async (t) => {
  const eta = new Eta()
  eta.loadTemplate('@page', '<script nonce="<%= it.cspNonce %>"></script><style nonce="<%= it.cspStyleNonce %>"></style>')
  eta.loadTemplate('@plain', '<p><%= it.text %></p>')
  const source = {
    eta: { nonced: '<script nonce="<%= it.cspNonce %>"></script><style nonce="<%= it.cspStyleNonce %>"></style>', plain: '<p><%= it.text %></p>' },
    ejs: { nonced: '<script nonce="<%= cspNonce %>"></script><style nonce="<%= cspStyleNonce %>"></style>', plain: '<p><%= text %></p>' }
  }
  const engines: Array<[name: 'eta' | 'ejs', engine: object]> = [['eta', { eta: new Eta() }], ['ejs', { ejs }]]
  type Raw = { raw: string }
  type View = (page: Raw, data?: object) => FastifyReply
  const view = (reply: FastifyReply, raw: string, data?: object): FastifyReply => (reply as unknown as { view: View }).view({ raw }, data)
  for (const [name, engine] of engines) {
    const { nonced, plain } = source[name]
    for (const order of ['before', 'after'] as const) {
      const app = Fastify()
      const steps = [() => app.register(headers), () => app.register(fastifyView, { engine, templates: 'test' } as never)]
      for (const step of order === 'before' ? steps : steps.reverse()) await step()
      app.get('/', (_request, reply) => view(reply, nonced))
      app.get('/data', (_request, reply) => view(reply, nonced, { text: '<b>' }))
      app.get('/plain', (_request, reply) => view(reply, plain, { text: '<b>' }))
      app.get('/thrown', () => { throw new Error('thrown') })
      app.get('/twice', async (request, reply) => {
        const { locals } = reply as unknown as { locals: Record<string, unknown> }
        locals['mine'] = 1
        return view(reply, nonced, { seen: request.cspNonce })
      })
      app.get('/own', { preHandler: async (_request, reply) => { (reply as unknown as { locals: Record<string, unknown> }).locals['cspNonce'] = 'own' } }, (_request, reply) => view(reply, nonced))
      app.post('/valid', { schema: { body: { type: 'object', required: ['a'] } } }, () => '')
      app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => view(reply.code(error.statusCode ?? 500), nonced))
      app.setNotFoundHandler((_request, reply) => view(reply.code(404), nonced))

      const what = `${name}, the plugin ${order} view`
      const cases: Array<[title: string, request: { method?: 'POST', url: string, payload?: object }, status: number]> = [
        ['a page', { url: '/' }, 200],
        ['a page with data', { url: '/data' }, 200],
        ['a page whose handler read the nonce, too', { url: '/twice' }, 200],
        ['the page of a thrown error', { url: '/thrown' }, 500],
        ['the page of a validation error', { method: 'POST', url: '/valid', payload: {} }, 400],
        ['the page of a 404', { url: '/nowhere' }, 404]
      ]
      for (const [title, request, status] of cases) {
        const reply = await app.inject(request)
        t.equal(reply.statusCode, status, `${what}: ${title}`)
        const nonce = nonceOf(reply)
        t.match(nonce, /^[A-Za-z0-9_-]{22}$/)
        t.equal(reply.body, `<script nonce="${nonce}"></script><style nonce="${nonce}"></style>`, `${what}: ${title}`)
      }
      const reply = await app.inject('/plain')
      t.equal(reply.body, '<p>&lt;b&gt;</p>', `${what}: it escapes`)
      t.equal(policy(reply), DOCUMENT['content-security-policy'], `${what}: a nonce that no template prints leaves the page static`)
      t.notOk('cache-control' in reply.headers)
      t.match((await app.inject('/own')).body, '<script nonce="own">', `${what}: what the application put there stays`)
    }
  }
})

t.test('a stream', async (t) => {
  const { lines, server } = logging()
  const app = await build({}, (app) => {
    app.get('/early', (request, reply) => {
      const nonce = request.cspNonce
      return reply.type('text/html').send(Readable.from([`<script nonce="${nonce}">`, '</script>']))
    })
    app.get('/again', (request, reply) => {
      const nonce = request.cspNonce
      return reply.type('text/html').send(Readable.from((function * () { yield String(nonce === request.cspNonce) })()))
    })
    app.get('/late', (request, reply) => reply.type('text/html').send(Readable.from((function * () { yield request.cspNonce })())))
    app.get('/later', (request, reply) => reply.type('text/html').send(Readable.from((function * () {
      yield 'begun'
      yield request.cspNonce
    })())))
  }, server)
  const early = await app.inject('/early')
  t.equal(early.body, `<script nonce="${nonceOf(early)}"></script>`, 'that reads the nonce before it starts has it in the policy')
  t.equal((await app.inject('/again')).body, 'true', 'may read again what was read before')
  const late = await app.inject('/late')
  t.equal(late.statusCode, 500, 'that reads it first when the headers are written fails')
  t.match(late.json(), { code: 'BULWARK_ERR_HEADERS_NONCE_LATE', message: 'The nonce was first read after the headers of the reply had been written.' })
  t.same(written(late), OTHER, 'with the headers of the error, not of the page')
  await t.rejects(app.inject('/later'), 'that has sent something already is cut off')
  t.ok(lines.some(({ err }) => (err as { code?: string } | undefined)?.code === 'BULWARK_ERR_HEADERS_NONCE_LATE'), 'and the code is in the log')
})

t.test('an onSend hook of the application reads the nonce', async (t) => {
  const app = Fastify()
  await app.register(headers)
  app.addHook('onSend', async (request, _reply, payload) => String(payload).replace('NONCE', request.cspNonce))
  app.get('/', (_request, reply) => reply.type('text/html').send('<script nonce="NONCE"></script>'))
  app.get('/route', { onSend: async (request, _reply, payload) => `${String(payload)} ${request.cspNonce}` }, (_request, reply) => reply.type('text/html').send('NONCE'))
  const reply = await app.inject('/')
  t.equal(reply.body, `<script nonce="${nonceOf(reply)}"></script>`, 'although it was added after the plugin')
  const route = await app.inject('/route')
  t.equal(route.body, `${nonceOf(route)} ${nonceOf(route)}`, 'as a hook of the route, too')
})

t.test('an onSend hook that fails makes an error reply with the headers of an error reply', async (t) => {
  const app = await build({}, (app) => {
    let failures = 0
    app.get('/', { onSend: async () => { if (failures++ === 0) throw new Error('failed') } }, nonced)
    app.addHook('onRoute', (route) => {
      if (route.url === '/behind') route.onSend = [...[route.onSend ?? []].flat(), async (_request, reply) => { if (reply.statusCode === 200) throw new Error('failed') }]
    })
    app.get('/behind', (_request, reply) => reply.type('text/html').send('x'))
  })
  for (const url of ['/', '/behind']) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, 500, url)
    t.same(written(reply), OTHER, url)
  }
})

t.test('an onSend hook that fails for every reply, that to its own error included, takes no headers along', async (t) => {
  for (const order of ['before', 'after']) {
    const app = Fastify()
    const fail = (): unknown => app.addHook('onSend', async () => { throw new Error('failed') })
    if (order === 'before') fail()
    await app.register(headers)
    if (order === 'after') fail()
    app.get('/', nonced)
    app.get('/off', { config: { security: { headers: false } } }, nonced)
    await app.register(async (child) => {
      await child.register(headers, { nonDocument: { referrerPolicy: false } })
      child.get('/child', nonced)
    })
    for (const url of ['/', '/nowhere']) {
      const reply = await app.inject(url)
      t.match(reply.json(), { message: 'failed' }, `${url}, ${order}`)
      t.same(written(reply), OTHER, `${url}, ${order}`)
    }
    t.same(written(await app.inject('/off')), {}, order)
    t.same(Object.keys(written(await app.inject('/child'))).sort(), ['content-security-policy', 'cross-origin-resource-policy', 'x-content-type-options'], `${order}: the innermost scope decides`)
  }
})

t.test('an onSend hook behind the plugin that reads the nonce of a 404 first comes too late, and says so', async (t) => {
  const app = await build({}, (app) => {
    app.addHook('onSend', async (request) => { t.throws(() => request.cspNonce, { code: 'BULWARK_ERR_HEADERS_NONCE_LATE' }) })
  })
  t.same(written(await app.inject('/nowhere')), OTHER)
})

t.test('a Response of the web is judged by what it says', async (t) => {
  const app = await build({}, (app) => {
    app.get('/page', (request) => new Response(`<script nonce="${request.cspNonce}"></script>`, { status: 201, headers: { 'content-type': 'text/html', 'cache-control': 'public', etag: '"a"', 'referrer-policy': 'origin' } }))
    app.get('/data', () => new Response('{}', { headers: [['content-type', 'application/json'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']] }))
    app.get('/304', () => new Response(null, { status: 304, headers: { 'content-type': 'text/html' } }))
    app.get('/read', async () => {
      const response = new Response('x')
      await response.text()
      return response
    })
  })
  app.register(async (child) => {
    child.register(headers, { originAgentCluster: false })
    child.get('/late', () => new Response('x', { headers: { 'content-type': 'text/html' } }))
  })
  const page = await app.inject('/page')
  t.equal(page.statusCode, 201)
  t.equal(page.body, `<script nonce="${nonceOf(page)}"></script>`)
  t.equal(page.headers['referrer-policy'], 'origin', 'its own headers win')
  t.equal(page.headers['cache-control'], 'private', 'but a nonce is kept out of shared caches')
  t.notOk('etag' in page.headers)
  const data = await app.inject('/data')
  t.same(written(data), OTHER)
  t.same(data.headers['set-cookie'], ['a=1', 'b=2'], 'nothing is there twice')
  t.notOk('content-security-policy' in (await app.inject('/304')).headers)
  const late = await app.inject('/late')
  t.equal(late.headers['x-frame-options'], 'DENY')
  t.notOk('origin-agent-cluster' in late.headers)
  t.equal((await app.inject('/read')).json<{ code: string }>().code, 'FST_ERR_REP_RESPONSE_BODY_CONSUMED', 'one that was read is refused by Fastify')
})

t.test('caches', async (t) => {
  const { lines, server } = logging()
  const validators = { etag: '"a"', 'last-modified': 'Tue, 01 Jan 2030 00:00:00 GMT' }
  const cases: Array<[what: string, given: string | string[] | undefined, nonce: boolean, expected: string | undefined, logged: boolean]> = [
    ['a nonced page is private', undefined, true, 'private', false],
    ['a static page is not', undefined, false, undefined, false],
    ['a static page may be public', 'public, max-age=60', false, 'public, max-age=60', false],
    ['what the application said stays', 'no-store', true, 'no-store', false],
    ['private stays', 'private, max-age=60', true, 'private, max-age=60', false],
    ['public is replaced', 'public, max-age=60', true, 'private', true],
    ['in capitals, too', 'PUBLIC', true, 'private', true],
    ['s-maxage is replaced', 'max-age=1,s-maxage=60', true, 'private', true],
    ['in an array, too', ['max-age=1', 'public'], true, 'private', true],
    ['what only looks like it stays', 'x-public=1, private', true, 'x-public=1, private', false]
  ]
  const app = await build({}, (app) => {
    for (const [index, [, given, nonce]] of cases.entries()) {
      app.get(`/${index}`, (request, reply) => {
        if (given !== undefined) reply.header('cache-control', given)
        return reply.headers(validators).type('text/html').send(nonce ? request.cspNonce : 'x')
      })
    }
    app.get('/304', (_request, reply) => reply.headers(validators).code(304).send())
    app.get('/304-nonced', (request, reply) => reply.headers({ ...validators, 'x-nonce': request.cspNonce }).type('text/html').code(304).send())
    app.get('/304-own', (_request, reply) => reply.header('content-security-policy', "default-src 'self'").code(304).send())
  }, server)
  for (const [index, [what, , nonce, expected, logged]] of cases.entries()) {
    lines.length = 0
    const reply = await app.inject(`/${index}`)
    t.equal(reply.headers['cache-control'], expected, what)
    t.equal('etag' in reply.headers, !nonce, `${what}: a nonced page has no ETag`)
    t.equal('last-modified' in reply.headers, !nonce, `${what}: nor Last-Modified`)
    const errors = lines.filter(({ level }) => level === 50)
    t.match(errors, logged ? [{ code: 'BULWARK_ERR_HEADERS_NONCE_SHARED' }] : [], `${what}: the log`)
    t.equal(errors.length, logged ? 1 : 0)
  }
  const alike = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' }
  t.same(written(await app.inject('/304')), alike, 'a 304 carries what every reply has, and no policy')
  t.same(written(await app.inject({ url: '/304', headers: https })), { ...alike, ...HSTS })
  t.same(written(await app.inject('/304-nonced')), alike, 'nor a nonce')
  t.equal((await app.inject('/304-own')).headers['content-security-policy'], "default-src 'self'", 'what the handler set is its own affair')
})

t.test('a nonce that was read where the policy has no place for it is logged', async (t) => {
  const { lines, server } = logging()
  const app = await build({}, (app) => {
    app.get('/', { config: { security: { headers: { contentSecurityPolicy: { replace: true, set: { defaultSrc: ["'self'"] } } } } } }, nonced)
    app.get('/json', (request) => ({ nonce: request.cspNonce }))
  }, server)
  await app.inject('/json')
  t.same(lines.filter(({ level }) => level === 50), [])
  await app.inject('/')
  await app.inject({ method: 'HEAD', url: '/' })
  t.match(lines.filter(({ level }) => level === 50), [{ code: 'BULWARK_ERR_HEADERS_NONCE_UNPLACED' }, { code: 'BULWARK_ERR_HEADERS_NONCE_UNPLACED' }], 'once a reply')
})

t.test('the hash of a script is a source', async (t) => {
  const script = 'console.log("ok")\n'
  const app = await build({ contentSecurityPolicy: { append: { 'script-src': [hashOf(script), hashOf(script, 'sha256')], 'style-src-attr': ["'unsafe-hashes'", hashOf('color: red', 'sha512')] } } }, page)
  const reply = await app.inject('/')
  t.equal(directive(reply, 'script-src'), `'self' 'strict-dynamic' ${hashOf(script)} ${hashOf(script, 'sha256')}`, "beside a hash 'strict-dynamic' may stay without a nonce")
  t.match(directive(reply, 'style-src-attr'), /'unsafe-hashes' 'sha512-[A-Za-z0-9+/]{86}=='/)
})

t.test('10,000 replies at once have 10,000 nonces, each in its own page', async (t) => {
  const app = await build({ contentSecurityPolicyReportOnly: {} }, (app) => app.get('/', async (request, reply) => {
    await new Promise((resolve) => setImmediate(resolve))
    const nonce = request.cspNonce
    await new Promise((resolve) => setImmediate(resolve))
    return reply.type('text/html').send(`${nonce} ${request.cspNonce}`)
  }))
  await app.ready()
  const seen = new Set<string>()
  let wrong = 0
  for (let batch = 0; batch < 10; batch++) {
    for (const reply of await Promise.all(Array.from({ length: 1000 }, () => app.inject('/')))) {
      const nonce = nonceOf(reply)!
      if (reply.body !== `${nonce} ${nonce}` || nonceOf(reply, 'content-security-policy-report-only') !== nonce) wrong++
      seen.add(nonce)
    }
  }
  t.equal(wrong, 0)
  t.equal(seen.size, 10_000)
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

t.test('applySecurityHeaders', async (t) => {
  const app = Fastify({ trustProxy: true })
  const codes: unknown[] = []
  const attempt = (reply: FastifyReply): void => {
    try {
      applySecurityHeaders(reply)
    } catch (error) {
      codes.push((error as SecurityError).code)
    }
  }
  app.register(async (child) => {
    await child.register(headers, { xXssProtection: '0' })
    const hijack = (type: string) => (request: FastifyRequest, reply: FastifyReply): void => {
      reply.hijack()
      reply.raw.setHeader('content-type', type)
      reply.raw.setHeader('referrer-policy', 'origin')
      const body = type === 'text/html' ? request.cspNonce : 'data: x\n\n'
      applySecurityHeaders(reply)
      reply.raw.end(body)
      attempt(reply)
    }
    child.get('/events', hijack('text/event-stream'))
    child.get('/page', hijack('text/html'))
    child.get('/set', { config: { security: { headers: { crossOriginResourcePolicy: 'cross-origin' } } } }, hijack('text/event-stream'))
    child.get('/twice', (_request, reply) => {
      applySecurityHeaders(reply)
      return {}
    })
    child.get('/shared', (request, reply) => {
      reply.hijack()
      reply.raw.setHeader('content-type', 'text/html')
      reply.raw.setHeader('etag', '"a"')
      reply.raw.setHeader('cache-control', 'public')
      const nonce = request.cspNonce
      applySecurityHeaders(reply)
      reply.raw.end(nonce)
    })
  })
  app.get('/outside', (_request, reply) => {
    attempt(reply)
    return ''
  })
  const events = await app.inject({ url: '/events', headers: https })
  t.same(written(events), { ...OTHER_HTTPS, 'referrer-policy': 'origin' }, 'writes the set of other replies and leaves what is there')
  const html = await app.inject('/page')
  t.equal(directive(html, 'script-src'), `'nonce-${html.body}' 'strict-dynamic'`, 'writes the policy with the nonce')
  t.equal(html.headers['x-xss-protection'], '0', 'of its scope')
  t.equal((await app.inject('/set')).headers['cross-origin-resource-policy'], 'cross-origin', 'and of its route')
  t.same(codes, ['BULWARK_ERR_HEADERS_SENT', 'BULWARK_ERR_HEADERS_SENT', 'BULWARK_ERR_HEADERS_SENT'], 'comes too late after the headers')
  t.same(written(await app.inject('/twice')), OTHER, 'does no harm to a reply that is not hijacked')
  const shared = await app.inject('/shared')
  t.equal(shared.headers['cache-control'], 'private', 'keeps a nonce out of shared caches')
  t.notOk('etag' in shared.headers)
  await app.inject('/outside')
  t.equal(codes.at(-1), 'BULWARK_ERR_HEADERS_MISSING', 'says so where the plugin is not registered')
})

t.test('hostile requests get an answer with headers and never a 5xx', async (t) => {
  const app = await build({}, (app) => app.post('/', (request, reply) => reply.type('text/html').send(request.cspNonce)), { bodyLimit: 1000 })
  const cases: Array<[what: string, request: { method?: 'GET' | 'POST' | 'OPTIONS' | 'TRACE', url?: string, headers?: Record<string, string | string[]>, payload?: string }]> = [
    ['a huge header', { headers: { 'x-a': 'a'.repeat(10_000) } }],
    ['a repeated header', { headers: { 'x-forwarded-proto': ['https', 'http', 'https'] } }],
    ['a huge forwarded header', { headers: { 'x-forwarded-proto': 'https,'.repeat(5000) } }],
    ['a broken forwarded host', { headers: { 'x-forwarded-host': '\0', 'x-forwarded-for': 'x, y, z' } }],
    ['an odd media type', { method: 'POST', headers: { 'content-type': 'text/html; ;;=' }, payload: 'x' }],
    ['a body that is too large', { method: 'POST', headers: { 'content-type': 'text/plain' }, payload: 'x'.repeat(2000) }],
    ['JSON that is none', { method: 'POST', headers: { 'content-type': 'application/json' }, payload: '{' }],
    ['a prototype in JSON', { method: 'POST', headers: { 'content-type': 'application/json' }, payload: '{"__proto__":{}}' }],
    ['another method', { method: 'OPTIONS' }],
    ['a path of dots', { url: '/../../../etc/passwd' }],
    ['a query of noise', { url: `/?${'a'.repeat(5000)}` }],
    ['a validator', { headers: { 'if-none-match': '*', 'if-modified-since': 'x', range: 'bytes=0-0,1-1' } }]
  ]
  for (const [what, request] of cases) {
    const reply = await app.inject({ method: 'GET', url: '/', ...request })
    t.ok(reply.statusCode < 500, what)
    t.equal(reply.headers['x-content-type-options'], 'nosniff', what)
  }
})
