import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../browser/certificate.ts'
import { ask, follow, joined, MOST_REDIRECTS, parseAddress, plainAddress, targetOf, valuesOf, type FetchOptions } from '../../../lib/cli/fetch-reply.ts'

const options = (timeout: number = 10, isInsecure: boolean = false): FetchOptions => ({ signal: AbortSignal.timeout(timeout * 1000), timeout, isInsecure })

async function listening (t: Test, server: Server, scheme: string = 'http'): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

async function serving (t: Test, listener: RequestListener): Promise<URL> {
  return await listening(t, createServer(listener))
}

const addresses: Array<[text: string, href: string]> = [
  ['example.test', 'https://example.test/'],
  ['example.test:8443/a?b#c', 'https://example.test:8443/a?b'],
  ['http://EXAMPLE.test', 'http://example.test/'],
  ['http://[::1]:80/', 'http://[::1]/']
]
for (const [text, href] of addresses) t.test(`${text} is ${href}`, async (t) => t.equal(parseAddress(text).href, href))

t.test('the same page over plain http', async (t) => {
  t.equal(plainAddress(new URL('https://a.test/b?c'))?.href, 'http://a.test/b')
  t.equal(plainAddress(new URL('https://[::1]/'))?.href, 'http://[::1]/')
  t.equal(plainAddress(new URL('https://a.test:8443/')), undefined)
})

t.test('what is no address, or holds credentials, is refused without being repeated', async (t) => {
  for (const text of ['', 'ftp://a.test', 'file:///etc/passwd', 'http://', 'https://a b']) t.throws(() => parseAddress(text), { message: 'Expected an address of http or https.' }, text)
  for (const text of ['https://user:secret@a.test', 'user@a.test']) {
    t.throws(() => parseAddress(text), { name: 'CommandError', message: 'The address holds a name or a password, and this program sends none: leave it out.' })
  }
})

t.test('it asks by HEAD, sends no credentials, and reads every header in its order', async (t) => {
  const seen: IncomingMessage[] = []
  const url = await serving(t, (request, response) => {
    seen.push(request)
    response.writeHead(200, ['X-B', '1', 'Set-Cookie', 'a=1', 'x-b', '2', 'set-cookie', 'b=2']).end()
  })
  const [reply] = await follow(url, options())
  t.match(reply, { method: 'HEAD', status: 200, isVerified: true })
  t.same(reply!.pairs.slice(0, 4), [['X-B', '1'], ['Set-Cookie', 'a=1'], ['x-b', '2'], ['set-cookie', 'b=2']])
  t.equal(joined(reply!.pairs).get('x-b'), '1, 2')
  t.same(valuesOf(reply!.pairs, 'set-cookie'), ['a=1', 'b=2'])
  t.same(seen.map(({ method, headers }) => [method, headers.cookie, headers.authorization]), [['HEAD', undefined, undefined]])
})

for (const status of [405, 501]) {
  t.test(`where HEAD is answered with ${status}, it asks by GET and does not wait for the body`, async (t) => {
    const url = await serving(t, (request, response) => {
      if (request.method === 'HEAD') response.writeHead(status).end()
      else response.writeHead(200, { 'x-a': '1' }).write('a body without an end')
    })
    const replies = await follow(url, options())
    t.match(replies, [{ method: 'GET', status: 200 }])
  })
}

t.test('redirects are followed and told, without what cookies and addresses would bring along', async (t) => {
  const seen: Array<string | undefined> = []
  const url = await serving(t, ({ url, headers }, response) => {
    seen.push(`${url} ${headers.cookie} ${headers.authorization}`)
    if (url === '/') response.writeHead(302, { location: `http://user:secret@${headers.host}/next`, 'set-cookie': 'a=1' })
    response.end()
  })
  const replies = await follow(url, options())
  t.same(replies.map(({ url: { pathname }, status }) => [pathname, status]), [['/', 302], ['/next', 200]])
  t.same(seen, ['/ undefined undefined', '/next undefined undefined'])
})

t.test('redirects without an end are followed ten times', async (t) => {
  const url = await serving(t, (_request, response) => response.writeHead(307, { location: '/' }).end())
  const replies = await follow(url, options())
  t.equal(replies.length, MOST_REDIRECTS + 1)
  t.ok(targetOf(replies.at(-1)!))
})

t.test('what leads to no address of http is not followed', async (t) => {
  for (const location of ['file:///etc/passwd', 'javascript:alert(1)', 'http://[', '']) {
    const url = await serving(t, (_request, response) => response.writeHead(301, location === '' ? {} : { location }).end())
    t.equal((await follow(url, options())).length, 1, location)
  }
  const url = await serving(t, (_request, response) => response.writeHead(200, { location: '/elsewhere' }).end())
  t.equal((await follow(url, options())).length, 1, 'a Location that is no redirect')
})

t.test('a certificate that is not valid is told, and passed over when that is wished', async (t) => {
  const url = await listening(t, createSecureServer(makeCertificate(), (_request, response) => response.end()), 'https')
  await t.rejects(follow(url, options()), { name: 'CommandError', message: /^The certificate of 127\.0\.0\.1:\d+ is not valid \(.+\): --insecure/ })
  t.match(await follow(url, options(10, true)), [{ status: 200, isVerified: false }])
})

async function raw (t: Test, listener: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>()
  const url = await listening(t, createSocketServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    listener(socket)
  }))
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  return url
}

t.test('whatever a server does, it ends in a sentence', async (t) => {
  const gone = await raw(t, (socket) => socket.destroy())
  const silent = await raw(t, () => {})
  const trickling = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x: y\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const huge = await raw(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`))
  const other = await raw(t, (socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
  const switching = await raw(t, (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'))
  const closed = createServer()
  const nobody = await listening(t, closed)
  closed.close()
  const cases: Array<[url: URL, timeout: number, message: RegExp]> = [
    [gone, 10, /^127\.0\.0\.1:\d+ cannot be asked \(socket hang up\)\.$/],
    [silent, 0.1, /^127\.0\.0\.1:\d+ gave no reply within 0\.1 seconds \(--timeout\)\.$/],
    [silent, 1, /within 1 second \(/],
    [trickling, 0.2, /gave no reply/],
    [huge, 10, /^The headers of 127\.0\.0\.1:\d+ are larger than 65536 bytes\.$/],
    [other, 10, /^127\.0\.0\.1:\d+ does not answer with HTTP \(/],
    [switching, 10, /^127\.0\.0\.1:\d+ cannot be asked \(.+\)\.$/],
    [new URL(`https://${other.host}/`), 10, /^127\.0\.0\.1:\d+ does not answer with TLS: is it http:\/\/127\.0\.0\.1:\d+ that is meant\?$/],
    [nobody, 10, /^Nothing listens on 127\.0\.0\.1:\d+ for http\.$/],
    [new URL('http://nobody.invalid/'), 10, /^The host nobody\.invalid cannot be found\.$/]
  ]
  for (const [url, timeout, message] of cases) await t.rejects(ask(url, 'HEAD', {}, options(timeout)), { name: 'CommandError', message })
})
