import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { session, type SessionOptions } from '../../plugins/session.ts'
import { importPlugin } from './untyped-plugin.ts'
import { KEY, NAME, site } from './session-site.ts'

// The faults of @fastify/secure-session 8.4.0, each tried there, and each contained here: one test a fault.

t.test('1: no write moves the absolute limit', async (t) => {
  const { visit, clock } = await site(t, { absolute: 3600 })
  let { cookie } = await visit('/login')
  for (let minute = 0; minute < 59; minute++) {
    clock.pass(60);
    ({ cookie } = await visit(`/set?key=a&value=${minute}`, cookie))
  }
  t.equal((await visit('/user', cookie)).body, '42')
  clock.pass(60)
  t.equal((await visit('/user', cookie)).body, 'nobody')
})

t.test('2: reading extends the idle limit, and nothing extends it beyond the absolute one', async (t) => {
  const { visit, clock } = await site(t)
  let { cookie } = await visit('/login')
  for (let turn = 0; turn < 10; turn++) {
    clock.pass(1700);
    ({ cookie } = await visit('/user', cookie))
  }
  t.equal((await visit('/user', cookie)).body, '42', 'an active reader is not logged out')
  clock.pass(1801)
  t.equal((await visit('/user', cookie)).body, 'nobody')
})

t.test('3: a copied cookie is dead after the logout', async (t) => {
  for (const options of [{}, { store: memoryStore() }]) {
    const { visit } = await site(t, options)
    const { cookie } = await visit('/login')
    await visit('/logout', cookie)
    t.equal((await visit('/user', cookie)).body, 'nobody')
  }
})

t.test('4: the cookie of one name, or of another purpose, means nothing in the place of another', async (t) => {
  const prefs = await site(t, { cookie: { name: 'prefs' } })
  const admin = await site(t, { cookie: { name: 'admin' } })
  const { cookie } = await prefs.visit('/login')
  t.equal((await admin.visit('/user', cookie!.replace('prefs', 'admin'))).body, 'nobody')
  const flash = await site(t)
  flash.app.get('/flash', async (request) => { request.session.flash('uid', '42'); return '' })
  const message = await flash.visit('/flash')
  t.equal((await flash.visit('/user', message.cookie!.replace('-flash', ''))).body, 'nobody')
  t.match(flash.events.at(-1), { name: 'session_cookie_refused', reason: 'forged' })
})

t.test('5: a value has one spelling', async (t) => {
  const { visit } = await site(t)
  const { cookie } = await visit('/login')
  const [cipher, nonce] = cookie!.slice(NAME.length + 1).split('.') as [string, string]
  t.equal((await visit('/user', `${NAME}=${cipher}.${nonce}`)).body, '42')
  const spellings = [`${cipher}.${nonce};junk`.replace(';', '%3B'), `${cipher}.${nonce}=`, `${cipher}=.${nonce}`, `!!${cipher}.${nonce}`, `${cipher}%3B${nonce}`, `"${cipher}.${nonce}"`, `${cipher} .${nonce}`,
    encodeURIComponent(`${Buffer.from(cipher, 'base64url').toString('base64')};${Buffer.from(nonce, 'base64url').toString('base64')}`)]
  for (const value of spellings) t.equal((await visit('/user', `${NAME}=${value}`)).body, 'nobody', value.slice(0, 10))
})

t.test('6: Path, Secure, HttpOnly, SameSite and the prefix are there by default', async (t) => {
  const { visit } = await site(t)
  t.match((await visit('/login')).setCookie, [/^__Host-session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/])
})

t.test('7: every key is checked at start, not the first one alone', async (t) => {
  for (const bad of ['', 'short', KEY, 'A'.repeat(43), undefined as unknown as string]) {
    const app = Fastify()
    app.register(session, { keys: [KEY, bad] })
    await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_SESSION_KEY_INVALID', message: /^session\.keys\[1\]/ })
  }
})

