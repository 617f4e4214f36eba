import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { session } from '../../plugins/session.ts'
import { FaultyStore } from '../lib/session/faulty-store.ts'
import { DAY, KEY, REMEMBER, site } from './remember-site.ts'

t.test('a remembered device signs in again, not fresh, with another token', async (t) => {
  const { signIn, clock, names } = await site(t)
  const browser = await signIn()
  const first = browser.token!
  t.match(first, /^v1\.[\w-]{6}\.[\w-]{22}\.0\.[\w-]{43}$/)
  t.match(await browser.send('/me'), { statusCode: 200, user: '42', fresh: true, remembered: false, setCookie: [] })
  t.equal(browser.token, first, 'not once a request')
  clock.pass(10 * DAY)
  const woken = await browser.ask('/me')
  t.match(woken, { statusCode: 200, user: '42', fresh: false, remembered: true })
  t.match(woken.setCookie.find((text) => text.startsWith(REMEMBER)), /^__Host-remember=v1\.[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  woken.take()
  t.not(browser.token, first)
  t.same(names(), ['session_expired absolute', 'session_remembered'])
  t.match(await browser.send('/fresh'), { statusCode: 401 })
  t.match(await browser.send('/me'), { user: '42', remembered: true, setCookie: [] }, 'once a session')
  await browser.send('/do/reauthenticate')
  t.match(await browser.send('/fresh'), { statusCode: 200, user: '42' })
  t.match(await browser.send('/me'), { fresh: true, remembered: false })
  t.match(await browser.close().send('/account'), { statusCode: 200, user: '42' }, 'the device is still remembered')
})

t.test('any route wakes it up, before its guard, and no route that is upgraded', async (t) => {
  const { signIn, app } = await site(t)
  app.get('/guarded', { config: { security: { session: { login: true, strict: true } } } }, async () => ({ user: 'in' }))
  const browser = await signIn()
  t.match(await browser.close().send('/guarded'), { statusCode: 200, user: 'in' })
  const unused = await browser.close().ask('/unused')
  t.equal(unused.setCookie.length, 2)
  unused.take()
  t.match(await browser.send('/me'), { user: '42' })
  const upgraded = await browser.close().send('/me', { upgrade: 'websocket', connection: 'upgrade' })
  t.match(upgraded, { user: null, setCookie: [] }, 'its reply could set no cookie')
  t.match(await browser.send('/me'), { user: '42' })
})

t.test('devices are listed and ended, each alone or all', async (t) => {
  const { signIn, app, clock } = await site(t)
  const since = clock.time
  const [laptop, phone] = [await signIn(), await signIn()]
  clock.pass(DAY)
  t.match(await app.sessions.list('42'), [{ isLive: false, label: 'Firefox', rememberedSince: since, lastSeenAt: since }, { isLive: false }])
  t.match(await laptop.send('/me'), { user: '42' })
  const list = await app.sessions.list('42')
  t.match(list, [{ isLive: true, label: 'Firefox', rememberedSince: since, createdAt: clock.time }, { isLive: false }])
  t.equal(list.length, 2)
  const before = list[0]!.sid
  await laptop.close().send('/me')
  t.equal((await app.sessions.list('42')).length, 2, 'a browser that was closed is no second device')
  t.equal(await app.sessions.revoke(before, { userId: '42' }), true, 'and its session from before can still be ended')
  t.match(await laptop.send('/me'), { user: null }, 'with the device')
  await laptop.send('/do/login/42')
  list[0] = (await app.sessions.list('42'))[0]!
  t.equal(await app.sessions.revoke(list[1]!.sid, { userId: '7' }), false)
  t.equal(await app.sessions.revoke(list[1]!.sid, { userId: '42' }), true)
  t.match(await phone.send('/me'), { user: null }, 'one that sleeps')
  t.equal(await app.sessions.revoke(list[0]!.sid, { userId: '42' }), true)
  t.match(await laptop.send('/me'), { user: null }, 'and one that is awake')
  t.match(await laptop.close().send('/me'), { user: null })
  t.same(await app.sessions.list('42'), [])
  const [mine, other] = [await signIn(), await signIn()]
  const except = (await app.sessions.list('42')).find(({ series }) => series === mine.token!.split('.')[2])!.sid
  t.equal(await app.sessions.revokeUser('42', { except }), 1)
  t.match(await mine.send('/me'), { user: '42' })
  t.match(await mine.close().send('/me'), { user: '42' }, 'the device of the exempted session is kept')
  t.match(await other.close().send('/me'), { user: null })
})

t.test('where devices are not remembered', async (t) => {
  for (const options of [{ remember: false as const }, { store: undefined as never }]) {
    const app = Fastify() as unknown as FastifyInstance
    t.teardown(() => app.close())
    const { store = new FaultyStore(Date.now), ...rest } = options as { store?: FaultyStore, remember?: false }
    await app.register(session, { keys: [KEY], ...'store' in options ? {} : { store }, ...rest })
    app.get('/', async (request) => { await request.session.login('42', { remember: true }); return '' })
    t.match((await app.inject('/')).json(), { statusCode: 500, code: 'BULWARK_ERR_SESSION_REMEMBER_OFF' })
    t.equal((await app.inject({ url: '/', headers: { cookie: `${REMEMBER}=x` } })).headers['set-cookie'], undefined)
  }
})
