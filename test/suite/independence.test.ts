import fastifyEtag from '@fastify/etag'
import fastifyStatic from '@fastify/static'
import fastifyView from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { PARTS } from '../../lib/bulwark/parts.ts'
import { generateKey } from '../../lib/keys.ts'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers, type HeadersOptions } from '../../plugins/headers.ts'
import { f, input } from '../../plugins/input.ts'
import { integrity } from '../../plugins/integrity.ts'
import { redirect } from '../../plugins/redirect.ts'
import { session } from '../../plugins/session.ts'
import { transport } from '../../plugins/transport.ts'
import { permutations } from './permutations.ts'

// The plugin needs no other, and no particular place among others.

type Step = (app: FastifyInstance) => unknown

const TEMPLATE = '<script nonce="<%= it.cspNonce %>"></script>'

const steps: Record<string, Step> = {
  headers: (app) => app.register(headers, { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } }),
  view: (app) => app.register(fastifyView, { engine: { eta: new Eta() } }),
  etag: (app) => app.register(fastifyEtag),
  static: (app) => app.register(fastifyStatic, { root: import.meta.dirname, prefix: '/static/' }),
  routes: (app) => {
    app.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
    app.get('/plain', (_request, reply) => reply.type('text/html').send('<p>plain</p>'))
    app.get('/view', (_request, reply) => (reply as unknown as { view (page: { raw: string }): FastifyReply }).view({ raw: TEMPLATE }))
    app.get('/data', () => ({ data: true }))
    app.get('/set', { config: { security: { headers: { originAgentCluster: false } } } }, (_request, reply) => reply.type('text/html').send('x'))
    app.post('/thrown', () => { throw new Error('thrown') })
  },
  child: (app) => {
    app.register(async (child) => {
      child.get('/child', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
      child.get('/child/set', { config: { security: { headers: { originAgentCluster: false } } } }, (_request, reply) => reply.type('text/html').send('x'))
    })
  }
}

/** Everything that is wrong with an application that holds the plugin and `names`; empty when nothing is. */
async function faultsOf (app: FastifyInstance, names: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  const expect = (what: string, truth: boolean): void => { if (!truth) faults.push(what) }
  const pages = ['/', ...names.includes('child') ? ['/child'] : [], ...names.includes('view') ? ['/view'] : []]
  for (const url of pages) {
    const reply = await app.inject(url)
    const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(String(reply.headers['content-security-policy']))?.[1]
    expect(`${url}: the nonce of the page is that of the policy`, reply.body === `<script nonce="${nonce}"></script>`)
    // A hook that was added behind ours still adds its validator to a route that ours did not see; no 304 can follow, since no body comes twice.
    const seen = names.indexOf('etag') < names.indexOf('headers') || names.indexOf('headers') < names.indexOf('routes')
    expect(`${url}: no validator`, !seen || !('etag' in reply.headers))
    const again = await app.inject({ url, headers: { 'if-none-match': String(reply.headers['etag']) } })
    expect(`${url}: no 304`, again.statusCode === 200 && again.body !== reply.body)
    expect(`${url}: private`, reply.headers['cache-control'] === 'private')
  }
  const plain = await app.inject('/plain')
  expect('the options hold', String(plain.headers['content-security-policy']).includes("img-src 'self' data: https://img.test"))
  expect('a page that reads no nonce is static', String(plain.headers['content-security-policy']).includes("script-src 'self';"))
  for (const url of ['/set', ...names.includes('child') ? ['/child/set'] : []]) {
    const { headers } = await app.inject(url)
    expect(`${url}: the setting of the route holds`, !('origin-agent-cluster' in headers) && headers['x-frame-options'] === 'DENY')
  }
  const others: Array<['GET' | 'POST', string]> = [['GET', '/data'], ['POST', '/thrown'], ['GET', '/nowhere'], ['POST', '/nowhere']]
  if (names.includes('static')) others.push(['GET', '/static/independence.test.js.map'], ['GET', '/static/nowhere'])
  for (const [method, url] of others) {
    const { headers } = await app.inject({ method, url })
    expect(`${method} ${url}: no document`, headers['content-security-policy'] === "default-src 'none'; frame-ancestors 'none'" && headers['x-content-type-options'] === 'nosniff')
  }
  return faults
}

t.test('alone, before and after the routes, awaited or not', async (t) => {
  for (const order of permutations(['headers', 'routes', 'child'])) {
    for (const awaited of [true, false]) {
      const app = Fastify()
      for (const name of order) {
        const step = steps[name]!(app)
        if (awaited) await step
      }
      t.same(await faultsOf(app, order), [], `${order.join(', ')}${awaited ? ', each awaited' : ''}`)
    }
  }
})

