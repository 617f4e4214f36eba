import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import headersByDefault, { applySecurityHeaders, headers, headersDefaults, lintPolicy, secureServerOptions, type HeaderSettings } from '../../plugins/headers.ts'
import { SecurityError } from '../../lib/errors.ts'
import { build, directive, DOCUMENT, DOCUMENT_HTTPS, HSTS, https, logging, nonced, nonceOf, OTHER, OTHER_HTTPS, OURS, page, pageAndData, written } from './headers-world.ts'

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
    ['a page that any cache may keep is private', 'max-age=60', true, 'private, max-age=60', false],
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
