import t from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { session } from '../../plugins/session.ts'
import { cookieOf } from '../lib/session/fixture.ts'
import { build, KEY } from './session-world.ts'

// Replies that are not those of an ordinary handler: a Response, one that leaves early, the 404 of an outer scope.

t.test('the caching that a Response says does not hold against a session', async (t) => {
  const app = await build(t)
  app.get('/response', (request) => {
    request.session.set('seen' as never, true as never)
    return new Response('for one visitor', { headers: { 'cache-control': 'public, max-age=600', vary: 'Accept', 'content-type': 'text/plain' } })
  })
  const reply = await app.inject('/response')
  t.match(reply, { statusCode: 200, body: 'for one visitor', headers: { 'cache-control': 'no-store', vary: 'Accept, Cookie', 'content-type': 'text/plain', 'set-cookie': /^__Host-session=/ } })
})

t.test('a login whose reply has left meanwhile leaves no device', async (t) => {
  const store = memoryStore()
  const admit = store.admit.bind(store)
  const replace = store.replace.bind(store)
  let leave = async (): Promise<void> => {}
  store.admit = async (...given) => { const answer = await admit(...given); await leave(); return answer }
  store.replace = async (...given) => { await replace(...given); await leave() }
  const outcomes: unknown[] = []
  const app = await build(t, { store, remember: {} })
  app.get('/in-time', async (request) => { await request.session.login('7') })
  for (const [name, change] of [['login', { remember: false }], ['remembered', { remember: true }], ['rotate', undefined]] as const) {
    app.get(`/${name}`, async (request, reply) => {
      const { session } = request
      t.equal(session.userId, name === 'rotate' ? '7' : undefined)
      leave = async () => {
        leave = async () => {}
        reply.send('gone')
      }
      outcomes.push(await (change === undefined ? session.rotate() : session.login('8', change)).catch(({ code }: { code: string }) => code))
      return reply
    })
  }
  for (const name of ['login', 'remembered']) {
    t.equal((await app.inject(`/${name}`)).body, 'gone')
    t.same(await app.sessions.list('8'), [], name)
  }
  const cookie = cookieOf((await app.inject('/in-time')).headers['set-cookie'])!
  t.equal((await app.sessions.list('7')).length, 1)
  t.equal((await app.inject({ url: '/rotate', headers: { cookie } })).body, 'gone')
  t.same(await app.sessions.list('7'), [], 'nobody has the session under its new id')
  t.same(outcomes, ['BULWARK_ERR_SESSION_LATE', 'BULWARK_ERR_SESSION_LATE', 'BULWARK_ERR_SESSION_LATE'])
})

t.test('who is signed in to a scope is nobody to the 404 of the application, which has sessions of its own', async (t) => {
  const app = await build(t, { cookie: { name: 'shop' } })
  const lates: unknown[] = []
  app.setNotFoundHandler(async ({ session, url }, reply) => {
    if (url === '/staff/gone') {
      await session.login('7').catch(({ code }: { code: string }) => lates.push(code))
      try { session.set('a' as never, 1 as never) } catch (error) { lates.push((error as { code: string }).code) }
    }
    return await reply.code(404).send({ user: session.userId ?? null, id: session.id ?? null })
  })
  await app.register(async (staff) => {
    await staff.register(session, { keys: [KEY], store: memoryStore(), cookie: { name: 'staff' } })
    staff.post('/login', async (request) => { await request.session.login('42') })
    staff.get('/me', async (request) => ({ user: request.session.userId ?? null }))
    staff.get('/gone', (request, reply) => {
      request.session.set('seen' as never, true as never)
      return reply.callNotFound()
    })
  }, { prefix: '/staff' })
  const cookie = cookieOf((await app.inject({ method: 'POST', url: '/staff/login' })).headers['set-cookie'])!
  t.same((await app.inject({ url: '/staff/me', headers: { cookie } })).json(), { user: '42' })
  const reply = await app.inject({ url: '/staff/gone', headers: { cookie } })
  t.match(reply, { statusCode: 404, headers: { 'set-cookie': /^__Host-staff=/, 'cache-control': 'no-store' } })
  t.same(reply.json(), { user: null, id: null })
  t.same((await app.inject({ url: '/staff/nowhere', headers: { cookie } })).json(), { user: null, id: null })
  t.same(lates, ['BULWARK_ERR_SESSION_LATE', 'BULWARK_ERR_SESSION_LATE'], 'what is written there is not lost without a word')
})
