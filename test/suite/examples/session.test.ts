import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { build as data } from '../../../docs/examples/session/data.ts'
import { build as devices } from '../../../docs/examples/session/devices.ts'
import { build as events } from '../../../docs/examples/session/events.ts'
import { build as keyRotation } from '../../../docs/examples/session/key-rotation.ts'
import { build as migrationAfter } from '../../../docs/examples/session/migration-after.ts'
import { build as rawReply } from '../../../docs/examples/session/raw-reply.ts'
import { build as requirements } from '../../../docs/examples/session/requirements.ts'
import { build as withRedis } from '../../../docs/examples/session/with-redis.ts'
import { generateKey } from '../../../lib/keys.ts'
import { cookieOf } from '../../lib/session/fixture.ts'
import { skip as skipRedis, startRedis } from '../../services/redis-server.ts'
import { examplesOf, startProgram } from './example.ts'

const { folder, compiled, show, nothingLeftOut } = examplesOf('session')

type Method = 'GET' | 'POST' | 'DELETE'
interface Answer { readonly statusCode: number, readonly body: string, readonly location: string | undefined, readonly text: string }

/** A browser of one application: it keeps cookies. */
function browser (t: Test, app: FastifyInstance): { jar: Map<string, string>, send (method: Method, url: string, payload?: object): Promise<Answer> } {
  t.teardown(() => app.close())
  const jar = new Map<string, string>()
  return {
    jar,
    async send (method, url, payload) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const reply = await app.inject({ method, url, headers: { accept: 'text/html', ...cookie !== '' && { cookie } }, ...payload !== undefined && { payload } })
      for (const text of [reply.headers['set-cookie'] ?? []].flat()) {
        const [name, value] = text.split(';')[0]!.split('=') as [string, string]
        if (text.includes('Max-Age=0')) jar.delete(name)
        else jar.set(name, value)
      }
      return { statusCode: reply.statusCode, body: reply.body, location: reply.headers.location, text: reply.body }
    }
  }
}

/** Sign in, copy the cookie, sign out, try the copy. */
async function endsAtLogout (t: Test, app: FastifyInstance): Promise<void> {
  const { jar, send } = browser(t, app)
  t.equal((await send('GET', '/me')).statusCode, 401)
  t.equal((await send('POST', '/login')).statusCode, 200)
  t.same(JSON.parse((await send('GET', '/me')).body), { user: '42' })
  const copy = new Map(jar)
  t.equal((await send('POST', '/logout')).statusCode, 200)
  t.equal(jar.size, 0)
  for (const [name, value] of copy) jar.set(name, value)
  t.equal((await send('GET', '/me')).statusCode, 401, 'the copy is dead')
}

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'))
  const login = await fetch(`${address}/login`, { method: 'POST' })
  const cookie = cookieOf(login.headers.getSetCookie())!
  t.same(await (await fetch(`${address}/me`, { headers: { cookie } })).json(), { user: '42' })
  await fetch(`${address}/logout`, { method: 'POST', headers: { cookie } })
  t.equal((await fetch(`${address}/me`, { headers: { cookie } })).status, 401)
  t.ok(readFileSync(new URL('quick-start.ts', folder), 'utf8').trimEnd().split('\n').filter((line) => line !== '').length <= 15, 'it has 15 lines at most')
})

show('with-redis.ts', async (t) => {
  await t.test('on a real server', { skip: skipRedis }, async (t) => {
    const server = await startRedis()
    t.teardown(() => server.close())
    const client = new Redis(server.port, '127.0.0.1')
    t.teardown(() => client.disconnect())
    process.env['SESSION_KEY'] = generateKey()
    const one = await withRedis(client)
    await endsAtLogout(t, one)
    const two = browser(t, await withRedis(client))
    const first = browser(t, one)
    await first.send('POST', '/login')
    for (const [name, value] of first.jar) two.jar.set(name, value)
    t.equal((await two.send('GET', '/me')).statusCode, 200, 'a login on one process holds on the other')
  })
})

show('data.ts', async (t) => {
  const { send, jar } = browser(t, await data())
  t.same(JSON.parse((await send('POST', '/cart/tea')).body), { items: 1 })
  await send('POST', '/cart/milk')
  await send('POST', '/dark')
  await send('POST', '/login')
  t.same(JSON.parse((await send('GET', '/cart')).body), { cart: ['tea', 'milk'] }, 'what is kept survives the login')
  t.same(JSON.parse((await send('DELETE', '/cart')).body), { wasThere: true })
  t.same(JSON.parse((await send('DELETE', '/cart')).body), { wasThere: false })
  t.equal((await send('POST', '/save')).location, '/saved')
  t.equal(jar.size, 2)
  t.same(JSON.parse((await send('GET', '/saved')).body), { notice: 'Saved.' })
  t.same(JSON.parse((await send('GET', '/saved')).body), { notice: 'Nothing new.' })
})

