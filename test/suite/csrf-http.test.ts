import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import fastifyMultipart from '@fastify/multipart'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { csrf, type CsrfEvent } from '../../plugins/csrf.ts'

// Real sockets, where `inject` would hide something.

const OWN = 'https://app.test'
const corpora = new URL('../../../test/corpora/', import.meta.url)
const key = readFileSync(new URL('tls-key.pem', corpora))
const cert = readFileSync(new URL('tls-certificate.pem', corpora))

interface Site { readonly port: number, readonly events: CsrfEvent[], readonly reached: string[] }

async function listen (t: Test, app: FastifyInstance, prepare: (app: FastifyInstance) => unknown = () => {}): Promise<Site> {
  const events: CsrfEvent[] = []
  const reached: string[] = []
  await app.register(csrf, { origin: OWN, keys: [generateKey()], onEvent: (event) => events.push(event) })
  await prepare(app)
  app.get('/token', (request) => request.csrfToken())
  app.post('/', (request) => {
    reached.push(request.url)
    return 'reached'
  })
  t.teardown(async () => {
    app.server.closeAllConnections?.()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, events, reached }
}

async function textOf (response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string
  return text
}

/** What a server answers to exactly these bytes; the connection is closed by the last request. */
async function raw (port: number, ...requests: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => { answer += text })
  for (const bytes of requests) socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return answer
}

const post = (...lines: string[]): string => ['POST / HTTP/1.1', 'Host: app.test', 'Connection: close', 'Content-Length: 0', ...lines, '', ''].join('\r\n')

const onTheWire: Array<[rule: string, lines: string[], status: number]> = [
  ['Origin twice, both own', [`Origin: ${OWN}`, `Origin: ${OWN}`], 403],
  ['Origin twice, the second from elsewhere', [`Origin: ${OWN}`, 'Origin: https://evil.test'], 403],
  ['Sec-Fetch-Site twice', ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'], 403],
  ['Sec-Fetch-Site twice, both own', ['Sec-Fetch-Site: same-origin', 'sec-fetch-site: same-origin'], 403],
  ['Sec-Fetch-Site with nothing in it', ['Sec-Fetch-Site:'], 403],
  ['Origin with nothing in it', ['Origin:'], 403],
  ['blanks around a value, which are not part of it', ['Sec-Fetch-Site: \t same-origin \t '], 200],
  ['names of headers in any case', [`ORIGIN: ${OWN}`], 200],
  ['Referer twice, of which Node keeps the first', [`Referer: ${OWN}/`, 'Referer: https://evil.test/', 'Cookie: a=1'], 200],
  ['Referer twice, the first from elsewhere', ['Referer: https://evil.test/', `Referer: ${OWN}/`], 403],
  ['bytes that are no UTF-8', ['Origin: https://app.test\xff\xfe'], 403],
  ['a very long Origin', [`Origin: https://${'a'.repeat(10_000)}.test`], 403],
  ['an X-HTTP-Method-Override, which nothing here heeds', ['X-HTTP-Method-Override: GET', 'Origin: https://evil.test'], 403],
  ['two Cookie headers', ['Cookie: a=1', 'Cookie: b=2'], 403]
]
t.test('headers on the wire', async (t) => {
  const { port } = await listen(t, Fastify())
  for (const [rule, lines, status] of onTheWire) {
    const answer = await raw(port, post(...lines))
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), rule)
  }
})

t.test('where the server joins all headers that come twice, no Referer of two counts', async (t) => {
  const app = Fastify({ http: { joinDuplicateHeaders: true } }) as unknown as FastifyInstance
  const { port } = await listen(t, app)
  t.match(await raw(port, post(`Referer: ${OWN}/`, 'Referer: https://evil.test/', 'Cookie: a=1')), /^HTTP\/1\.1 200 /, 'joined, the first is the one that is parsed')
  t.match(await raw(port, post('Referer: https://evil.test/', `Referer: ${OWN}/`, 'Cookie: a=1')), /^HTTP\/1\.1 403 /)
})

const BOUNDARY = '----WebKitFormBoundaryABCDEFGHIJKLMNOP'
const part = (name: string, value: string, more = ''): string => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const END = `--${BOUNDARY}--\r\n`

async function visitor (port: number): Promise<{ token: string, cookie: string }> {
  const reply = await fetch(`http://127.0.0.1:${port}/token`)
  return { token: await reply.text(), cookie: reply.headers.getSetCookie()[0]!.split(';')[0]! }
}

