import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http, { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { build as behindAProxy } from '../../../docs/examples/transport/behind-a-proxy.ts'
import { build as forgedAddress } from '../../../docs/examples/transport/forged-address.ts'
import { build as routeSettings } from '../../../docs/examples/transport/route-settings.ts'
import { build as twoPorts } from '../../../docs/examples/transport/two-ports.ts'
import { cert, key, listen, plain, secure } from '../raw-http.ts'
import { examplesOf } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('transport')

const request = (path: string, host: string, ...more: string[]): string => [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...more, 'connection: close', '', ''].join('\r\n')

show('quick-start.ts', async (t) => {
  const program = spawn(process.execPath, [compiled('quick-start.js')], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => program.kill())
  let log = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => { log += text })
  while (!/http:[^"]+:\d+/.test(log)) await once(program.stdout, 'data')
  const { port } = new URL(/http:[^"]+:\d+/.exec(log)![0])
  const [own, page, program403, foreign] = await Promise.all([
    plain(Number(port), request('/', `localhost:${port}`)), plain(Number(port), request('/', 'app.example', 'accept: text/html')),
    plain(Number(port), request('/', 'app.example')), plain(Number(port), request('/', 'other.example', 'accept: text/html'))
  ])
  t.same([own!.status, page!.status, program403!.status, foreign!.status], [200, 308, 403, 421])
  t.same(page!.headers['location'], ['https://app.example/'])
})

show('route-settings.ts', async (t) => {
  const port = await listen(t, await routeSettings())
  const statuses: Array<[path: string, host: string, status: number]> = [
    ['/health', '10.0.0.7:3000', 200],
    ['/.well-known/acme-challenge/abc', 'app.example', 200],
    ['/.well-known/acme-challenge/abc', 'other.example', 421],
    ['/', '10.0.0.7:3000', 421],
    ['/', 'app.example', 403]
  ]
  for (const [path, host, status] of statuses) t.equal((await plain(port, request(path, host))).status, status, `${host}${path}`)
})

show('two-ports.ts', async (t) => {
  const { site, redirects } = await twoPorts({ key, cert })
  const ports = [await listen(t, redirects), await listen(t, site)] as const
  const { status, headers } = await plain(ports[0], request('/', 'app.example:8080', 'accept: text/html'))
  t.match({ status, headers }, { status: 308, headers: { location: ['https://app.example:8443/'] } })
  t.equal((await plain(ports[0], request('/', 'app.example:8080'))).status, 403)
  t.match(await secure(ports[1], request('/', 'app.example:8443')), { status: 200, body: 'home' })
})

show('forged-address.ts', async (t) => {
  const app = await forgedAddress()
  t.teardown(() => app.close())
  const forged = { remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' } }
  t.same((await app.inject({ url: '/wrong', ...forged })).json(), { address: '6.6.6.6' })
  t.same((await app.inject({ url: '/right', ...forged })).json(), { address: '203.0.113.9' })
  t.same((await app.inject({ url: '/right', ...forged, remoteAddress: '203.0.113.9' })).json(), { address: '203.0.113.9' }, 'past the proxy nobody is believed')
})

/** A proxy that does what the recipes say: Host is passed on, two headers are overwritten, one is removed. */
async function proxyTo (port: number, secured: boolean): Promise<http.Server> {
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const headers: OutgoingHttpHeaders = { ...incoming.headers, 'x-forwarded-proto': secured ? 'https' : 'http', 'x-forwarded-for': incoming.socket.remoteAddress }
    delete headers['x-forwarded-host']
    http.request({ host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers, agent: false }, (reply) => {
      outgoing.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(outgoing)
    }).end()
  }
  const server = secured ? https.createServer({ key, cert }, forward) : http.createServer(forward)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

show('behind-a-proxy.ts', async (t) => {
  const app = await behindAProxy()
  const port = await listen(t, app)
  const proxies = await Promise.all([proxyTo(port, false), proxyTo(port, true)])
  t.teardown(() => proxies.forEach((proxy) => proxy.close()))
  const [http, https] = proxies.map((proxy) => (proxy.address() as AddressInfo).port) as [number, number]
  const forged = ['x-forwarded-for: 6.6.6.6', 'x-forwarded-host: other.example', 'x-forwarded-proto: https', 'accept: text/html']

  const page = await plain(http, request('/', 'app.example', ...forged))
  t.match(page, { status: 308, headers: { location: ['https://app.example/'] } }, 'the header of the client does not count')
  const secured = await secure(https, request('/', 'app.example', ...forged))
  t.equal(secured.status, 200)
  t.same(JSON.parse(secured.body), { ip: '127.0.0.1', host: 'app.example', protocol: 'https' })
  t.ok('strict-transport-security' in secured.headers)
  t.equal((await secure(https, request('/', 'other.example'))).status, 421)
  t.equal((await plain(port, request('/health', '10.0.0.7:3000'))).status, 200)
  t.equal((await plain(http, request('/', 'localhost'))).status, 421, 'localhost is claimed in vain')
})

nothingLeftOut()