show('requirements.ts', async (t) => {
  const { send } = browser(t, await requirements(async (password) => password === 'right'))
  t.equal((await send('GET', '/account')).location, '/login?next=%2Faccount')
  t.match((await send('GET', '/login')).body, '<form')
  t.equal((await send('POST', '/login?next=%2Faccount', { password: 'wrong' })).location, '/login')
  t.equal((await send('POST', '/login?next=https%3A%2F%2Fevil.test', { password: 'right' })).location, '/')
  t.equal((await send('POST', '/login?next=%2Faccount', { password: 'right' })).location, '/account')
  t.equal((await send('GET', '/account')).body, 'Account of 42')
  t.equal((await send('POST', '/email')).body, 'changed')
  t.equal((await send('POST', '/payment')).body, 'paid')
  t.equal((await send('POST', '/confirm', { password: 'wrong' })).statusCode, 403)
  t.equal((await send('POST', '/confirm', { password: 'right' })).body, 'confirmed')
  t.equal((await send('GET', '/account')).body, 'Account of 42')
})

show('devices.ts', async (t) => {
  const app = await devices()
  const phone = browser(t, app)
  const laptop = browser(t, app)
  await phone.send('POST', '/login?label=Phone')
  await laptop.send('POST', '/login?label=Laptop')
  const list = JSON.parse((await laptop.send('GET', '/devices')).body) as Array<{ sid: string, label: string, isThis: boolean }>
  t.same(list.map(({ label, isThis }) => [label, isThis]).sort(), [['Laptop', true], ['Phone', false]])
  t.equal((await laptop.send('DELETE', '/devices/nobody')).statusCode, 404)
  t.equal((await laptop.send('DELETE', `/devices/${list.find(({ isThis }) => !isThis)!.sid}`)).statusCode, 204)
  t.equal((await phone.send('GET', '/devices')).statusCode, 401)
  await phone.send('POST', '/login?label=Phone')
  t.same(JSON.parse((await laptop.send('POST', '/password')).body), { ended: 1 })
  t.equal((await phone.send('GET', '/devices')).statusCode, 401)
  await laptop.send('POST', '/logout-everywhere')
  t.equal((await laptop.send('GET', '/devices')).statusCode, 401)
  t.equal((await phone.send('POST', '/login?label=a&label=b')).statusCode, 400, 'what came twice is no fault of the server')
  t.equal((await phone.send('POST', '/login')).statusCode, 200)
})

show('key-rotation.ts', async (t) => {
  const [old, next] = [generateKey(), generateKey()]
  const first = browser(t, await keyRotation(old))
  await first.send('POST', '/login')
  const second = browser(t, await keyRotation(`${next},${old}`))
  for (const [name, value] of first.jar) second.jar.set(name, value)
  t.same(JSON.parse((await second.send('GET', '/me')).body), { user: '42' }, 'nobody is logged out')
  const third = browser(t, await keyRotation(next))
  for (const [name, value] of first.jar) third.jar.set(name, value)
  t.same(JSON.parse((await third.send('GET', '/me')).body), { user: null }, 'until the old key goes')
})

show('events.ts', async (t) => {
  const alarms: unknown[] = []
  const { jar, send } = browser(t, await events((event) => alarms.push(event)))
  jar.set('__Host-session', `${'A'.repeat(100)}.${'A'.repeat(32)}`)
  await send('GET', '/')
  t.match(alarms, [{ name: 'session_cookie_refused', reason: 'forged' }])
})

show('raw-reply.ts', async (t) => {
  const app = await rawReply()
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const cookie = cookieOf((await fetch(`${address}/login`, { method: 'POST' })).headers.getSetCookie())!
  const stream = await fetch(`${address}/ticks`, { headers: { cookie } })
  t.match(stream.headers.getSetCookie(), [/^__Host-session-flash=/])
  const reader = stream.body!.getReader()
  t.match(Buffer.from((await reader.read()).value!).toString(), 'data: tick')
  await fetch(`${address}/logout`, { method: 'POST', headers: { cookie } })
  while (!(await reader.read()).done);
  t.pass('the stream ends with the session')
})

show('migration-before.mjs', async (t) => {
  process.env['SESSION_KEY'] = Buffer.from(generateKey(), 'base64url').toString('hex')
  const { build } = await import(new URL('migration-before.mjs', folder).href) as { build (): Promise<FastifyInstance> }
  const { jar, send } = browser(t, await build())
  await send('POST', '/login')
  const copy = new Map(jar)
  await send('POST', '/logout')
  for (const [name, value] of copy) jar.set(name, value)
  t.equal((await send('GET', '/me')).statusCode, 200, 'a copy of the cookie still works, as the page says')
})

show('migration-after.ts', async (t) => {
  process.env['SESSION_KEY'] = Buffer.from(generateKey(), 'base64url').toString('hex')
  await endsAtLogout(t, await migrationAfter())
})

nothingLeftOut()
