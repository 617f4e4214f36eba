import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import tls from 'node:tls'
import fastifyEtag from '@fastify/etag'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { applySecurityHeaders, headers, secureServerOptions, type HeadersOptions } from '../../plugins/headers.ts'

// Over real sockets: what `inject` would hide, and what other plugins and Node itself answer.

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const corpora = new URL('../../../test/corpora/', import.meta.url)
const key = readFileSync(new URL('tls-key.pem', corpora))
const cert = readFileSync(new URL('tls-certificate.pem', corpora))

const OTHER = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin' }
const NOT_MODIFIED = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' }
const OURS = new Set([...Object.keys(OTHER), 'content-security-policy-report-only', 'strict-transport-security', 'x-frame-options', 'cross-origin-opener-policy', 'permissions-policy', 'origin-agent-cluster'])
const DOCUMENT = [...OURS].filter((name) => name !== 'strict-transport-security' && name !== 'content-security-policy-report-only').sort()

const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))

function written (answer: Answer): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).filter(([name]) => OURS.has(name)))
}

function nonceOf (answer: Answer): string | undefined {
  return /'nonce-([^']+)'/.exec(answer.headers['content-security-policy'] ?? '')?.[1]
}

const nonced = (request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`)

async function listen (t: Test, app: { listen (options: object): Promise<string>, close (): Promise<unknown>, server: { address (): AddressInfo | string | null } }): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

async function serve (t: Test, routes: (app: FastifyInstance) => unknown, options: HeadersOptions = {}, server: FastifyServerOptions = {}): Promise<number> {
  const app = Fastify({ forceCloseConnections: true, ...server })
  await app.register(headers, options)
  await routes(app)
  return listen(t, app)
}

/** One request on a connection of its own. A header that came twice is an error. */
function ask (port: number, path: string, options: http.RequestOptions & { body?: string, secure?: boolean } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, secure = false, ...rest } = options
    const request = (secure ? https : http).request({ host: '127.0.0.1', port, path, agent: false, ...secure ? { ca: cert, servername: 'localhost' } : {}, ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('error', reject)
      response.on('end', () => {
        const names = response.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
        if (new Set(names).size < names.length) reject(new Error(`a header is there twice: ${names.join()}`))
        resolve({ status: response.statusCode!, headers: response.headers as Record<string, string>, body: text })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes as they are and gives back what comes until the connection ends. */
function raw (port: number, text: string): Promise<string> {
  return read(net.connect(port, '127.0.0.1'), text)
}

function read (socket: net.Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => { received += chunk })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.write(text, 'latin1')
  })
}

function parse (text: string): Answer {
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  return { status: Number(status.split(' ')[1]), headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])), body: body.join('\r\n\r\n') }
}

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

t.test('HTTP/2', async (t) => {
  const app = Fastify({ http2: true })
  await app.register(headers)
  app.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
  app.get('/data', () => ({}))
  app.get('/thrown', () => { throw new Error('thrown') })
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('content-type', 'text/event-stream')
    applySecurityHeaders(reply)
    reply.raw.end('data: x\n\n')
  })
  const port = await listen(t, app)
  const session = http2.connect(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  const get = (path: string, method = 'GET'): Promise<Answer> => new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':method': method })
    let body = ''
    let answer: Answer
    stream.setEncoding('utf8')
    stream.on('response', (headers) => { answer = { status: headers[':status']!, headers: headers as Record<string, string>, body: '' } })
    stream.on('data', (chunk: string) => { body += chunk })
    stream.on('error', reject)
    stream.on('end', () => resolve({ ...answer, body }))
    stream.end()
  })
  const pages = await Promise.all(Array.from({ length: 20 }, () => get('/')))
  for (const page of pages) t.equal(page.body, `<script nonce="${nonceOf(page)}"></script>`)
  t.equal(new Set(pages.map(nonceOf)).size, 20, 'streams of one connection have a nonce each')
  t.same(Object.keys(written(pages[0]!)).sort(), DOCUMENT)
  for (const [path, status] of [['/data', 200], ['/nowhere', 404], ['/thrown', 500], ['/events', 200]] as const) {
    const answer = await get(path)
    t.equal(answer.status, status, path)
    t.same(written(answer), OTHER, path)
  }
  t.same(written(await get('/data', 'HEAD')), OTHER)
})

t.test('a hijacked reply and server-sent events', async (t) => {
  const port = await serve(t, (app) => {
    app.get('/events', (_request, reply) => {
      reply.hijack()
      reply.raw.setHeader('content-type', 'text/event-stream')
      applySecurityHeaders(reply)
      reply.raw.writeHead(200, { 'cache-control': 'no-cache' })
      reply.raw.write('data: one\n\n')
      reply.raw.end('data: two\n\n')
    })
    app.get('/page', (request, reply) => {
      reply.hijack()
      reply.raw.setHeader('content-type', 'text/html')
      const nonce = request.cspNonce
      applySecurityHeaders(reply)
      reply.raw.end(`<script nonce="${nonce}"></script>`)
    })
    app.get('/late', (request, reply) => {
      reply.hijack()
      applySecurityHeaders(reply)
      let code = ''
      try {
        code = request.cspNonce
      } catch (error) {
        code = (error as { code: string }).code
      }
      reply.raw.end(code)
    })
  })
  const events = await ask(port, '/events')
  t.equal(events.body, 'data: one\n\ndata: two\n\n')
  t.same(written(events), OTHER)
  t.equal(events.headers['cache-control'], 'no-cache')
  const page = await ask(port, '/page')
  t.same(Object.keys(written(page)).sort(), DOCUMENT)
  t.equal(page.body, `<script nonce="${nonceOf(page)}"></script>`)
  t.equal((await ask(port, '/late')).body, 'BULWARK_ERR_HEADERS_NONCE_LATE')
})

t.test('an upgrade that is refused', async (t) => {
  const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  const app = Fastify({ forceCloseConnections: true })
  await app.register(fastifyWebsocket)
  await app.register(headers)
  app.addHook('preValidation', async (request, reply) => {
    if (request.headers['x-auth'] === undefined) return reply.code(401).header('connection', 'close').send({ error: 'unauthorized' })
  })
  app.get('/socket', { websocket: true }, (socket) => { socket.close() })
  const port = await listen(t, app)
  for (const path of ['/socket', '/nowhere']) {
    const answer = parse(await raw(port, `GET ${path} HTTP/1.1\r\nhost: a\r\n${upgrade}\r\n`))
    t.equal(answer.status, 401, path)
    t.same(written(answer), OTHER, `${path}: by a hook, behind @fastify/websocket`)
  }
  const client = net.connect(port, '127.0.0.1')
  client.once('data', () => client.destroy())
  const accepted = parse(await read(client, `GET /socket HTTP/1.1\r\nhost: a\r\nx-auth: 1\r\n${upgrade}\r\n`))
  t.equal(accepted.status, 101, 'one that is accepted is no reply of a handler')
  t.same(written(accepted), {})

  const plain = await serve(t, (app) => {
    app.get('/', (_request, reply) => reply.code(426).header('connection', 'close').send({ error: 'no upgrade' }))
  })
  const answer = parse(await raw(plain, `GET / HTTP/1.1\r\nhost: a\r\n${upgrade}\r\n`))
  t.equal(answer.status, 426)
  t.same(written(answer), OTHER, 'by a handler, without a plugin for sockets')
})

t.test('secureServerOptions: what is refused before there is a request', async (t) => {
  const port = await serve(t, (app) => {
    app.get('/', nonced)
    app.post('/', () => '')
    app.get('/p/:name', () => '')
    app.get('/begun', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-length': '1000' })
      reply.raw.write('begun')
    })
    app.get('/slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return ''
    })
  }, {}, secureServerOptions())

  const refused: Array<[what: string, path: string, status: number, code: string]> = [
    ['a malformed URL', '/%', 400, 'FST_ERR_BAD_URL'],
    ['a malformed escape in a parameter', '/p/%E0%A4%A', 400, 'FST_ERR_BAD_URL'],
    ['an over-long parameter', `/p/${'a'.repeat(200)}`, 414, 'FST_ERR_MAX_PARAM_LENGTH']
  ]
  for (const [what, path, status, code] of refused) {
    const answer = await ask(port, path)
    t.equal(answer.status, status, what)
    t.same(written(answer), OTHER, what)
    t.match(JSON.parse(answer.body), { statusCode: status, code, message: 'The address of the request was refused.' }, `${what}: the text is fixed`)
  }

  const malformed: Array<[what: string, bytes: string, status: number]> = [
    ['a request line that is none', 'NONSENSE\r\n\r\n', 400],
    ['an unknown method', 'FOO / HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['an unknown version', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n', 400],
    ['a greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['raw bytes', '\x00\xff\xfe\x01\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: a\r\n\r\n', 400],
    ['a control character in a header', 'GET / HTTP/1.1\r\nhost: a\x00b\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 400],
    ['a length and chunks', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['headers that are too long', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a chunk extension that is too long', `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`, 413]
  ]
  for (const [what, bytes, status] of malformed) {
    const text = await raw(port, bytes)
    const answer = parse(text)
    t.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, `${what}: one answer`)
    t.equal(answer.status, status, what)
    t.same(written(answer), OTHER, what)
    t.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.body), `${what}: the length is that of the body`)
    t.match(JSON.parse(answer.body), { statusCode: status })
  }

  const begun = await raw(port, 'GET /begun HTTP/1.1\r\nhost: a\r\n\r\nNONSENSE\r\n\r\n')
  t.equal(begun.match(/HTTP\/1\.1 /g)?.length ?? 0, begun === '' ? 0 : 1, 'nothing is written into the midst of another reply')
  const waiting = await raw(port, 'GET /slow HTTP/1.1\r\nhost: a\r\n\r\nNONSENSE\r\n\r\n')
  t.equal(waiting.match(/HTTP\/1\.1 /g)?.length, 1, 'nor behind a refusal')
  await Promise.all(Array.from({ length: 20 }, () => new Promise<void>((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write('NONSENSE\r\n\r\n')
      socket.resetAndDestroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })))
  t.equal((await ask(port, '/')).status, 200, 'and the server lives on')
})

t.test('secureServerOptions: a request that does not come to its end', async (t) => {
  const app = Fastify({ ...secureServerOptions({ nonDocument: { referrerPolicy: 'origin' } }), forceCloseConnections: true, http: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 } })
  await app.register(headers)
  app.post('/', () => '')
  const port = await listen(t, app)
  const answer = parse(await raw(port, 'POST / HTTP/1.1\r\nhost: a\r\n'))
  t.equal(answer.status, 408)
  t.same(written(answer), { ...OTHER, 'referrer-policy': 'origin' }, 'has the headers that were asked for')
})

t.test('what Node answers without asking anybody carries no headers of ours', async (t) => {
  // Written down so that a Node that changes its mind is noticed.
  const port = await serve(t, (app) => app.get('/', nonced), {}, secureServerOptions())
  for (const [what, bytes, status] of [
    ['an expectation that is unknown', 'GET / HTTP/1.1\r\nhost: a\r\nexpect: nonsense\r\nconnection: close\r\n\r\n', 417],
    ['HTTP/1.1 without a host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400]
  ] as const) {
    const answer = parse(await raw(port, bytes))
    t.equal(answer.status, status, what)
    t.same(written(answer), {}, what)
    t.equal(answer.body.replace(/^0\r\n\r\n$/, ''), '', `${what}: there is no body either`)
  }
})

t.test('no promise was left rejected', async (t) => {
  t.same(rejections, [])
})
