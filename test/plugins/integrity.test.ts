import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyView from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { SecurityError } from '../../lib/errors.ts'
import { BLOCKING_INTEGRITY, integrityOf } from '../../lib/integrity/metadata.ts'
import { headers } from '../../plugins/headers.ts'
import { integrity, type IntegrityOptions } from '../../plugins/integrity.ts'
import { folderWith } from '../lib/integrity/folder.ts'
import { matchesIntegrity } from '../lib/integrity/matches-integrity.ts'

const FILES = { 'app.js': 'app()', 'page.css': 'body {}', 'sub/ä b.js': 'sub()' }
const APP = integrityOf(Buffer.from(FILES['app.js']))
const POLICY = 'integrity-policy'
const REPORT_ONLY = 'integrity-policy-report-only'

interface Line { readonly level: number, readonly code?: string, readonly err?: { readonly code?: string }, readonly [key: string]: unknown }

function logger (): { lines: Line[], server: { logger: { level: string, stream: { write (line: string): void } } } } {
  const lines: Line[] = []
  return { lines, server: { logger: { level: 'warn', stream: { write: (line) => { lines.push(JSON.parse(line) as Line) } } } } }
}

async function serve (t: Test, options: IntegrityOptions = {}, server = {}): Promise<{ app: FastifyInstance, folder: string }> {
  const folder = folderWith(t, FILES)
  const app = Fastify(server)
  t.teardown(() => app.close())
  await app.register(integrity, { roots: [{ root: folder, prefix: '/public/' }], ...options })
  return { app, folder }
}

const html = (reply: FastifyReply, text = 'x'): FastifyReply => reply.type('text/html').send(text)

t.test('the value and the tags of an asset', async (t) => {
  const { app } = await serve(t)
  t.equal(app.integrity('/public/app.js?v=1'), APP)
  t.equal(app.integrity.scriptTag('/public/app.js'), `<script src="/public/app.js" integrity="${APP}" crossorigin="anonymous"></script>`)
  t.notMatch(app.integrity.for({}).scriptTag('/public/app.js'), 'nonce', 'where the request has no nonce there is none')
})

t.test('the bytes are those that @fastify/static serves, under the URLs that it serves, in scopes, too', async (t) => {
  const folder = folderWith(t, FILES)
  for (const prefix of ['/', '/public', '/public/']) {
    for (const scope of ['', '/scope', '/scope/']) {
      const app = Fastify()
      let inner: FastifyInstance | undefined
      await app.register(async (scoped) => {
        inner = scoped
        await scoped.register(fastifyStatic, { root: folder, prefix })
        await scoped.register(integrity, { roots: [{ root: folder, prefix }] })
      }, { prefix: scope })
      await app.ready()
      for (const file of ['app.js', 'page.css', 'sub/%C3%A4%20b.js', 'sub/ä b.js']) {
        const url = `${scope.replace(/\/$/, '')}${prefix.endsWith('/') ? prefix : `${prefix}/`}${file}`
        const { statusCode, rawPayload } = await app.inject(new URL(url, 'http://localhost').pathname)
        t.equal(statusCode, 200, url)
        t.ok(matchesIntegrity(rawPayload, inner!.integrity(url)), url)
      }
      await app.close()
    }
  }
})

t.test('tags of a request carry its nonce, and the policy has it', async (t) => {
  for (const first of [true, false]) {
    const { app } = await serve(t)
    if (first) await app.register(headers)
    app.get('/', (request, reply) => html(reply, app.integrity.for(request).scriptTag('/public/app.js')))
    app.get('/shared', (_request, reply) => html(reply, app.integrity.scriptTag('/public/app.js')))
    if (!first) await app.register(headers)
    const { body, headers: sent } = await app.inject('/')
    const [, nonce] = / nonce="([\w-]{22})"/.exec(body)!
    t.match(sent['content-security-policy'], `script-src 'nonce-${nonce!}' 'strict-dynamic'`)
    const shared = await app.inject('/shared')
    t.match(shared.headers['content-security-policy'], "script-src 'self';", 'a tag of nobody in particular reads no nonce')
    t.notOk('cache-control' in shared.headers)
  }
})

t.test('templates find the tags of their request, those of error pages, too', async (t) => {
  const { app } = await serve(t)
  await app.register(headers)
  await app.register(fastifyView, { engine: { eta: new Eta() } })
  const template = { raw: '<%~ it.integrity.scriptTag("/public/app.js") %>' }
  const view = (reply: FastifyReply): FastifyReply => (reply.type('text/html') as unknown as { view (page: object): FastifyReply }).view(template)
  app.get('/', (_request, reply) => view(reply))
  app.get('/error', { onRequest: async () => { throw new Error('before preHandler') } }, () => '')
  app.setErrorHandler((_error, _request, reply) => view(reply.code(500)))
  for (const url of ['/', '/error']) {
    const { body, headers: sent } = await app.inject(url)
    t.match(sent['content-security-policy'], `'nonce-${/ nonce="([\w-]{22})"/.exec(body)?.[1] ?? 'none'}'`, url)
  }
  const taken = Fastify()
  await taken.register(integrity)
  taken.addHook('onRequest', (_request, reply, next) => {
    (reply as unknown as { locals: object }).locals = { integrity: 'taken' }
    next()
  })
  taken.get('/', (_request, reply) => (reply as unknown as { locals: { integrity: string } }).locals.integrity)
  t.equal((await taken.inject('/')).body, 'taken', 'a name that is taken stays')
})