t.test('8: what a holder of the key sealed oddly is no session, and no 5xx', async (t) => {
  const { visit, app, events } = await site(t)
  // The codec under the key of this application, as only its holder has it.
  const { KeyRing } = await import('../../lib/keys.ts')
  const key = new KeyRing([KEY], 'keys', 'BULWARK_ERR_SESSION_KEY_INVALID').derive(`session/${NAME}`)[0]!
  const { default: sodium } = await import('sodium-native' as string) as { default: Record<string, (...buffers: Buffer[]) => void> }
  const seal = (text: string): string => {
    const message = Buffer.from(text)
    const nonce = Buffer.alloc(24, text.length)
    const cipher = Buffer.alloc(message.length + 16)
    sodium['crypto_secretbox_easy']!(cipher, message, nonce, key)
    return `${NAME}=${cipher.toString('base64url')}.${nonce.toString('base64url')}`
  }
  const now = 1_700_000_000_000
  const whole = { v: 1, sid: 'A'.repeat(22), iat: now, seen: now, fresh: true, uid: '42', d: {} }
  t.equal((await visit('/user', seal(JSON.stringify({ e: whole, __ts: 9_999_999_999 })))).body, '42', 'this is how it is done')
  const odd = ['hello', 'null', '1', '"x"', '', '[]', '{}', '{"__ts":"abc"}', '{"e":1}', '{"e":null,"__ts":9999999999}', '{"e":{"v":1},"__ts":9999999999}',
    ...[{ v: 2 }, { sid: 'x' }, { iat: 'x' }, { seen: -1 }, { uid: 1 }, { uid: '' }, { d: null }, { d: [] }, { fresh: 'yes' }, { auth: 'x' }].map((change) => JSON.stringify({ e: { ...whole, ...change }, __ts: 9_999_999_999 }))]
  for (const text of odd) {
    const reply = await visit('/user', seal(text))
    t.same([reply.statusCode, reply.body], [200, 'nobody'], text)
    t.match(reply.setCookie, [/Max-Age=0/], text)
  }
  const polluting = await visit('/get', seal(`{"e":${JSON.stringify(whole).replace('"d":{}', '"d":{"__proto__":{"isAdmin":true}}')},"__ts":9999999999}`))
  t.equal(polluting.statusCode, 200)
  t.notOk('isAdmin' in {})
  t.ok(events.length > odd.length - 1)
  t.equal((await app.inject('/unused')).statusCode, 200)
})

t.test('9: no name of the application reaches our fields or the codec\'s', async (t) => {
  const { visit, clock } = await site(t)
  let { cookie } = await visit('/login')
  for (const key of ['__ts', 'iat', 'seen', 'uid', 'sid', 'v', 'd', 'e', 'fresh', 'auth', 'changed', 'deleted']) ({ cookie } = await visit(`/set?key=${key}&value=9999999999999`, cookie))
  t.equal((await visit('/user', cookie)).body, '42')
  clock.pass(1801)
  t.equal((await visit('/user', cookie)).body, 'nobody', 'nobody is immortal')
})

t.test('10: what is deleted is gone, and nothing of the session itself is among its data', async (t) => {
  const { visit } = await site(t)
  const { cookie } = await visit('/set?key=role&value=admin')
  const gone = await visit('/delete?key=role', cookie)
  t.same(JSON.parse(gone.body), { was: true, has: false })
  t.same(JSON.parse((await visit('/get', gone.cookie)).body), { data: {} })
  t.same(JSON.parse((await visit('/delete?key=changed', gone.cookie)).body), { was: false, has: false })
  const { app } = await site(t)
  app.get('/print', async (request) => { request.session.set('a' as never, 'secret' as never); return { keys: Object.keys(request.session), text: JSON.stringify(request.session) } })
  t.same((await app.inject('/print')).json(), { keys: [], text: '{}' }, 'printing a session gives nothing away')
})

t.test('11: a change deep inside is refused where it is made, and so is what JSON cannot hold', async (t) => {
  const { app } = await site(t)
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  app.get('/deep', async (request) => {
    const current = request.session as unknown as { get (key: string): unknown, set (key: string, value: unknown): unknown }
    current.set('list', [1])
    const codes: unknown[] = []
    for (const attempt of [() => (current.get('list') as number[]).push(2), () => current.set('a', 1n), () => current.set('a', cycle), () => current.set('a', () => 1)]) {
      try {
        attempt()
      } catch (error) {
        codes.push((error as { code?: string }).code ?? (error as Error).name)
      }
    }
    return codes
  })
  const reply = await app.inject('/deep')
  t.equal(reply.statusCode, 200)
  t.same(reply.json(), ['TypeError', 'BULWARK_ERR_SESSION_VALUE_INVALID', 'BULWARK_ERR_SESSION_VALUE_INVALID', 'BULWARK_ERR_SESSION_VALUE_INVALID'])
})

t.test('12: what is set after a logout is kept, in another session', async (t) => {
  const { visit, app } = await site(t)
  app.get('/bye', async (request) => {
    await request.session.logout()
    request.session.set('theme' as never, 'dark' as never)
    request.session.flash('notice', 'bye')
    return ''
  })
  const { cookie } = await visit('/login')
  const after = await visit('/bye', cookie)
  t.same([(await visit('/user', after.cookie)).body, JSON.parse((await visit('/get', after.cookie)).body)], ['nobody', { data: { theme: 'dark' } }])
})

t.test('13: a bad, tampered or expired cookie is told and cleared', async (t) => {
  const { visit, clock, events } = await site(t)
  const { cookie } = await visit('/login')
  const tampered = `${NAME}=${cookie![NAME.length + 1] === 'A' ? 'B' : 'A'}${cookie!.slice(NAME.length + 2)}`
  for (const [value, name] of [[`${NAME}=x`, 'session_cookie_refused'], [tampered, 'session_cookie_refused']] as const) {
    t.match((await visit('/user', value)).setCookie, [/^__Host-session=; Max-Age=0/])
    t.match(events.at(-1), { name })
  }
  clock.pass(1801)
  t.match((await visit('/user', cookie)).setCookie, [/^__Host-session=; Max-Age=0/])
  t.match(events.at(-1), { name: 'session_expired', reason: 'idle' })
})

