import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { startAttacker } from '../../docs/demo/attacker.ts'
import { build } from '../../docs/demo/server.ts'

interface Answer { readonly money: number, readonly attempts: ReadonlyArray<Readonly<Record<string, unknown>>> }

t.test('without a listening server the room says that there is no attacker, and its own form works', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  const page = await app.inject('/csrf')
  t.match(page.body, 'The attacker’s server is not running')
  t.notMatch(page.body, '<iframe')
  const token = /name="_csrf" value="([\w-]{86})"/.exec(page.body)![1]!
  const cookie = page.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  t.equal((await app.inject({ method: 'POST', url: '/csrf/transfer-with-token?attempt=own', headers, payload: `_csrf=${token}` })).statusCode, 303)
  t.equal((await app.inject({ method: 'POST', url: '/csrf/transfer-with-token?attempt=own', headers, payload: '' })).statusCode, 403)
  const { money, attempts } = (await app.inject('/csrf/attempts')).json<Answer>()
  t.equal(money, 900)
  t.match(attempts, [{ attempt: 'own', status: 403, reason: 'no token' }, { attempt: 'own', status: 303, reason: '' }])
})

t.test('the attacker has a port of its own, and goes with the site', async (t) => {
  const app = await build()
  const address = await app.listen({ port: 0, host: 'localhost' })
  const { port } = app.server.address() as AddressInfo
  const page = await (await fetch(`http://localhost:${port}/csrf`)).text()
  const frames = [...page.matchAll(/<iframe src="(http:\/\/[^"]+)"/g)].map(([, source]) => new URL(source!))
  t.same(frames.map(({ hostname }) => hostname), ['127.0.0.1', 'localhost'])
  t.equal(new Set(frames.map((frame) => frame.port)).size, 1)
  t.not(frames[0]!.port, String(port))
  const attack = await (await fetch(frames[0]!)).text()
  t.match(attack, `const target = "http://localhost:${port}"`)
  t.match(await (await fetch(new URL('/?host=127.0.0.1', frames[0]))).text(), `const target = "http://127.0.0.1:${port}"`)
  t.match(await (await fetch(new URL('/?host=evil.test</script>', frames[0]))).text(), `const target = "http://localhost:${port}"`, 'nobody else is attacked')
  const policy = (await fetch(`${address}/csrf`)).headers.get('content-security-policy')
  for (const { origin } of frames) t.match(policy, origin)
  app.server.closeAllConnections()
  await app.close()
  await t.rejects(fetch(frames[0]!))
})

t.test('a site that is closed at once leaves no attacker behind', async (t) => {
  for (let round = 0; round < 5; round++) {
    const app = await build()
    await app.listen({ port: 0, host: 'localhost' })
    await app.close()
  }
  t.pass('and the process ends, since no server is left')
})

t.test('where no port can be had there is no attacker', async (t) => {
  t.equal(await startAttacker(3000, '192.0.2.1'), undefined)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const attacker = await startAttacker(3000, '127.0.0.1')
  t.not(attacker!.port, (taken.address() as AddressInfo).port)
  await attacker!.close()
})

t.test('the table has what the requests said, and not more than 40 rows', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  const evil = { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:1' }
  await app.inject({ method: 'POST', url: '/csrf/transfer?attempt=form', headers: evil })
  await app.inject({ url: `/csrf/transfer-by-link?attempt=${'x'.repeat(90)}`, headers: evil })
  const { money, attempts } = (await app.inject('/csrf/attempts')).json<Answer>()
  t.equal(money, 1000)
  t.match(attempts, [
    { attempt: /^x{80}$/, method: 'GET', fetchSite: 'cross-site', status: 403, reason: 'another site' },
    { attempt: 'form', method: 'POST', contentType: '—', origin: 'http://127.0.0.1:1', status: 403 }
  ])
  for (let count = 0; count < 60; count++) await app.inject({ method: 'POST', url: '/csrf/transfer?attempt=form', headers: evil })
  t.equal((await app.inject('/csrf/attempts')).json<Answer>().attempts.length, 40)
})

t.test('a request for another protocol, wherever it goes, leaves no connection behind', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const connections = promisify(app.server.getConnections.bind(app.server))
  for (const path of ['/', '/session', '/nowhere', '/csrf/transfer', '/public/style.css']) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`)
    await once(socket, 'data')
    socket.destroy()
    while (await connections() > 0) await sleep(5)
    t.pass(path)
  }
})