t.test('an asset that is not known: blocked in production and logged once, thrown in development', async (t) => {
  const { lines, server } = logger()
  const { app } = await serve(t, {}, server)
  app.get('/', (_request, reply) => html(reply, app.integrity.scriptTag('/public/nowhere.js?token=swordfish')))
  for (let i = 0; i < 3; i++) t.match((await app.inject('/')).body, BLOCKING_INTEGRITY)
  t.match(lines, [{ level: 50, code: 'BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN', url: '/public/nowhere.js', plugin: 'fastify-bulwark/integrity' }])
  t.equal(lines.length, 1)
  t.notMatch(JSON.stringify(lines), 'swordfish')

  const { app: throwing } = await serve(t, { mode: 'development' })
  throwing.get('/', (_request, reply) => html(reply, throwing.integrity.scriptTag('/public/ap.js')))
  const reply = await throwing.inject('/')
  t.equal(reply.statusCode, 500)
  t.same(reply.json(), { statusCode: 500, code: 'BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN', error: 'Internal Server Error', message: 'Integrity metadata were asked for of an asset that is not known.' })
  t.throws(() => throwing.integrity('/public/ap.js'), { cause: { message: /Did you mean "\/public\/app\.js"/ } })
})

t.test('a file that is changed on disk: in production the old hash is served on and an error logged once, in development it is hashed anew', async (t) => {
  const { lines, server } = logger()
  const { app, folder } = await serve(t, { checkInterval: 1 }, server)
  const { app: fresh, folder: freshFolder } = await serve(t, { mode: 'development' })
  await Promise.all([app.ready(), fresh.ready()])
  for (const path of [folder, freshFolder]) writeFileSync(join(path, 'app.js'), 'altered()')
  rmSync(join(folder, 'page.css'))
  t.equal(fresh.integrity('/public/app.js'), integrityOf(Buffer.from('altered()')))
  const deadline = Date.now() + 20_000
  while (lines.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  t.match(lines, [
    { level: 50, code: 'BULWARK_ERR_INTEGRITY_ASSET_CHANGED', url: '/public/app.js', file: /app\.js$/ },
    { level: 50, code: 'BULWARK_ERR_INTEGRITY_ASSET_CHANGED', url: '/public/page.css', file: /page\.css$/ }
  ])
  t.equal(lines.length, 2)
  t.equal(app.integrity('/public/app.js'), APP)
})

t.test('what was left out of the scan is logged at start', async (t) => {
  const { lines, server } = logger()
  const folder = folderWith(t, { 'large.js': 'x'.repeat(11), 'a.js': 'x'.repeat(10) })
  symlinkSync('/etc/hostname', join(folder, 'link.js'))
  const app = Fastify(server)
  t.teardown(() => app.close())
  await app.register(integrity, { roots: [{ root: folder }], maxFileSize: 10 })
  await app.ready()
  t.match(lines, [{ code: 'BULWARK_ERR_INTEGRITY_FILE_SKIPPED', file: /large\.js$/, reason: 'too-large' }, { code: 'BULWARK_ERR_INTEGRITY_FILE_SKIPPED', file: /link\.js$/, reason: 'outside' }])
  t.equal(app.integrity('/large.js'), BLOCKING_INTEGRITY)
})

t.test('policies: documents carry them, errors and 404 included, and nothing else does', async (t) => {
  const { app } = await serve(t, { integrityPolicy: {}, integrityPolicyReportOnly: { blockedDestinations: ['script', 'style'], endpoints: ['sri'] } })
  app.get('/page', (_request, reply) => html(reply))
  app.get('/data', () => ({}))
  app.get('/thrown', () => { throw new Error('thrown') })
  app.get('/late', { onSend: async () => { throw new Error('late') } }, (_request, reply) => html(reply))
  app.get('/own', (_request, reply) => html(reply.header(POLICY, 'blocked-destinations=(style)')))
  app.get('/response', () => new Response('x', { headers: { 'content-type': 'text/html' } }))
  app.get('/redirect', (_request, reply) => reply.redirect('/page'))
  app.get('/unchanged', (_request, reply) => reply.code(304).send())
  app.setErrorHandler((_error, request, reply) => request.url === '/thrown' ? html(reply.code(500)) : reply.code(500).send({}))
  app.setNotFoundHandler((_request, reply) => html(reply.code(404)))
  const both = ['blocked-destinations=(script)', 'blocked-destinations=(script style), endpoints=(sri)']
  const cases: Array<[url: string, policies: Array<string | undefined>]> = [
    ['/page', both], ['/thrown', both], ['/nowhere', both], ['/response', both], ['/own', ['blocked-destinations=(style)', both[1]]],
    ['/data', [undefined, undefined]], ['/redirect', [undefined, undefined]], ['/unchanged', [undefined, undefined]]
  ]
  for (const [url, policies] of cases) {
    const { headers } = await app.inject(url)
    t.same([headers[POLICY], headers[REPORT_ONLY]], policies, url)
  }
  t.equal((await app.inject('/late')).statusCode, 500)
  t.equal((await app.inject({ method: 'HEAD', url: '/page' })).headers[POLICY], both[0])
})

t.test('policies of routes, declared before or after the plugin', async (t) => {
  const config = { security: { integrity: { integrityPolicy: {} } } } as const
  const off = { security: { integrity: false } } as const
  for (const early of [true, false]) {
    const app = Fastify()
    const routes = (): void => {
      app.get('/set', { config }, (_request, reply) => html(reply))
      app.get('/also', { config }, (_request, reply) => html(reply))
      app.get('/off', { config: off }, (_request, reply) => html(reply))
      app.get('/', (_request, reply) => html(reply))
    }
    if (early) routes()
    await app.register(integrity, { integrityPolicyReportOnly: {} })
    if (!early) routes()
    for (let i = 0; i < 2; i++) {
      for (const [url, policies] of [['/set', [true, true]], ['/also', [true, true]], ['/off', [false, false]], ['/', [false, true]]] as const) {
        const { headers } = await app.inject(url)
        t.same([POLICY in headers, REPORT_ONLY in headers], policies, `${url}${early ? ', early' : ''}`)
      }
    }
  }
  t.same(config, { security: { integrity: { integrityPolicy: {} } } }, 'nothing is written into the setting')
})

t.test('a wrong setting of a route stops the start; one that is seen too late is logged once and the policies of the application hold', async (t) => {
  const config = { security: { integrity: { integrityPolcy: {} } } } as unknown as Record<string, never>
  const { app } = await serve(t)
  app.get('/', { config }, () => '')
  await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN', message: /config\.security\.integrity\.integrityPolcy.*Did you mean `integrityPolicy`.*\(route GET \/\)/ })

  const { lines, server } = logger()
  const late = Fastify(server)
  late.get('/', { config }, (_request, reply) => html(reply))
  late.register(integrity, { integrityPolicy: {} })
  for (let i = 0; i < 2; i++) t.ok(POLICY in (await late.inject('/')).headers)
  t.match(lines, [{ level: 50, err: { code: 'BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN' } }])
  t.equal(lines.length, 1)
})

t.test('of two registrations the innermost serves its scope', async (t) => {
  const [outer, inner] = [folderWith(t, { 'a.js': 'outer' }), folderWith(t, { 'a.js': 'inner', 'b.js': 'inner' })]
  for (const innerFirst of [true, false]) {
    const app = Fastify()
    const child = async (): Promise<void> => {
      await app.register(async (child) => {
        child.register(integrity, { roots: [{ root: inner, prefix: '/a' }], integrityPolicyReportOnly: {} })
        child.get('/child', (_request, reply) => html(reply, child.integrity('/a/a.js')))
        child.get('/child/outer', (_request, reply) => html(reply, child.integrity('/a.js')))
      })
    }
    if (innerFirst) await child()
    await app.register(integrity, { roots: [{ root: outer }], integrityPolicy: {} })
    if (!innerFirst) await child()
    app.get('/', (_request, reply) => html(reply, app.integrity('/a.js')))
    const [home, page, other] = await Promise.all([app.inject('/'), app.inject('/child'), app.inject('/child/outer')])
    t.equal(home.body, integrityOf(Buffer.from('outer')))
    t.same([POLICY in home.headers, REPORT_ONLY in home.headers], [true, false])
    t.equal(page.body, integrityOf(Buffer.from('inner')))
    t.same([POLICY in page.headers, REPORT_ONLY in page.headers], [false, true], 'nothing of the outer one')
    t.equal(other.body, BLOCKING_INTEGRITY)
    await app.close()
  }
  const twice = Fastify()
  twice.register(integrity)
  twice.register(integrity, { mode: 'development' })
  await t.rejects(async () => twice.ready(), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
})

t.test('alone and without options it adds its decorator and no header', async (t) => {
  const app = Fastify()
  await app.register(integrity)
  app.get('/', (_request, reply) => html(reply))
  t.same(Object.keys((await app.inject('/')).headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
  t.throws(() => app.integrity.preloadTag('/a.woff2'), SecurityError)
})

t.test('it may be closed before it was ready', async (t) => {
  const app = Fastify()
  app.register(integrity)
  await t.resolves(app.close())
})
