import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import os from 'node:os'
import fastifyCookie from '@fastify/cookie'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { headers, secureServerOptions } from '../../plugins/headers.ts'
import { transport } from '../../plugins/transport.ts'
import { cert, key, listen, plain, secure } from './raw-http.ts'
import { build, codeOf, FORWARDED, HOSTS, HTML, rejections, text } from './transport-server.ts'
import { importPlugin } from './untyped-plugin.ts'

const fastifySecureSession = await importPlugin('@fastify/secure-session')
const fastifySession = await importPlugin('@fastify/session')

t.test('pages are led to https, and nothing else is', async (t) => {
  const port = await listen(t, await build({}, { ...HOSTS, allowLoopback: false }))
  const cases: Array<[what: string, method: string, more: string[], status: number]> = [
    ['a page', 'GET', [HTML], 308],
    ['HEAD of a page', 'HEAD', [HTML], 308],
    ['a navigation', 'GET', ['sec-fetch-mode: navigate', 'accept: */*'], 308],
    ['curl', 'GET', ['accept: */*'], 403],
    ['an API client', 'GET', ['accept: application/json'], 403],
    ['fetch', 'GET', [HTML, 'sec-fetch-mode: cors'], 403],
    ['a form', 'POST', [HTML, 'content-type: application/json', 'content-length: 2', '', '{}'], 403],
    ['an API client that writes', 'POST', ['authorization: Bearer x', 'content-length: 0'], 403],
    ['a preflight', 'OPTIONS', ['origin: https://app.test', 'access-control-request-method: PUT'], 403],
    ['a WebSocket', 'GET', [HTML, 'upgrade: websocket'], 403]
  ]
  for (const [what, method, more, status] of cases) {
    const body = more.indexOf('')
    const request = body === -1
      ? text({ line: `${method} /a HTTP/1.1`, more })
      : text({ line: `${method} /a HTTP/1.1`, more: more.slice(0, body) }) + more.slice(body + 1).join('')
    const reply = await plain(port, request)
    t.equal(reply.status, status, what)
    t.equal('location' in reply.headers, status === 308, what)
    t.notOk('set-cookie' in reply.headers, what)
  }
})

t.test('a redirect leads to where the page is', async (t) => {
  const secured = await listen(t, await build({ https: { key, cert } }, { hosts: ['localhost'], allowLoopback: false, securePort: 1 }))
  // The port is known only now; an entry with a port admits it for both.
  const first = await build({}, { hosts: ['localhost'], allowLoopback: false, securePort: secured })
  const port = await listen(t, first)
  const reply = await plain(port, text({ host: ['localhost'], more: [HTML] }))
  t.match(reply, { status: 308, headers: { location: [`https://localhost:${secured}/a?b=c`] } })
  const target = new URL(reply.headers['location']![0]!)
  t.equal((await secure(secured, text({ line: `GET ${target.pathname}${target.search} HTTP/1.1`, host: ['localhost'], more: [HTML] }))).status, 200)
})

t.test('this machine is exempted, and nobody who only says so', async (t) => {
  const addresses = Object.values(os.networkInterfaces()).flatMap((entries) => entries ?? [])
  // A container may have no IPv6 at all.
  const hasIPv6 = addresses.some(({ address }) => address === '::1')
  const app = await build({ trustProxy: '192.0.2.0/24' })
  const port = await listen(t, app, hasIPv6 ? '::' : '0.0.0.0')
  const cases: Array<[what: string, host: string, more: string[], status: number, address: string]> = [
    ['localhost', `localhost:${port}`, [], 200, '127.0.0.1'],
    ['localhost over IPv6', `localhost:${port}`, [], 200, '::1'],
    ['an address', `127.0.0.1:${port}`, [], 200, '127.0.0.1'],
    ['an address of IPv6', `[::1]:${port}`, [], 200, '::1'],
    ['a subdomain of localhost', 'app.localhost', [], 200, '127.0.0.1'],
    ['another name for this machine', 'evil.test', [], 421, '127.0.0.1'],
    ['behind a proxy on this machine', 'localhost', ['x-forwarded-for: 203.0.113.9'], 421, '127.0.0.1'],
    ['behind one that says https', 'localhost', [FORWARDED], 421, '127.0.0.1'],
    ['behind one that says where it is', 'localhost', ['via: 1.1 proxy'], 421, '::1'],
    ['a forwarded host that says localhost', 'evil.test', ['x-forwarded-host: localhost'], 421, '127.0.0.1'],
    ['the host of the application over http', 'app.test', [], 403, '127.0.0.1']
  ]
  for (const [what, host, more, status, address] of cases.filter(([,,,, address]) => hasIPv6 || address !== '::1')) {
    const reply = await plain(port, text({ host: [host], more }), address)
    t.equal(reply.status, status, what)
    t.equal('set-cookie' in reply.headers, status === 200, what)
  }
  t.equal((await plain(port, text({ line: 'GET /a HTTP/1.0', host: [`127.0.0.1:${port}`] }))).status, 421, 'behind nginx, when it is told nothing')
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address
  if (outside !== undefined) t.equal((await plain(port, text({ host: ['localhost'] }), outside)).status, 421, 'a connection from another interface')
})

