import { Readable } from 'node:stream'
import fastifyView from '@fastify/view'
import ejs from 'ejs'
import { Eta } from 'eta'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import { headers } from '../../plugins/headers.ts'
import { build, directive, DOCUMENT, logging, nonced, nonceOf, OTHER, page, pageAndData, policy, written } from './headers-world.ts'

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
