import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import tls from 'node:tls'
import fastifyEtag from '@fastify/etag'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import t from 'tap'
import { applySecurityHeaders, headers, secureServerOptions } from '../../plugins/headers.ts'
import { ask, cert, DOCUMENT, key, listen, nonced, nonceOf, NOT_MODIFIED, OTHER, parse, raw, read, rejections, serve, written } from './headers-server.ts'

t.test('behind @fastify/etag', async (t) => {
  for (const order of ['before', 'after']) {
    const app = Fastify({ forceCloseConnections: true })
    if (order === 'before') await app.register(fastifyEtag)
    await app.register(headers)
    if (order === 'after') await app.register(fastifyEtag)
    app.get('/nonced', nonced)
    app.get('/own', (request, reply) => nonced(request, reply.header('etag', '"own"').header('last-modified', 'Tue, 01 Jan 2030 00:00:00 GMT')))
    app.get('/static', (_request, reply) => reply.type('text/html').send('<p>static</p>'))
    const port = await listen(t, app)

    const first = await ask(port, '/nonced')
    const second = await ask(port, '/nonced', { headers: { 'if-none-match': '*' } })
    for (const answer of [first, second]) {
      t.equal(answer.status, 200, `${order}: a nonced page is whole`)
      t.equal(answer.body, `<script nonce="${nonceOf(answer)}"></script>`)
      t.notOk('etag' in answer.headers, `${order}: and has no ETag`)
      t.equal(answer.headers['cache-control'], 'private')
    }
    t.not(nonceOf(first), nonceOf(second))
    const own = await ask(port, '/own')
    t.notOk('etag' in own.headers || 'last-modified' in own.headers, `${order}: nor one that the handler set`)

    const page = await ask(port, '/static')
    t.same(Object.keys(written(page)).sort(), DOCUMENT, `${order}: a static page has the headers of a document`)
    t.type(page.headers['etag'], 'string', 'and keeps its ETag')
    const notModified = await ask(port, '/static', { headers: { 'if-none-match': page.headers['etag']! } })
    t.equal(notModified.status, 304)
    t.same(written(notModified), NOT_MODIFIED, `${order}: a 304 carries no policy`)
    const ownNotModified = await ask(port, '/own', { headers: { 'if-none-match': '"own"' } })
    t.equal(ownNotModified.status, 304)
    t.same(written(ownNotModified), NOT_MODIFIED, `${order}: nor does one for a nonced page whose ETag the handler set`)
  }
})

t.test('behind @fastify/static', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-static-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'page.html'), '<p>page</p>')
  writeFileSync(join(root, 'data.json'), '{"data":true}')
  writeFileSync(join(root, 'picture.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  for (const order of ['before', 'after']) {
    const app = Fastify({ forceCloseConnections: true })
    if (order === 'before') await app.register(fastifyStatic, { root })
    await app.register(headers)
    if (order === 'after') await app.register(fastifyStatic, { root })
    const port = await listen(t, app)

    const page = await ask(port, '/page.html')
    t.same(Object.keys(written(page)).sort(), DOCUMENT, `${order}: a page is a document`)
    t.type(page.headers['etag'], 'string')
    t.same(Object.keys(written(await ask(port, '/picture.svg'))).sort(), DOCUMENT, `${order}: so is a picture that may hold scripts`)
    t.same(written(await ask(port, '/data.json')), OTHER, `${order}: data is not`)
    const validators: Array<Record<string, string>> = [{ 'if-none-match': page.headers['etag']! }, { 'if-modified-since': page.headers['last-modified']! }]
    for (const validator of validators) {
      const notModified = await ask(port, '/page.html', { headers: validator })
      t.equal(notModified.status, 304, Object.keys(validator).join())
      t.same(written(notModified), NOT_MODIFIED, `${order}: a 304 carries no policy`)
    }
    const part = await ask(port, '/page.html', { headers: { range: 'bytes=0-2' } })
    t.equal(part.status, 206)
    t.equal(part.body, '<p>')
    t.same(written(part), written(page), `${order}: a part has the headers of the whole`)
    const unsatisfiable = await ask(port, '/page.html', { headers: { range: 'bytes=99-' } })
    t.equal(unsatisfiable.status, 416)
    t.ok('content-security-policy' in unsatisfiable.headers)
    const head = await ask(port, '/page.html', { method: 'HEAD' })
    t.same([head.status, head.body], [200, ''])
    t.same(written(head), written(page), `${order}: HEAD has the headers of GET`)
    const missing = await ask(port, '/missing.html')
    t.equal(missing.status, 404)
    t.same(written(missing), OTHER, `${order}: a missing file`)
  }
})

