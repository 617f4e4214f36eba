import http, { type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { withholdCookies } from '../../../lib/transport/cookie-net.ts'

type Write = (response: http.ServerResponse) => void

/** What a client gets of a response from which cookies are kept back, and how often that was told. */
async function receive (t: Test, write: Write): Promise<{ status: number, headers: http.IncomingHttpHeaders, body: string, told: number }> {
  let told = 0
  const server = http.createServer((_request, response) => {
    withholdCookies(response, () => { told++ })
    withholdCookies(response, () => { told += 100 })
    write(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return await new Promise((resolve, reject) => {
    http.get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body, told }))
    }).on('error', reject)
  })
}

const ways: Array<[what: string, write: Write, told?: number]> = [
  ['setHeader, and implicit headers', (response) => { response.setHeader('Set-Cookie', 'a=b').setHeader('x-other', '1').end('body') }],
  ['setHeader with several', (response) => { response.setHeader('set-cookie', ['a=b', 'c=d']).setHeader('x-other', '1').write('bo'); response.end('dy') }],
  ['appendHeader', (response) => { response.appendHeader('set-cookie', 'a=b').setHeader('x-other', '1').end('body') }],
  ['writeHead with an object', (response) => { response.writeHead(200, { 'Set-Cookie': 'a=b', 'x-other': '1' }).end('body') }],
  ['writeHead with a reason and an object', (response) => { response.writeHead(200, 'Fine', { 'set-cookie': ['a=b'], 'x-other': '1' } as OutgoingHttpHeaders).end('body') }],
  ['writeHead with a flat list', (response) => { response.writeHead(200, ['x-other', '1', 'SET-COOKIE', 'a=b']).end('body') }],
  ['writeHead with pairs', (response) => { response.writeHead(200, [['Set-Cookie', 'a=b'], ['x-other', '1']] as unknown as OutgoingHttpHeader[]).end('body') }],
  ['both', (response) => { response.setHeader('set-cookie', 'a=b').writeHead(200, { 'set-cookie': 'c=d', 'x-other': '1' }).end('body') }],
  ['flushHeaders', (response) => { response.setHeader('set-cookie', 'a=b').setHeader('x-other', '1').flushHeaders(); response.end('body') }],
  ['none, in an object', (response) => { response.writeHead(200, { 'x-other': '1' }).end('body') }, 0],
  ['none, in a flat list, where a value is called like it', (response) => { response.writeHead(200, ['x-other', '1', 'x-name', 'set-cookie']).end('body') }, 0],
  ['none, in pairs', (response) => { response.writeHead(200, [['x-other', '1']] as unknown as OutgoingHttpHeader[]).end('body') }, 0],
  ['none at all', (response) => { response.setHeader('x-other', '1').end('body') }, 0],
  ['null for headers', (response) => { response.setHeader('x-other', '1').writeHead(200, null as unknown as OutgoingHttpHeaders).end('body') }, 0]
]

for (const [what, write, told = 1] of ways) {
  t.test(`cookies are kept back: ${what}`, async (t) => {
    const received = await receive(t, write)
    t.match(received, { status: 200, body: 'body', told })
    t.equal(received.headers['x-other'], '1', 'everything else is there')
    t.notOk('set-cookie' in received.headers)
  })
}

t.test('cookies are kept back over HTTP/2', async (t) => {
  let told = 0
  const server = http2.createServer((request, response) => {
    withholdCookies(response, () => { told++ })
    response.setHeader('set-cookie', 'a=b')
    response.setHeader('x-other', '1')
    if (request.url === '/head') response.writeHead(200, { 'set-cookie': 'c=d' })
    if (request.url === '/write') response.write('bo')
    response.end(request.url === '/write' ? 'dy' : 'body')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.teardown(() => session.destroy())
  for (const path of ['/head', '/write', '/end']) {
    const headers = await new Promise<http2.IncomingHttpHeaders>((resolve) => session.request({ ':path': path }).on('response', resolve).resume())
    t.equal(headers['x-other'], '1', path)
    t.notOk('set-cookie' in headers, path)
  }
  t.equal(told, 3)
})

t.test('what was given is not changed', async (t) => {
  const headers = { 'Set-Cookie': 'a=b' }
  await receive(t, (response) => { response.writeHead(200, headers).end() })
  t.same(headers, { 'Set-Cookie': 'a=b' })
})
