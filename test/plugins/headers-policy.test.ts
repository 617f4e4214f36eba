import type { FastifyReply } from 'fastify'
import t from 'tap'
import { hashOf, type HeadersOptions } from '../../plugins/headers.ts'
import { SecurityError } from '../../lib/errors.ts'
import { build, directive, DOCUMENT, HSTS, https, logging, nonced, nonceOf, OTHER, page, pageAndData, policy, written } from './headers-world.ts'

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
  const named = await build({ trustedTypes: { mode: 'enforce', policies: ['sanitizer'] } }, (app) => {
    app.get('/', { config: { security: { headers: { contentSecurityPolicy: { append: { 'trusted-types': ['map'] } } } } } }, (_request, reply) => {
      reply.csp.append('trusted-types', 'once')
      return reply.type('text/html').send('x')
    })
  })
  t.ok(policy(await named.inject('/')).endsWith(`${types}; trusted-types map once sanitizer`), 'what a route and a reply append is not lost')
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

t.test('the hash of a script is a source', async (t) => {
  const script = 'console.log("ok")\n'
  const app = await build({ contentSecurityPolicy: { append: { 'script-src': [hashOf(script), hashOf(script, 'sha256')], 'style-src-attr': ["'unsafe-hashes'", hashOf('color: red', 'sha512')] } } }, page)
  const reply = await app.inject('/')
  t.equal(directive(reply, 'script-src'), `'self' 'strict-dynamic' ${hashOf(script)} ${hashOf(script, 'sha256')}`, "beside a hash 'strict-dynamic' may stay without a nonce")
  t.match(directive(reply, 'style-src-attr'), /'unsafe-hashes' 'sha512-[A-Za-z0-9+/]{86}=='/)
})