t.test('HTTP/2', async (t) => {
  const options = { ...HOSTS, allowLoopback: false }
  const ports = { http: await listen(t, await build({ http2: true }, options)), https: await listen(t, await build({ http2: true, https: { key, cert } }, options)) }
  const cases: Array<[what: string, request: http2.OutgoingHttpHeaders, http: number, https: number]> = [
    ['the authority', { ':authority': 'app.test' }, 308, 200],
    ['in capitals, with a port', { ':authority': 'APP.TEST:443' }, 421, 200],
    ['a foreign one', { ':authority': 'evil.test' }, 421, 421],
    ['a malformed one', { ':authority': 'app.test:bad' }, 400, 400],
    ['credentials', { ':authority': 'evil.test@app.test' }, 400, 400],
    ['a Host that says the same', { ':authority': 'app.test', host: 'app.test' }, 308, 200],
    ['another Host', { ':authority': 'evil.test', host: 'app.test' }, 400, 400],
    ['a foreign Host', { ':authority': 'app.test', host: 'evil.test' }, 400, 400],
    ['a path that would be a host', { ':authority': 'app.test', ':path': '//evil.test/a' }, 308, 200]
  ]
  for (const scheme of ['http', 'https'] as const) {
    const session = http2.connect(`${scheme}://127.0.0.1:${ports[scheme]}`, scheme === 'https' ? { ca: cert, servername: 'localhost' } : {})
    t.teardown(() => session.destroy())
    for (const [what, request, ...statuses] of cases) {
      const reply = await new Promise<http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader>((resolve, reject) => {
        session.request({ ':path': '/a?b=c', accept: 'text/html', ...request }).on('response', resolve).on('error', reject).resume().end()
      })
      const status = statuses[scheme === 'http' ? 0 : 1]
      t.equal(reply[':status'], status, `${scheme}: ${what}`)
      t.equal(reply['location'], status === 308 ? `https://app.test${request[':path'] as string | undefined ?? '/a?b=c'}` : undefined)
      t.equal('set-cookie' in reply, status === 200, `${scheme}: ${what}`)
    }
  }
})

t.test('a WebSocket over plain http is refused, and one over https is not', async (t) => {
  const upgrade = ['upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==']
  const request = (host: string): string => text({ line: 'GET /socket HTTP/1.1', host: [host], more: [...upgrade, HTML] }).replace('connection: close', 'connection: upgrade')
  const websocket = async (server: object, isFirst: boolean): Promise<number> => {
    const app = Fastify({ forceCloseConnections: true, ...server } as FastifyServerOptions) as unknown as FastifyInstance
    if (isFirst) await app.register(transport, { ...HOSTS, allowLoopback: false })
    await app.register(fastifyWebsocket)
    if (!isFirst) await app.register(transport, { ...HOSTS, allowLoopback: false })
    app.get('/socket', { websocket: true }, (socket) => { socket.close() })
    return await listen(t, app)
  }
  for (const isFirst of [true, false]) {
    const [http, https] = [await websocket({}, isFirst), await websocket({ https: { key, cert } }, isFirst)]
    const refused = await plain(http, request('app.test'))
    t.match({ status: refused.status, code: codeOf(refused) }, { status: 403, code: 'HTTPS_REQUIRED' })
    t.notOk('location' in refused.headers)
    t.equal((await secure(https, request('evil.test'))).status, 421)
    t.equal((await secure(https, request('app.test'))).status, 101)
  }
})