t.test('among other plugins, in every order', async (t) => {
  for (const order of permutations(['headers', 'view', 'etag', 'static'])) {
    const awaited = Fastify()
    for (const name of [...order, 'routes']) await steps[name]!(awaited)
    t.same(await faultsOf(awaited, [...order, 'routes']), [], `${order.join(', ')}, routes`)

    const app = Fastify()
    for (const name of ['routes', ...order]) steps[name]!(app)
    t.same(await faultsOf(app, ['routes', ...order]), [], `routes, ${order.join(', ')}, none awaited`)
    await Promise.all([awaited.close(), app.close()])
  }
})

t.test('options may come from a function, as avvio has it', async (t) => {
  const app = Fastify()
  app.register(headers, () => ({ xXssProtection: '0' as const }))
  app.get('/', (_request, reply) => reply.type('text/html').send('x'))
  t.equal((await app.inject('/')).headers['x-xss-protection'], '0')
})

t.test('in nested scopes, whichever was first', async (t) => {
  const inner: HeadersOptions = { xXssProtection: '0', permissionsPolicy: false }
  const child: Step = (app) => app.register(async (child) => {
    child.register(headers, inner)
    child.get('/child', (request, reply) => reply.type('text/html').send(request.cspNonce))
    child.get('/child/data', () => ({}))
  })
  for (const order of permutations(['headers', 'routes', 'scope'])) {
    const app = Fastify()
    for (const name of order) (name === 'scope' ? child : steps[name]!)(app)
    t.same(await faultsOf(app, order), [], order.join())
    const reply = await app.inject('/child')
    t.equal(reply.headers['x-xss-protection'], '0', order.join())
    t.notOk('permissions-policy' in reply.headers, `${order.join()}: nothing of the parent alone`)
    t.match(reply.headers['content-security-policy'], `script-src 'nonce-${reply.body}'`)
    t.notMatch(reply.headers['content-security-policy'], 'img.test')
  }
})

t.test('in two scopes side by side, and nowhere else', async (t) => {
  const app = Fastify()
  for (const [prefix, xXssProtection] of [['/a', '0'], ['/b', false]] as const) {
    app.register(async (child) => {
      child.register(headers, { xXssProtection })
      child.get('/', (request, reply) => reply.type('text/html').send(request.cspNonce))
    }, { prefix })
  }
  app.get('/', (request) => ({ nonce: request.cspNonce ?? null }))
  const [a, b, outside] = await Promise.all([app.inject('/a/'), app.inject('/b/'), app.inject('/')])
  t.equal(a.headers['x-xss-protection'], '0')
  t.notOk('x-xss-protection' in b.headers)
  for (const reply of [a, b]) t.match(reply.headers['content-security-policy'], `'nonce-${reply.body}'`)
  t.notOk('content-security-policy' in outside.headers, 'the parent has no headers')
  t.same(outside.json(), { nonce: null }, 'and no nonce')
})

