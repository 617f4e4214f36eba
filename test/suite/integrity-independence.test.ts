import { join } from 'node:path'
import fastifyEtag from '@fastify/etag'
import fastifyStatic from '@fastify/static'
import fastifyView from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t from 'tap'
import { headers } from '../../plugins/headers.ts'
import { integrity } from '../../plugins/integrity.ts'
import { folderWith } from '../lib/integrity/folder.ts'
import { matchesIntegrity } from '../lib/integrity/matches-integrity.ts'
import { permutations } from './permutations.ts'

// The plugin needs no other, and no particular place among others.

const folder = folderWith(t, { 'public/a.js': 'a()', 'views/page.eta': '<%~ it.integrity.scriptTag("/public/a.js") %>' })
const root = join(folder, 'public')

const steps: Record<string, (app: FastifyInstance) => unknown> = {
  integrity: (app) => app.register(integrity, { roots: [{ root, prefix: '/public/' }], integrityPolicy: {} }),
  headers: (app) => app.register(headers),
  view: (app) => app.register(fastifyView, { engine: { eta: new Eta() }, root: join(folder, 'views') }),
  static: (app) => app.register(fastifyStatic, { root, prefix: '/public/' }),
  etag: (app) => app.register(fastifyEtag),
  routes: (app) => {
    app.get('/', (request, reply) => reply.type('text/html').send(app.integrity.for(request as object).scriptTag('/public/a.js')))
    app.get('/view', (_request, reply) => (reply as unknown as { view (page: string): FastifyReply }).view('page.eta'))
    app.get('/off', { config: { security: { integrity: false } } }, (_request, reply) => reply.type('text/html').send('x'))
    app.get('/data', () => ({}))
  }
}

/** Everything that is wrong with an application that holds the plugin and `names`; empty when nothing is. */
async function faultsOf (app: FastifyInstance, names: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  const expect = (what: string, truth: boolean): void => { if (!truth) faults.push(what) }
  for (const url of ['/', ...names.includes('view') ? ['/view'] : []]) {
    const { body, headers } = await app.inject(url)
    const [, integrity = '', nonce] = /^<script src="\/public\/a\.js" integrity="([^"]+)" crossorigin="anonymous"(?: nonce="([\w-]{22})")?><\/script>$/.exec(body) ?? []
    expect(`${url}: the tag has the metadata of the file`, matchesIntegrity(Buffer.from('a()'), integrity))
    expect(`${url}: the policy is there`, headers['integrity-policy'] === 'blocked-destinations=(script)')
    expect(`${url}: the nonce is that of the policy`, names.includes('headers')
      ? String(headers['content-security-policy']).includes(`'nonce-${nonce}'`)
      : nonce === undefined && !('content-security-policy' in headers))
  }
  expect('/off: no policy', !('integrity-policy' in (await app.inject('/off')).headers))
  expect('/data: no policy', !('integrity-policy' in (await app.inject('/data')).headers))
  if (names.includes('static')) expect('the file is the one that was hashed', (await app.inject('/public/a.js')).body === 'a()')
  await app.close()
  return faults
}

t.test('alone, before and after the routes, awaited or not', async (t) => {
  for (const order of [...permutations(['integrity', 'routes']), ...permutations(['integrity', 'headers', 'routes'])]) {
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
  for (const order of permutations(['integrity', 'headers', 'view', 'static', 'etag'])) {
    const app = Fastify()
    for (const name of [...order, 'routes']) await steps[name]!(app)
    t.same(await faultsOf(app, order), [], order.join(', '))
  }
})

t.test('over HTTP/2', async (t) => {
  const app = Fastify({ http2: true })
  await app.register(integrity, { roots: [{ root, prefix: '/public/' }], integrityPolicy: {} })
  app.get('/', (_request, reply) => reply.type('text/html').send(app.integrity.scriptTag('/public/a.js')))
  const { headers, body } = await app.inject('/')
  t.equal(headers['integrity-policy'], 'blocked-destinations=(script)')
  t.match(body, 'integrity="sha384-')
  await app.close()
})

t.test('two applications in one process do not know of each other, and share their options', async (t) => {
  const options = Object.freeze({ roots: Object.freeze([Object.freeze({ root, prefix: '/public/' })]) })
  const [one, two] = [Fastify(), Fastify()]
  await one.register(integrity, options)
  await two.register(integrity, { ...options, integrityPolicy: {} })
  for (const app of [one, two]) app.get('/', (_request, reply) => reply.type('text/html').send(app.integrity('/public/a.js')))
  const replies = await Promise.all([one.inject('/'), two.inject('/')])
  t.equal(replies[0]!.body, replies[1]!.body)
  t.same(replies.map(({ headers }) => 'integrity-policy' in headers), [false, true])
  await one.close()
  t.equal((await two.inject('/')).statusCode, 200)
  await two.close()
})
