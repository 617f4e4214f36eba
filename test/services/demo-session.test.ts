import t, { type Test } from 'tap'
import { PASSWORDS } from '../../docs/demo/people.ts'
import { build } from '../../docs/demo/server.ts'
import { cookieOf } from '../lib/session/fixture.ts'
import { skip as skipPostgres, startPostgres } from './postgres-server.ts'
import { skip as skipRedis, startRedis } from './redis-server.ts'
import type { Server } from './server.ts'

/** The room *Sessions* with the store that a variable of the environment names. */
async function inTheRoom (t: Test, variable: string, url: string, name: string, server: Server): Promise<void> {
  process.env[variable] = url
  const app = await build().finally(() => { delete process.env[variable] })
  t.teardown(() => app.close())
  const post = async (url: string, form: Record<string, string>, cookie = ''): Promise<{ statusCode: number, cookie: string }> => {
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await app.inject({ method: 'POST', url, headers, payload: new URLSearchParams(form).toString() })
    return { statusCode: reply.statusCode, cookie: [reply.headers['set-cookie'] ?? []].flat().map((text) => cookieOf(text) ?? '').find((text) => text.startsWith('__Host-session=')) ?? '' }
  }
  const page = async (cookie: string): Promise<string> => (await app.inject({ url: '/session', headers: { cookie } })).body
  const whoami = async (cookie: string): Promise<unknown> => (await app.inject({ url: '/session/whoami', headers: { cookie } })).json()
  const signIn = async (label: string): Promise<string> => (await post('/session/login', { name: 'Ada', password: PASSWORDS['Ada']!, label })).cookie

  const [first, second] = [await signIn('First device'), await signIn('Second device')]
  const shown = await page(first)
  t.match(shown, `kept in ${name}`)
  for (const label of ['First device', 'Second device']) t.match(shown, label)
  t.equal((await post('/session/logout', {}, first)).statusCode, 303)
  t.same(await whoami(first), { user: null }, 'the old cookie is dead')
  t.same(await whoami(second), { user: 'Ada' })
  t.notMatch(await page(second), 'First device')
  t.equal((await post('/session/logout', { everywhere: '' }, await signIn('Third device'))).statusCode, 303)
  t.same(await whoami(second), { user: null }, 'and so is that of every device')

  const fourth = await signIn('Fourth device')
  await server.kill()
  t.match(await page(fourth), 'The store cannot be asked at the moment')
  t.match(await page(fourth), 'You are Ada', 'the page is there without it')
}

t.test('REDIS_URL', { skip: skipRedis }, async (t) => {
  const server = await startRedis()
  t.teardown(() => server.close())
  await inTheRoom(t, 'REDIS_URL', `redis://127.0.0.1:${server.port}`, 'Redis', server)
})

t.test('DATABASE_URL', { skip: skipPostgres }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  await inTheRoom(t, 'DATABASE_URL', `postgres://bulwark@127.0.0.1:${server.port}/postgres`, 'PostgreSQL', server)
})