t.test('twice in one scope is refused', async (t) => {
  const app = Fastify()
  app.register(headers)
  app.register(headers, { xFrameOptions: false })
  await t.rejects(async () => app.ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT', message: /fastify-bulwark\.headers/ })
})

t.test('two applications in one process do not know of each other', async (t) => {
  const config = { security: { headers: { originAgentCluster: false } } }
  const build = async (options: HeadersOptions, server: FastifyServerOptions = {}): Promise<FastifyInstance> => {
    const app = Fastify(server)
    await app.register(headers, options)
    app.get('/', { config }, (request, reply) => reply.type('text/html').send(request.cspNonce))
    return app
  }
  const options: HeadersOptions = Object.freeze({ xXssProtection: '0' })
  const [one, two, three] = await Promise.all([build(options), build({ xFrameOptions: 'SAMEORIGIN' }), build(options)])
  const replies = await Promise.all(Array.from({ length: 300 }, (_, index) => [one, two, three][index % 3]!.inject('/')))
  for (const [index, reply] of replies.slice(0, 3).entries()) {
    t.equal(reply.headers['x-xss-protection'], index === 1 ? undefined : '0')
    t.equal(reply.headers['x-frame-options'], index === 1 ? 'SAMEORIGIN' : 'DENY')
    t.notOk('origin-agent-cluster' in reply.headers, 'a config that all share holds in each')
  }
  t.equal(new Set(replies.map(({ body }) => body)).size, 300, 'nonces are never handed out twice')
  t.ok(replies.every(({ body, headers }) => String(headers['content-security-policy']).includes(`'nonce-${body}'`)))
  await one.close()
  t.equal((await two.inject('/')).statusCode, 200, 'one that is closed takes nothing along')
})

interface Brought { readonly app: string[], readonly request: string[], readonly reply: string[], readonly headers: string[] }

/** What each plugin brings when it is alone: names on the application, on requests and on replies, and headers of a page. Symbols are nobody else's. */
const alone: Record<string, { register: Step, brings: Partial<Brought> }> = {
  csrf: { register: (app) => app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] }), brings: { request: ['csrfField', 'csrfMeta', 'csrfToken'] } },
  files: { register: (app) => app.register(files), brings: { request: ['uploads'], reply: ['download'] } },
  headers: {
    register: (app) => app.register(headers),
    brings: {
      request: ['cspNonce', 'cspStyleNonce'],
      reply: ['csp'],
      headers: ['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'origin-agent-cluster', 'permissions-policy', 'referrer-policy', 'x-content-type-options', 'x-frame-options']
    }
  },
  input: { register: (app) => app.register(input), brings: { app: ['input'], request: ['form'] } },
  integrity: { register: (app) => app.register(integrity, { roots: [] }), brings: { app: ['integrity'] } },
  redirect: { register: (app) => app.register(redirect, { origin: 'https://app.test' }), brings: { request: ['isSafeRedirect', 'redirectTarget', 'signNext', 'verifyNext'], reply: ['externalRedirect', 'leaveTo', 'redirectBack', 'safeRedirect'] } },
  session: { register: (app) => app.register(session, { keys: [generateKey()] }), brings: { app: ['sessions'], request: ['session'] } },
  transport: { register: (app) => app.register(transport, { hosts: ['localhost'], https: false }), brings: {} }
}

function namesOf (value: unknown): string[] {
  const names: string[] = []
  for (let object = value; object !== null && object !== Object.prototype; object = Object.getPrototypeOf(object) as unknown) names.push(...Object.getOwnPropertyNames(object))
  return names
}

async function pageOf (register: Step = () => {}): Promise<Brought> {
  const app = Fastify()
  await register(app)
  let brought: Omit<Brought, 'headers'> | undefined
  app.get('/', (request, reply) => {
    brought = { app: namesOf(app), request: namesOf(request), reply: namesOf(reply) }
    return reply.type('text/html').send('x')
  })
  const { headers } = await app.inject('/')
  await app.close()
  return { ...brought!, headers: Object.keys(headers) }
}

t.test('each plugin alone brings its own names and headers, and no others', async (t) => {
  const bare = await pageOf()
  t.same(Object.keys(alone), [...PARTS].sort(), 'every plugin is here that does something itself')
  for (const [name, { register, brings }] of Object.entries(alone)) {
    const page = await pageOf(register)
    for (const part of ['app', 'request', 'reply', 'headers'] as const) {
      t.same(page[part].filter((each) => !bare[part].includes(each)).sort(), brings[part] ?? [], `${name}: ${part}`)
      t.same(bare[part].filter((each) => !page[part].includes(each)), [], `${name}: nothing of Fastify's is gone`)
    }
  }
})

t.test('input among other plugins, in every order', async (t) => {
  const options = { schema: { body: Type.Object({ a: f.text({ max: 9 }) }), querystring: Type.Object({ page: Type.Optional(f.integer()) }) }, form: {} }
  const post = (app: FastifyInstance, url: string, payload: object) => app.inject({ method: 'POST', url, payload, headers: { origin: 'https://app.test', host: 'app.test' } })
  for (const order of permutations(['input', 'csrf', 'headers', 'session'])) {
    const app = Fastify()
    for (const name of order) await alone[name]!.register(app)
    app.route({ method: ['GET', 'POST'], url: '/', ...options }, (request) => ({ ok: request.form.ok, query: request.query }))
    app.register(async (child) => { child.post('/child', options, (request) => ({ ok: request.form.ok, query: request.query })) })
    for (const url of ['/?page=2', '/child?page=2']) {
      t.same((await post(app, url, { a: 'x' })).json(), { ok: true, query: { page: 2 } }, `${order.join(', ')}: ${url}`)
      t.equal((await post(app, url, { a: 'x', b: 1 })).statusCode, 422)
    }
    t.equal((await post(app, '/?page=x', { a: 'x' })).statusCode, 400)
    t.same((await app.inject('/')).json(), { ok: false, query: {} })
    await app.close()
  }
})