t.test('14: of two cookies of one name none is believed', async (t) => {
  const { visit, events } = await site(t)
  const [mine, attackers] = [(await visit('/login')).cookie!, (await visit('/login')).cookie!]
  for (const header of [`${attackers}; ${mine}`, `${mine}; ${attackers}`, `${NAME}=garbage; ${mine}`, `${mine}; ${NAME}=`]) {
    t.equal((await visit('/user', header)).body, 'nobody')
    t.match(events.at(-1), { name: 'session_cookie_refused', reason: 'repeated' })
  }
  t.equal((await visit('/user', `other=1; ${mine}; last=2`)).body, '42')
})

t.test('15: there is no option that only looks like a signature', async (t) => {
  const app = Fastify()
  app.register(session, { keys: [KEY], cookie: { signed: true } as never })
  await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_SESSION_OPTION_UNKNOWN' })
})

t.test('16: @fastify/cookie with another hook is refused at start', async (t) => {
  for (const hook of [false, 'preParsing', 'preValidation', 'preHandler'] as const) {
    for (const isFirst of [true, false]) {
      const app = Fastify()
      const steps = [() => app.register(fastifyCookie, { hook }), () => app.register(session, { keys: [KEY] })]
      for (const step of isFirst ? steps : steps.reverse()) step()
      await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_SESSION_COOKIE_INVALID', message: /onRequest[^]*Leave the option out/ }, `${hook}, ${isFirst ? 'before' : 'after'}`)
    }
  }
  for (const isFirst of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    const steps = [() => app.register(fastifyCookie), () => app.register(session, { keys: [KEY] })]
    for (const step of isFirst ? steps : steps.reverse()) await step()
    app.get('/', async (request, reply) => { reply.setCookie('own', '1'); await request.session.login('42'); return request.cookies })
    const reply = await app.inject({ url: '/', headers: { cookie: 'a=1' } })
    t.same(reply.json(), { a: '1' })
    t.equal([reply.headers['set-cookie']].flat().length, 2, 'both cookies are set')
  }
})

t.test('17: it may stand beside secure-session itself; a hijacked reply is documented, and errors keep what was decided', async (t) => {
  const secureSession = await importPlugin('@fastify/secure-session')
  for (const isFirst of [true, false]) {
    const app = Fastify() as unknown as FastifyInstance
    t.teardown(() => app.close())
    const steps = [() => app.register(secureSession, { sessionName: 'legacy', key: Buffer.alloc(32, 'legacy') }), () => app.register(session, { keys: [KEY] })]
    for (const step of isFirst ? steps : steps.reverse()) await step()
    app.get('/', async (request) => {
      (request as unknown as { legacy: { set (key: string, value: unknown): void } }).legacy.set('a', 1)
      await request.session.login('42')
      throw new Error('after the decision')
    })
    const reply = await app.inject('/')
    t.equal(reply.statusCode, 500)
    t.match([reply.headers['set-cookie']].flat().map((text) => String(text).split('=')[0]).sort(), [NAME, 'legacy'])
  }
})

t.test('18: replies that depend on the session are for nobody else', async (t) => {
  const { visit } = await site(t)
  const { cookie, headers } = await visit('/login')
  t.match(headers, { 'cache-control': 'no-store', vary: 'Cookie' })
  t.match((await visit('/user', cookie)).headers, { 'cache-control': 'no-store', vary: 'Cookie' })
  t.notOk('cache-control' in (await visit('/unused', cookie)).headers)
})

t.test('19: a planted cookie is another session after the login', async (t) => {
  const { visit } = await site(t)
  const planted = await visit('/set?key=role&value=admin')
  const after = await visit('/login', planted.cookie)
  t.same(JSON.parse((await visit('/get', after.cookie)).body), { data: {} })
  t.same(JSON.parse((await visit('/get', planted.cookie)).body), { data: {} }, 'and the planted one is dead')
  t.equal((await visit('/user', planted.cookie)).body, 'nobody')
})

t.test('20: messages have a cookie of their own, so that they never overwrite the session', async (t) => {
  const { visit, app } = await site(t)
  app.get('/flash', async (request) => { request.session.flash('notice', 'saved'); return '' })
  const { cookie } = await visit('/login')
  const message = await visit('/flash', cookie)
  t.match(message.setCookie.map((text) => text.split('=')[0]), ['__Host-session-flash'])
  const write = await visit('/set?key=a&value=1', cookie)
  t.equal((await visit('/user', `${write.cookie}; ${message.cookie}`)).body, '42')
})

t.test('21: a key is all it takes: no passphrase, no salt; names and values are typed (test/types/session.ts)', async (t) => {
  for (const option of [{ secret: 'a passphrase of more than thirty-two bytes' }, { salt: 'mq9hDxBVDbspDR6n' }, { key: Buffer.alloc(32) }]) {
    const app = Fastify()
    app.register(session, { keys: [KEY], ...option } as SessionOptions)
    await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_SESSION_OPTION_UNKNOWN' })
  }
})