t.test('plugins for cookies and sessions set none over plain http, in either order', async (t) => {
  const sessions: Array<[what: string, register: (app: FastifyInstance) => unknown]> = [
    ['@fastify/cookie', (app) => app.register(fastifyCookie)],
    ['@fastify/secure-session', (app) => app.register(fastifySecureSession, { key: Buffer.alloc(32, 1), cookie: { path: '/' } })],
    ['@fastify/session', (app) => app.register(fastifyCookie).register(fastifySession, { secret: 'a secret of thirty-two characters', cookie: { secure: false }, saveUninitialized: true })]
  ]
  for (const [what, register] of sessions) {
    for (const isFirst of [true, false]) {
      const app = Fastify({ forceCloseConnections: true, trustProxy: '127.0.0.1' })
      if (isFirst) await app.register(transport, { ...HOSTS, allowLoopback: false })
      await register(app)
      app.addHook('onRequest', async (request, reply) => {
        const { session } = request as unknown as { session?: { set (name: string, value: string): void } }
        session?.set('name', 'value')
        if (what === '@fastify/cookie') reply.setCookie('name', 'value')
      })
      if (!isFirst) await app.register(transport, { ...HOSTS, allowLoopback: false })
      app.get('/a', () => 'a')
      app.get('/health', { config: { security: { transport: false } } }, () => 'well')
      const port = await listen(t, app)
      const cases: Array<[line: string, more: string[], status: number]> = [
        ['GET /a HTTP/1.1', [HTML], 308], ['GET /a HTTP/1.1', [], 403], ['GET /nowhere HTTP/1.1', [], 403], ['GET /health HTTP/1.1', [], 200], ['GET /%zz HTTP/1.1', [], 400], ['GET /a HTTP/1.1', ['x-forwarded-proto: javascript'], 400]
      ]
      for (const [line, more, status] of cases) {
        const reply = await plain(port, text({ line, more }))
        t.equal(reply.status, status, `${what}: ${line}`)
        t.notOk('set-cookie' in reply.headers, `${what}, ${isFirst ? 'behind' : 'before'} this plugin: ${line} ${status}`)
      }
      const https = await plain(port, text({ line: 'GET /a HTTP/1.1', more: [FORWARDED] }))
      t.equal(https.status, 200)
      t.equal(https.headers['set-cookie']?.length, 1, `${what}: over https it does`)
    }
  }
})

t.test('what Fastify and Node refuse before any hook carries neither a cookie nor a Location', async (t) => {
  const app = Fastify({ forceCloseConnections: true, ...secureServerOptions() })
  await app.register(headers)
  await app.register(transport, { ...HOSTS, allowLoopback: false })
  app.get('/items/:id', () => '')
  const port = await listen(t, app)
  for (const [line, status] of [['GET /%zz HTTP/1.1', 400], [`GET /items/${'1'.repeat(200)} HTTP/1.1`, 414], ['GET /a HTTP/1.1\r\nbad header', 400], ['NONSENSE', 400]] as const) {
    const reply = await plain(port, text({ line, host: ['evil.test'], more: [HTML] }))
    t.equal(reply.status, status, line.slice(0, 40))
    t.ok('x-content-type-options' in reply.headers, 'the headers of `secureServerOptions` are there')
    t.notOk('set-cookie' in reply.headers || 'location' in reply.headers || 'strict-transport-security' in reply.headers)
    t.notMatch(reply.body, 'evil.test')
  }
})

// ---- the trustProxy table, as the page has it

const SETTINGS: Readonly<Record<string, unknown>> = {
  false: false,
  true: true,
  "'127.0.0.1'": '127.0.0.1',
  "'10.0.0.0/8'": '10.0.0.0/8',
  1: 1,
  '(address, hop) => hop < 1': (_address: string, hop: number) => hop < 1
}