t.test('every reply carries the headers of its kind, whoever makes it', async (t) => {
  const port = await serve(t, (app) => {
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers['x-limit'] !== undefined) return reply.code(429).send({ error: 'too many' })
      if (request.headers['x-auth'] !== undefined) throw Object.assign(new Error('unauthorized'), { statusCode: 401 })
    })
    app.get('/page', nonced)
    app.get('/data', () => ({ data: true }))
    app.get('/thrown', () => { throw new Error('thrown') })
    app.get('/thrown-page', (_request, reply) => {
      reply.type('text/html')
      throw new Error('thrown')
    })
    app.get('/thrown-nothing', async () => { throw Object.assign(new Error(), { statusCode: 'odd', code: null }) })
    app.get('/rejected', async () => { throw Object.assign(new Error('teapot'), { statusCode: 418 }) })
    app.get('/redirect', (_request, reply) => reply.redirect('/page'))
    app.get('/empty', (_request, reply) => reply.code(204).send())
    app.get('/informed', (_request, reply) => {
      reply.raw.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      return reply.type('text/html').send('x')
    })
    app.post('/body', { bodyLimit: 10, schema: { body: { type: 'object', required: ['a'] } } }, () => '')
    app.get('/schema', { schema: { response: { 200: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } } } }, () => ({}))
    app.get('/stream', (_request, reply) => reply.type('text/html').send(Readable.from(['a', 'b'])))
    app.get('/stream-fails', (_request, reply) => reply.type('text/html').send(new Readable({ read () { this.destroy(new Error('failed')) } })))
    app.get('/web', () => new Response('<p>web</p>', { headers: { 'content-type': 'text/html', 'referrer-policy': 'origin' } }))
    app.get('/timeout', { handlerTimeout: 50 }, () => new Promise(() => {}))
  })
  const json = { 'content-type': 'application/json' }
  const cases: Array<[what: string, path: string, options: http.RequestOptions & { body?: string }, status: number]> = [
    ['data', '/data', {}, 200],
    ['HEAD of data', '/data', { method: 'HEAD' }, 200],
    ['a 404', '/nowhere', {}, 404],
    ['HEAD of a 404', '/nowhere', { method: 'HEAD' }, 404],
    ['a method without a route', '/data', { method: 'DELETE' }, 404],
    ['a limiter that answers in an earlier hook', '/page', { headers: { 'x-limit': '1' } }, 429],
    ['a guard that throws in an earlier hook', '/page', { headers: { 'x-auth': '1' } }, 401],
    ['an earlier hook on a 404', '/nowhere', { headers: { 'x-limit': '1' } }, 429],
    ['a thrown error', '/thrown', {}, 500],
    ['an error thrown on the way to a page', '/thrown-page', {}, 500],
    ['an error whose status is none', '/thrown-nothing', {}, 500],
    ['a status of its own', '/rejected', {}, 418],
    ['a redirect', '/redirect', {}, 302],
    ['a reply without content', '/empty', {}, 204],
    ['a validation error', '/body', { method: 'POST', headers: json, body: '{}' }, 400],
    ['JSON that is none', '/body', { method: 'POST', headers: json, body: '{' }, 400],
    ['a body that is too large', '/body', { method: 'POST', headers: json, body: '{"a":"01234567890"}' }, 413],
    ['a type that nobody parses', '/body', { method: 'POST', headers: { 'content-type': 'text/x-odd' }, body: 'x' }, 415],
    ['a reply that its schema refuses', '/schema', {}, 500],
    ['a stream that fails before its first byte', '/stream-fails', {}, 500],
    ['a handler that takes too long', '/timeout', {}, 503]
  ]
  for (const [what, path, options, status] of cases) {
    const answer = await ask(port, path, options)
    t.equal(answer.status, status, what)
    t.same(written(answer), OTHER, what)
  }
  for (const [what, path] of [['a page', '/page'], ['a stream', '/stream'], ['early hints', '/informed'], ['a Response of the web', '/web']] as const) {
    const answer = await ask(port, path)
    t.same(Object.keys(written(answer)).sort(), DOCUMENT, what)
  }
  t.equal((await ask(port, '/web')).headers['referrer-policy'], 'origin', 'what a Response says itself stays')
})

