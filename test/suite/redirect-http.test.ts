import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { redirect } from '../../plugins/redirect.ts'

// What goes over the wire, where `inject` would take what Node refuses.

interface Query { Querystring: { next: string } }

interface Answer { readonly status: number, readonly head: string, readonly locations: string[], readonly body: string }

/** Sends bytes and reads until the server closes. */
async function send (app: FastifyInstance, request: string): Promise<Answer> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => { text += piece })
  socket.write(Buffer.from(request, 'latin1'))
  await once(socket, 'close')
  const [head = '', body = ''] = text.split(/\r\n\r\n([^]*)/)
  return { status: Number(head.split(' ')[1]), head, locations: [...head.matchAll(/^location: ?(.*?)\r?$/gmi)].map(([, value]) => value!), body }
}

const get = (target: string, ...lines: string[]): string => [`GET ${target} HTTP/1.1`, 'Host: app.test', 'Connection: close', ...lines, '', ''].join('\r\n')

async function listening (t: Test, guarded: boolean): Promise<FastifyInstance> {
  const app = Fastify()
  if (guarded) await app.register(redirect, { origin: 'https://app.test', hosts: ['good.test'] })
  const values: Record<string, unknown> = {
    tab: '/\t/evil.test', latin: '/café', emoji: '/🦊', wide: '/日本', array: ['/a', '//evil.test'], single: ['/a'], missing: undefined, number: 5, newline: '/a\r\nset-cookie: a=b', nul: '//evil.test\0', space: ' //evil.test'
  }
  for (const [name, value] of Object.entries(values)) app.get(`/${name}`, (_request, reply) => reply.redirect(value as string))
  app.get<Query>('/plain', (request, reply) => reply.redirect(request.query.next))
  app.get<Query>('/sub/relative', (request, reply) => reply.header('location', request.query.next).code(302).send())
  app.get('/hijacked', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(302, { location: 'https://evil.test/' }).end()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return app
}

t.test('what Fastify sends without the guard', async (t) => {
  const app = await listening(t, false)
  t.same((await send(app, get('/tab'))).locations, ['/\t/evil.test'], 'a tab goes out, and Chromium drops it')
  t.same((await send(app, get('/latin'))).locations, ['/caf\xe9'], 'latin-1')
  t.same((await send(app, get('/array'))).locations, ['/a', '//evil.test'], 'two of them')
  for (const path of ['/emoji', '/wide', '/newline', '/nul']) t.equal((await send(app, get(path))).status, 500, path)
})

const cases: Array<[path: string, status: number, locations: string[]]> = [
  ['/tab', 400, []],
  ['/latin', 302, ['https://app.test/caf%C3%A9']],
  ['/emoji', 302, ['https://app.test/%F0%9F%A6%8A']],
  ['/wide', 302, ['https://app.test/%E6%97%A5%E6%9C%AC']],
  ['/array', 400, []],
  ['/single', 400, []],
  ['/missing', 400, []],
  ['/number', 400, []],
  ['/newline', 302, ['https://app.test/aset-cookie:%20a=b']],
  ['/nul', 400, []],
  ['/space', 400, []],
  ['/plain?next=/home', 302, ['/home']],
  ['/plain?next=//evil.test', 400, []],
  ['/plain?next=/a%0d%0alocation:https://evil.test', 302, ['https://app.test/alocation:https://evil.test']],
  ['/plain?next=/%09/evil.test', 400, []],
  ['/plain?next=/%5cevil.test', 400, []],
  ['/plain?next=%E2%80%A8//evil.test', 302, ['https://app.test/%E2%80%A8//evil.test']],
  ['/plain', 400, []],
  ['/sub/relative?next=x', 302, ['x']],
  ['/sub/relative?next=%C3%A9', 302, ['https://app.test/sub/%C3%A9']]
]

t.test('and with it', async (t) => {
  const app = await listening(t, true)
  for (const [path, status, locations] of cases) {
    const answer = await send(app, get(path))
    t.equal(answer.status, status, path)
    t.same(answer.locations, locations, path)
    t.notMatch(answer.head, /^set-cookie/mi, path)
    if (status === 400) t.match(JSON.parse(answer.body), { code: 'BULWARK_ERR_REDIRECT_UNSAFE' }, path)
  }
})

t.test('the name in the request is not believed', async (t) => {
  const app = Fastify({ trustProxy: true })
  await app.register(redirect, { origin: 'https://app.test' })
  app.get<Query>('/', (request, reply) => reply.safeRedirect(request.query.next))
  app.get<Query>('/plain', (request, reply) => reply.redirect(request.query.next))
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const foreign = ['Host: evil.test', 'X-Forwarded-Host: evil.test', 'X-Forwarded-Proto: javascript', 'Forwarded: host=evil.test']
  const lines = ['Connection: close', ...foreign, '', '']
  for (const path of ['/', '/plain']) {
    t.equal((await send(app, [`GET ${path}?next=https://evil.test/ HTTP/1.1`, ...lines].join('\r\n'))).status, 400, path)
    t.same((await send(app, [`GET ${path}?next=%C3%A9 HTTP/1.1`, ...lines].join('\r\n'))).locations, ['https://app.test/%C3%A9'], path)
    t.same((await send(app, [`GET http://evil.test${path}?next=%C3%A9 HTTP/1.1`, ...lines].join('\r\n'))).locations, ['https://app.test/%C3%A9'], `${path}: a whole URL in the request line`)
    t.same((await send(app, `GET ${path}?next=%C3%A9 HTTP/1.0\r\n\r\n`)).locations, ['https://app.test/%C3%A9'], `${path}: HTTP/1.0 without a host`)
  }
})

t.test('a hijacked reply is out of reach', async (t) => {
  const app = await listening(t, true)
  t.same((await send(app, get('/hijacked'))).locations, ['https://evil.test/'])
})

t.test('a connection goes on after a refusal', async (t) => {
  const app = await listening(t, true)
  const both = get('/plain?next=//evil.test').replace('Connection: close\r\n', '') + get('/plain?next=/home')
  const { status, body } = await send(app, both)
  t.equal(status, 400)
  t.match(body, /HTTP\/1\.1 302 Found[^]*location: \/home/)
})

t.test('HTTP/2', async (t) => {
  const app = Fastify({ http2: true })
  await app.register(redirect, { origin: 'https://app.test' })
  app.get<Query>('/', (request, reply) => reply.redirect(request.query.next))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connectHttp2(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  t.teardown(async () => {
    session.close()
    await app.close()
  })
  for (const [next, status, location] of [['/home', 302, '/home'], ['/%C3%A9', 302, 'https://app.test/%C3%A9'], ['//evil.test', 400, undefined], ['/%09/evil.test', 400, undefined]] as const) {
    const stream = session.request({ ':path': `/?next=${next}` })
    const [headers] = await once(stream, 'response') as [Record<string, unknown>]
    stream.resume()
    await once(stream, 'close')
    t.equal(headers[':status'], status, next)
    t.equal(headers['location'], location, next)
  }
})