t.test('what Fastify believes under each trustProxy is what the page says', async (t) => {
  const page = readFileSync(new URL('../../../docs/transport.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('### What `trustProxy` does'))
  const rows = [...section.slice(0, section.indexOf('\n### ', 5)).matchAll(/^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(([, ...cells]) => cells).slice(1)
  t.same(rows.map(([setting]) => setting).sort(), Object.keys(SETTINGS).sort(), 'every setting has its row')
  for (const [setting, ip, host, protocol] of rows) {
    const app = Fastify({ forceCloseConnections: true, trustProxy: SETTINGS[setting!] } as FastifyServerOptions)
    app.get('/', (request) => ({ ip: request.ip, host: request.host, protocol: request.protocol }))
    const port = await listen(t, app)
    const reply = await plain(port, text({ line: 'GET / HTTP/1.1', more: ['x-forwarded-for: 6.6.6.6, 203.0.113.9', 'x-forwarded-host: evil.test', FORWARDED, 'forwarded: for=7.7.7.7;host=forwarded.test;proto=https', 'x-forwarded-port: 1'] }))
    t.same(JSON.parse(reply.body), { ip, host, protocol }, setting!)
  }
})

t.test('what is forwarded is checked like what is sent', async (t) => {
  const trusted = await listen(t, await build({ trustProxy: '127.0.0.1' }, { ...HOSTS, allowLoopback: false }))
  const cases: Array<[what: string, more: string[], status: number, port?: number]> = [
    ['https', [FORWARDED], 200],
    ['https at the last hop', ['x-forwarded-proto: http, https'], 200],
    ['http at the last hop', ['x-forwarded-proto: https, http'], 403],
    ['a scheme that is none', ['x-forwarded-proto: javascript'], 400],
    ['a scheme of a WebSocket', ['x-forwarded-proto: wss'], 400],
    ['an empty list of schemes', ['x-forwarded-proto: ,'], 400],
    ['a host of the list', [FORWARDED, 'x-forwarded-host: a.app.test'], 200],
    ['a foreign host', [FORWARDED, 'x-forwarded-host: evil.test'], 421],
    ['a foreign host at the last hop', [FORWARDED, 'x-forwarded-host: app.test, evil.test'], 421],
    ['a malformed host', [FORWARDED, 'x-forwarded-host: app.test@evil.test/<x>'], 400],
    ['an empty list of hosts', [FORWARDED, 'x-forwarded-host: ,'], 400],
    ['an empty host, which does not count', [FORWARDED, 'x-forwarded-host:'], 200]
  ]
  for (const [what, more, status] of cases) t.equal((await plain(trusted, text({ more }))).status, status, what)
  for (const trustProxy of [false, '10.0.0.0/8', 1]) {
    const port = await listen(t, await build({ trustProxy }, { ...HOSTS, allowLoopback: false }))
    for (const more of [[FORWARDED], ['x-forwarded-proto: javascript'], ['x-forwarded-host: evil.test'], [FORWARDED, 'x-forwarded-host: a.app.test']]) {
      const reply = await plain(port, text({ more: [...more, HTML] }))
      t.match(reply, { status: 308, headers: { location: ['https://app.test/a?b=c'] } }, `trustProxy ${String(trustProxy)}: ${more.join()} has no effect`)
    }
  }
})

t.test('health checks, as load balancers send them', async (t) => {
  const app = await build({}, { ...HOSTS, allowLoopback: false })
  app.route({ url: '/health', method: ['GET', 'OPTIONS'], config: { security: { transport: false } }, handler: () => 'well' })
  const port = await listen(t, app)
  const probes: Array<[what: string, probe: string, status: number]> = [
    ['by address', text({ line: 'GET /health HTTP/1.1', host: ['10.0.0.7:3000'] }), 200],
    ['in HTTP/1.0 without a Host', text({ line: 'GET /health HTTP/1.0', host: [] }), 200],
    ['OPTIONS in HTTP/1.0 without a Host', text({ line: 'OPTIONS /health HTTP/1.0', host: [] }), 200],
    ['with a query', text({ line: 'GET /health?deep=1 HTTP/1.1', host: ['probe'] }), 200],
    ['with an empty Host', text({ line: 'GET /health HTTP/1.1', host: [''] }), 400],
    ['with two', text({ line: 'GET /health HTTP/1.1', host: ['probe', 'probe'] }), 400],
    ['with markup', text({ line: 'GET /health HTTP/1.1', host: ['"><b>'] }), 400],
    ['a path that only begins alike', text({ line: 'GET /healthy HTTP/1.1', host: ['10.0.0.7'] }), 421],
    ['a path with dots', text({ line: 'GET /health/../a HTTP/1.1', host: ['10.0.0.7'] }), 421]
  ]
  for (const [what, probe, status] of probes) t.equal((await plain(port, probe)).status, status, what)
})

t.test('many requests with hosts of their own leave nothing behind but their replies', async (t) => {
  const port = await listen(t, await build({}, { ...HOSTS, allowLoopback: false }))
  const statuses = await Promise.all(Array.from({ length: 200 }, async (_, index) => (await plain(port, text({ host: [`h${index}.evil.test`], more: [HTML, `x-forwarded-proto: s${index}`] }))).status))
  t.same([...new Set(statuses)], [421])
  t.equal((await plain(port, text({ more: [HTML] }))).status, 308)
})

t.test('no rejection was left unhandled', async (t) => t.same(rejections, []))