t.test('a stream that fails in the midst is cut off and harms nobody', async (t) => {
  const port = await serve(t, (app) => {
    app.get('/fails', (request, reply) => {
      const nonce = request.cspNonce
      return reply.type('text/html').send(Readable.from((function * () {
        yield nonce
        throw new Error('failed')
      })()))
    })
    app.get('/', nonced)
  })
  await t.rejects(ask(port, '/fails'))
  t.equal((await ask(port, '/')).status, 200)
})

t.test('requests that are aborted', async (t) => {
  let arrived = 0
  const port = await serve(t, (app) => {
    app.get('/slow', async (request, reply) => {
      arrived++
      await new Promise((resolve) => setTimeout(resolve, 50))
      return nonced(request, reply)
    })
    app.get('/endless', (request, reply) => {
      const nonce = request.cspNonce
      return reply.type('text/html').send(Readable.from((function * () { while (true) yield nonce.repeat(100) })()))
    })
    app.post('/body', () => '')
    app.get('/', nonced)
  })
  const abort = (text: string, patience: number): Promise<void> => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.write(text) })
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    setTimeout(() => socket.resetAndDestroy(), patience)
  })
  await Promise.all(Array.from({ length: 50 }, () => abort('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n', 20)))
  await Promise.all(Array.from({ length: 10 }, () => abort('GET /endless HTTP/1.1\r\nhost: a\r\n\r\n', 20)))
  await Promise.all(Array.from({ length: 10 }, () => abort('POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc', 20)))
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.ok(arrived > 0)
  const answer = await ask(port, '/')
  t.equal(answer.body, `<script nonce="${nonceOf(answer)}"></script>`, 'leave the server as it was')
})

t.test('requests in a row on one connection have a nonce each', async (t) => {
  const port = await serve(t, (app) => app.get('/', nonced))
  const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
  const text = await raw(port, request + request + request.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  const inPage = [...text.matchAll(/<script nonce="([^"]+)">/g)].map((match) => match[1])
  const inPolicy = [...text.matchAll(/script-src 'nonce-([^']+)'/g)].map((match) => match[1])
  t.equal(new Set(inPage).size, 3)
  t.same(inPage, inPolicy)
})

t.test('https by a real certificate', async (t) => {
  const app = Fastify({ https: { key, cert }, forceCloseConnections: true, ...secureServerOptions() })
  await app.register(headers)
  app.get('/', nonced)
  app.get('/data', () => ({}))
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('content-type', 'text/event-stream')
    applySecurityHeaders(reply)
    reply.raw.end('data: x\n\n')
  })
  const port = await listen(t, app)
  const hsts = 'max-age=31536000; includeSubDomains'
  const page = await ask(port, '/', { secure: true })
  t.equal(page.headers['strict-transport-security'], hsts)
  t.match(page.headers['content-security-policy'], /; upgrade-insecure-requests$/)
  t.equal(page.body, `<script nonce="${nonceOf(page)}"></script>`)
  for (const path of ['/data', '/events', '/%']) t.same(written(await ask(port, path, { secure: true })), { ...OTHER, 'strict-transport-security': hsts }, path)
  const refused = await read(tls.connect({ host: '127.0.0.1', port, ca: cert, servername: 'localhost' }), 'NONSENSE\r\n\r\n')
  t.equal(parse(refused).headers['strict-transport-security'], hsts, 'what Node refuses on a secure connection says so, too')
})

t.test('no promise was left rejected', async (t) => {
  t.same(rejections, [])
})
