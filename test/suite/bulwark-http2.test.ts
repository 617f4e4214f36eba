import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { bulwark } from '../../plugins/bulwark.ts'
import { cert, key } from './raw-http.ts'
import { declareRoutes, OPTIONS, take } from './whole.ts'

// Everything together over HTTP/2, on a socket: `:authority` in the place of Host, no reason phrases, no `connection`.

interface Reply { readonly status: number, readonly headers: IncomingHttpHeaders, readonly body: string }

async function ask (session: ClientHttp2Session, headers: Record<string, string>, payload = ''): Promise<Reply> {
  const stream = session.request({ ':authority': 'app.test', ...headers })
  return await new Promise((resolve, reject) => {
    let received: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
    let body = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => { body += chunk })
    stream.on('response', (head) => { received = head })
    stream.on('end', () => resolve({ status: received[':status']!, headers: received, body }))
    stream.on('error', reject)
    // Of a GET, the stream is ended by `request`.
    if (payload !== '') stream.end(payload)
  })
}

t.test('pages, forms, sessions, refusals and files over HTTP/2', async (t) => {
  const app = Fastify({ http2: true, https: { key, cert } }) as unknown as FastifyInstance
  await app.register(bulwark, OPTIONS)
  for (const step of ['multipart', 'formbody', 'static'] as const) await take(app, step)
  declareRoutes(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`https://localhost:${(app.server.address() as AddressInfo).port}`, { ca: cert, lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) })
  t.teardown(async () => {
    session.close()
    await app.close()
  })

  const page = await ask(session, { ':path': '/', accept: 'text/html' })
  const nonce = /nonce="([\w-]{22})"/.exec(page.body)![1]!
  t.match(page.headers, { ':status': 200, 'content-security-policy': `'nonce-${nonce}'`, 'strict-transport-security': 'max-age=31536000; includeSubDomains' })

  const form = await ask(session, { ':path': '/form', accept: 'text/html' })
  const token = /name="_csrf" value="([\w-]{86})"/.exec(form.body)![1]!
  const cookie = form.headers['set-cookie']![0]!.split(';')[0]!
  const post = { ':method': 'POST', ':path': '/form', 'content-type': 'application/x-www-form-urlencoded', origin: 'null', cookie }
  t.match(await ask(session, post, `_csrf=${token}&name=Ada`), { status: 200, body: '{"name":"Ada"}' })
  t.equal((await ask(session, post, 'name=Ada')).status, 403)
  t.equal((await ask(session, { ...post, 'sec-fetch-site': 'cross-site' }, `_csrf=${token}&name=Ada`)).status, 403)

  const entered = await ask(session, { ':method': 'POST', ':path': '/login?next=/me', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }, '{"user":"ada"}')
  t.match(entered, { status: 303, headers: { location: 'https://app.test/me' } })
  t.match(await ask(session, { ':path': '/me', cookie: entered.headers['set-cookie']![0]!.split(';')[0]! }), { status: 200, body: '{"user":"42"}' })

  t.equal((await ask(session, { ':path': '/', ':authority': 'evil.test' })).status, 421)
  t.equal((await ask(session, { ':path': '/go?next=//evil.test' })).status, 400)
  t.match(await ask(session, { ':path': '/public/app.js' }), { status: 200, headers: { 'x-content-type-options': 'nosniff' } })
  t.match(await ask(session, { ':path': '/download' }), { status: 200, headers: { 'content-disposition': 'attachment; filename="a.html"' }, body: '<script>' })
})
