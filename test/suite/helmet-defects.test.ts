import fastifyEtag from '@fastify/etag'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyContextConfig, type FastifyInstance, type FastifyReply, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { headers, type HeaderSettings } from '../../plugins/headers.ts'

// The nine defects of @fastify/helmet 13 that ../shared/design/headers.md lists: each is shown there and absent here.

type Register = (app: FastifyInstance) => unknown

function policy (reply: LightMyRequestResponse, header = 'content-security-policy'): string {
  return String(reply.headers[header] ?? '')
}

function noncesIn (text: string): string[] {
  return [...new Set([...text.matchAll(/'nonce-([^']+)'/g)].map((match) => match[1]!))]
}

const page = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send('<p>page</p>')

t.test('1. a config object that two routes share says the same for both, and neither changes it', async (t) => {
  const theirs = Fastify()
  await theirs.register(helmet)
  const shared = {}
  theirs.get('/off', { config: shared, helmet: false }, page)
  theirs.get('/on', { config: shared }, page)
  t.notOk('x-content-type-options' in (await theirs.inject('/on')).headers, 'helmet: the neighbour is served without any header')

  const ours = Fastify()
  await ours.register(headers)
  const config: FastifyContextConfig & { other: boolean } = { other: true }
  ours.get('/off', { config: { ...config, security: { headers: false } } }, page)
  ours.get('/on', { config }, page)
  ours.get('/on-too', { config }, page)
  t.notOk('x-content-type-options' in (await ours.inject('/off')).headers)
  for (const url of ['/on', '/on-too']) t.equal((await ours.inject(url)).headers['x-content-type-options'], 'nosniff', url)
  t.same(Reflect.ownKeys(config), ['other'])
})

t.test('2. the settings of a route hold although the plugin was registered without waiting', async (t) => {
  const theirs = Fastify()
  theirs.register(helmet)
  theirs.get('/', { helmet: false }, page)
  t.ok('x-content-type-options' in (await theirs.inject('/')).headers, 'helmet: they are ignored')

  const ours = Fastify()
  ours.register(headers)
  ours.get('/', { config: { security: { headers: false } } }, page)
  t.notOk('x-content-type-options' in (await ours.inject('/')).headers)
})

t.test('3. a mistake in the configuration shows at start', async (t) => {
  const theirs = Fastify()
  await theirs.register(helmet, { contentSecurityPolicy: { directives: { 'default-src': ['self'] } } })
  theirs.get('/', page)
  await t.resolves(async () => theirs.ready())
  t.equal((await theirs.inject('/')).statusCode, 500, 'helmet: every request fails')

  const ours = Fastify()
  ours.register(headers, { contentSecurityPolicy: { set: { 'default-src': ['self'] } } })
  ours.get('/', page)
  await t.rejects(async () => ours.ready(), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' })
})

t.test('4. an override for a route leaves the rest of the policy, its mode and the sources of scripts', async (t) => {
  const theirs = Fastify()
  await theirs.register(helmet, { contentSecurityPolicy: { reportOnly: true } })
  theirs.get('/', { helmet: { contentSecurityPolicy: { directives: { imgSrc: ["'self'", 'https://img.test'] } } } }, page)
  t.ok('content-security-policy' in (await theirs.inject('/')).headers, 'helmet: what was reported is enforced')

  const setting: HeaderSettings = { contentSecurityPolicyReportOnly: { append: { imgSrc: ['https://img.test'] } } }
  const ours = Fastify()
  await ours.register(headers, { contentSecurityPolicy: false, contentSecurityPolicyReportOnly: { set: { 'script-src': ["'self'", "'nonce'"] } } })
  ours.get('/', { config: { security: { headers: setting } } }, (request, reply) => reply.type('text/html').send(request.cspNonce))
  const reply = await ours.inject('/')
  t.notOk('content-security-policy' in reply.headers, 'nothing is enforced')
  const reported = policy(reply, 'content-security-policy-report-only')
  t.match(reported, `script-src 'self' 'nonce-${reply.body}';`, "'self' stays beside the nonce")
  t.match(reported, "img-src 'self' data: https://img.test;")
  t.match(reported, "base-uri 'none'", 'what the route does not name stays')
})

t.test("5. no nonce disables 'unsafe-inline' of styles unasked", async (t) => {
  const theirs = Fastify()
  await theirs.register(helmet, { enableCSPNonces: true, contentSecurityPolicy: { directives: { styleSrc: ["'self'", "'unsafe-inline'"] } } })
  theirs.get('/', page)
  t.match(policy(await theirs.inject('/')), /style-src 'self' 'unsafe-inline' 'nonce-/, 'helmet: it is there, so inline styles are blocked')

  const ours = Fastify()
  await ours.register(headers, { contentSecurityPolicy: { set: { styleSrc: ["'self'", "'unsafe-inline'"] } } })
  ours.get('/', (request, reply) => reply.type('text/html').send(request.cspNonce))
  const reply = await ours.inject('/')
  t.match(policy(reply), `script-src 'nonce-${reply.body}'`)
  t.match(policy(reply), "style-src 'self' 'unsafe-inline';", 'the nonce stands where the policy has a place for it')
})

t.test('6. a child scope can take away what its parent sends, and has one nonce with it', async (t) => {
  const nest = async (parent: Register, child: Register): Promise<LightMyRequestResponse> => {
    const app = Fastify()
    await parent(app)
    await app.register(async (scope) => {
      await child(scope)
      scope.get('/', (request, reply) => {
        const { cspNonce } = reply as unknown as { cspNonce?: { script: string } }
        return reply.type('text/html').send(cspNonce?.script ?? request.cspNonce)
      })
    })
    return app.inject('/')
  }
  const theirs = await nest(
    (app) => app.register(helmet, { enableCSPNonces: true, contentSecurityPolicy: { reportOnly: true } }),
    (app) => app.register(helmet, { enableCSPNonces: true, xFrameOptions: false }))
  t.ok('x-frame-options' in theirs.headers, 'helmet: what the child switched off is there')
  t.notMatch(policy(theirs, 'content-security-policy-report-only'), theirs.body, "helmet: the parent's policy has another nonce than the page")

  const ours = await nest(
    (app) => app.register(headers, { contentSecurityPolicyReportOnly: {} }),
    (app) => app.register(headers, { xFrameOptions: false, contentSecurityPolicyReportOnly: {} }))
  t.notOk('x-frame-options' in ours.headers)
  t.same(noncesIn(policy(ours) + policy(ours, 'content-security-policy-report-only')), [ours.body])
  const bare = await nest((app) => app.register(headers), (app) => app.register(headers, { contentSecurityPolicy: false }))
  t.notOk('content-security-policy' in bare.headers)
})

t.test('7. a 304 carries no fresh nonce', async (t) => {
  const ask = async (register: Register): Promise<LightMyRequestResponse> => {
    const app = Fastify()
    await app.register(fastifyEtag)
    await register(app)
    app.get('/', page)
    const { etag } = (await app.inject('/')).headers
    return app.inject({ url: '/', headers: { 'if-none-match': String(etag) } })
  }
  const theirs = await ask((app) => app.register(helmet, { enableCSPNonces: true }))
  t.equal(theirs.statusCode, 304)
  t.equal(noncesIn(policy(theirs)).length, 2, 'helmet: two of them')
  const ours = await ask((app) => app.register(headers))
  t.equal(ours.statusCode, 304)
  t.equal(policy(ours), '')
})

t.test('8. plain http gets neither Strict-Transport-Security nor upgrade-insecure-requests', async (t) => {
  const ask = async (register: Register, proto: string): Promise<LightMyRequestResponse> => {
    const app = Fastify({ trustProxy: true })
    await register(app)
    app.get('/', page)
    return app.inject({ url: '/', headers: { 'x-forwarded-proto': proto } })
  }
  const theirs = await ask((app) => app.register(helmet), 'http')
  t.ok('strict-transport-security' in theirs.headers && policy(theirs).includes('upgrade-insecure-requests'), 'helmet: both')
  const ours = await ask((app) => app.register(headers), 'http')
  t.notOk('strict-transport-security' in ours.headers || policy(ours).includes('upgrade-insecure-requests'))
  const secure = await ask((app) => app.register(headers), 'https')
  t.ok('strict-transport-security' in secure.headers && policy(secure).includes('upgrade-insecure-requests'), 'https gets both')
})

t.test('9. the replies of earlier hooks carry the headers', async (t) => {
  const ask = async (register: Register, url: string): Promise<LightMyRequestResponse> => {
    const app = Fastify()
    app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/limited') return reply.code(429).send({ error: 'too many' })
      throw Object.assign(new Error('unauthorized'), { statusCode: 401 })
    })
    await register(app)
    app.get('/*', page)
    return app.inject(url)
  }
  for (const [url, status] of [['/limited', 429], ['/guarded', 401]] as const) {
    const theirs = await ask((app) => app.register(helmet), url)
    t.notOk('x-content-type-options' in theirs.headers, `helmet: ${status} carries nothing`)
    const ours = await ask((app) => app.register(headers), url)
    t.equal(ours.statusCode, status)
    t.equal(ours.headers['x-content-type-options'], 'nosniff')
    t.equal(policy(ours), "default-src 'none'; frame-ancestors 'none'")
  }
})