t.test('a multipart body that comes in pieces', async (t) => {
  const { port, events } = await listen(t, Fastify({ bodyLimit: 10_000_000 }), async (app) => {
    await app.register(fastifyMultipart)
    app.post('/upload', async (request) => {
      const names: string[] = []
      for await (const part of request.parts()) names.push(part.type === 'file' ? `${part.fieldname}:${(await part.toBuffer()).length}` : part.fieldname)
      return names
    })
  })
  const { token, cookie } = await visitor(port)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())

  async function upload (pieces: string[]): Promise<{ status: number | undefined, text: string }> {
    const request = httpRequest({ port, agent, method: 'POST', path: '/upload', headers: { origin: 'null', cookie, 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-length': pieces.join('').length } })
    for (const piece of pieces) {
      request.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    request.end()
    const [response] = await once(request, 'response') as [IncomingMessage]
    return { status: response.statusCode, text: await textOf(response) }
  }

  const file = part('file', 'x'.repeat(3_000_000), '; filename="a.txt"\r\nContent-Type: text/plain')
  const body = part('_csrf', token) + part('a', '1') + file + END
  const names = JSON.stringify(['a', 'file:3000000'])
  t.same(await upload([body]), { status: 200, text: names }, 'at once')
  t.same(await upload([...body.slice(0, 300), body.slice(300)]), { status: 200, text: names }, 'byte by byte at the beginning')
  const refused = await upload([part('_csrf', token.replace(/^./, (first) => first === 'A' ? 'B' : 'A')) + file + END])
  t.equal(refused.status, 403)
  t.match(events.at(-1), { reason: 'token-wrong' })
  t.same(await upload([body]), { status: 200, text: names }, 'the connection goes on after a refusal in the middle of a body')
})

t.test('a client that goes away in the first part leaves nothing behind', async (t) => {
  const { port, events, reached } = await listen(t, Fastify(), async (app) => await app.register(fastifyMultipart))
  const { cookie } = await visitor(port)
  const socket = connect(port, '127.0.0.1')
  socket.write(['POST / HTTP/1.1', 'Host: app.test', 'Origin: null', `Cookie: ${cookie}`, `Content-Type: multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length: 1000', '', `--${BOUNDARY}\r\nCont`].join('\r\n'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.destroy()
  while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.match(events, [{ reason: 'token-missing' }])
  t.same(reached, [])
  t.equal((await fetch(`http://127.0.0.1:${port}/token`)).status, 200)
})

t.test('WebSockets are opened for the own pages, and for programs without a credential', async (t) => {
  const opened: string[] = []
  const { port, events } = await listen(t, Fastify(), async (app) => {
    await app.register(websocket)
    app.get('/live', { websocket: true }, (socket, request) => {
      opened.push(String(request.headers.origin))
      socket.close()
    })
    app.get('/public', { websocket: true, config: { security: { csrf: false } } }, (socket) => socket.close())
  })
  const { token, cookie } = await visitor(port)

  async function open (headers: Record<string, string>, path = '/live'): Promise<number | undefined> {
    const request = httpRequest({ port, path, headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers } })
    request.end()
    return await new Promise((resolve, reject) => {
      request.on('error', reject)
      request.on('response', (response) => { response.resume(); resolve(response.statusCode) })
      request.on('upgrade', (response, socket) => { socket.destroy(); resolve(response.statusCode) })
    })
  }

  const cases: Array<[rule: string, headers: Record<string, string>, status: number]> = [
    ['own page', { origin: OWN }, 101],
    ['own page, relation said', { origin: OWN, 'sec-fetch-site': 'same-origin', cookie }, 101],
    ['another site', { origin: 'https://evil.test', cookie }, 403],
    ['sibling', { origin: 'https://sub.app.test', 'sec-fetch-site': 'same-site', cookie }, 403],
    ['sandboxed frame', { origin: 'null', cookie }, 403],
    ['program without a credential', {}, 101],
    ['program with a cookie', { cookie }, 403],
    ['program with a cookie and its token', { cookie, 'x-csrf-token': token }, 101]
  ]
  for (const [rule, headers, status] of cases) t.equal(await open(headers), status, rule)
  t.equal(await open({ origin: 'https://evil.test' }, '/public'), 101, 'an exempt route')
  t.equal(opened.length, 4)
  t.equal(events.length, 4)
})

t.test('a client certificate is a credential that a browser adds', async (t) => {
  const app = Fastify({ https: { key, cert, requestCert: true, rejectUnauthorized: false } }) as unknown as FastifyInstance
  const { port } = await listen(t, app)
  const send = async (options: object): Promise<number | undefined> => {
    const request = httpsRequest({ port, host: '127.0.0.1', method: 'POST', rejectUnauthorized: false, ...options })
    request.end()
    const [response] = await once(request, 'response') as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  t.equal(await send({ agent: false }), 200)
  t.equal(await send({ agent: false, key, cert }), 403)
  t.equal(await send({ agent: false, key, cert, headers: { origin: OWN } }), 200)
})

t.test('HTTP/2 is no different', async (t) => {
  const app = Fastify({ http2: true }) as unknown as FastifyInstance
  const { port } = await listen(t, app)
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  t.teardown(() => client.destroy())
  const send = async (headers: Record<string, string>, body?: string): Promise<number> => {
    const stream = client.request({ ':method': 'POST', ':path': '/', ...headers })
    stream.end(body)
    const [answer] = await once(stream, 'response') as [{ ':status': number }]
    stream.resume()
    return answer[':status']
  }
  t.equal(await send({ 'sec-fetch-site': 'same-origin' }), 200)
  t.equal(await send({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }), 403)
  t.equal(await send({}), 200)
  t.equal(await send({ cookie: 'a=1' }), 403)
  t.equal(await send({ cookie: 'a=1', origin: 'null', 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }, part('_csrf', 'x') + END), 403)
})
