import http2 from 'node:http2'
import net from 'node:net'
import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import t from 'tap'
import { applySecurityHeaders, headers, secureServerOptions } from '../../plugins/headers.ts'
import { ask, DOCUMENT, listen, nonced, nonceOf, OTHER, parse, raw, read, rejections, serve, written, type Answer } from './headers-server.ts'

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
