import t from 'tap'
import { KeyRing } from '../../lib/keys.ts'
import { RememberTokens } from '../../lib/session/remember-token.ts'
import { generateKey } from '../../plugins/session.ts'
import { FaultyStore } from '../lib/session/faulty-store.ts'
import { Clock } from '../lib/session/fixture.ts'
import { Browser, DAY, isCleared, isUntouched, KEY, REMEMBER, SESSION, site, type Answer } from './remember-site.ts'

// The fault table of docs/remember-me.md, one test a row: through the plugin, over a store that fails when it is told to, on a clock that is set by hand.

t.test('row: the reply is lost', async (t) => {
  for (const [what, seconds, user, events] of [
    ['within the grace the same token comes again', 30, '42', ['session_remembered', 'session_remembered']],
    ['later, this device ends quietly', 31, null, ['session_remembered', 'session_remember_stale']]
  ] as const) {
    const { signIn, clock, names } = await site(t)
    const [browser, other] = [(await signIn()).close(), await signIn()]
    const lost = await browser.ask('/me')
    clock.pass(seconds)
    const again = await browser.ask('/me')
    t.equal(again.user, user, what)
    t.same(names(), events)
    const tokenOf = (answer: Answer): string | undefined => answer.setCookie.find((text) => text.startsWith(REMEMBER))
    if (user === null) t.ok(isCleared(again))
    else t.equal(tokenOf(again), tokenOf(lost))
    t.match(await other.send('/me'), { user: '42' }, 'the user\'s other devices go on')
    // The session of the reply that was lost, in whose hands it may be.
    const finder = browser.copy()
    lost.take()
    finder.jar.set(SESSION, browser.jar.get(SESSION)!)
    finder.jar.delete(REMEMBER)
    t.equal((await finder.send('/me')).user, user)
  }
})

t.test('row: tabs are opened at once, and are one session', async (t) => {
  for (let tabs = 2; tabs <= 12; tabs++) {
    const { signIn, names, app } = await site(t, { maxSessions: 2 })
    const phone = await signIn()
    const browser = (await signIn()).close()
    await app.sessions.revoke((await app.sessions.list('42'))[0]!.sid)
    const answers = await Promise.all(Array.from({ length: tabs }, async () => await browser.ask('/me')))
    t.same(answers.map(({ user }) => user), Array(tabs).fill('42'))
    t.equal(new Set(answers.map(({ setCookie }) => setCookie.find((text) => text.startsWith(REMEMBER)))).size, 1)
    for (const answer of answers.reverse()) {
      answer.take()
      t.equal((await browser.send('/me')).user, '42')
    }
    t.same([...new Set(names())], ['session_expired revoked', 'session_remembered'])
    t.equal(await app.sessions.count('42'), 2)
    t.equal((await phone.send('/me')).user, '42', 'the other device is not evicted by tabs')
    t.equal((await browser.close().send('/me')).user, '42')
  }
})

t.test('row: the store is down, or slower than its time limit, at a wake-up', async (t) => {
  for (const state of ['down', 'hanging'] as const) {
    const { signIn, store, names } = await site(t)
    const browser = (await signIn()).close()
    store.state = state
    const answer = await browser.send('/me')
    t.match(answer, { statusCode: 200, user: null, setCookie: [] }, 'nobody is signed in, and the cookie is kept')
    t.match(await browser.send('/account'), { statusCode: 401 })
    t.ok(names().includes('session_remember_unavailable wake-up'))
    store.state = 'up'
    await new Promise((resolve) => setTimeout(resolve, state === 'down' ? 0 : 600))
    t.match(await browser.send('/me'), { user: '42', remembered: true })
  }
})

t.test('row: the store fails between rotation and admission', async (t) => {
  for (const [onStoreError, user] of [['allow', '42'], ['deny', null]] as const) {
    const { signIn, store, names } = await site(t, { onStoreError })
    const browser = (await signIn()).close()
    const { admit } = store
    store.admit = async () => { throw new Error('gone') }
    const answer = await browser.send('/me')
    t.match(answer, { statusCode: 200, user })
    t.notOk(isUntouched(answer), 'the token that the store counts from now on is in the browser')
    if (user === null) t.ok(names().includes('session_remember_unavailable wake-up'))
    store.admit = admit
    t.match(await browser.close().send('/me'), { user: '42' })
  }
})

t.test('row: the store is down at a login: signed in, and not remembered', async (t) => {
  const { app, store, names } = await site(t)
  const browser = new Browser(app)
  store.state = 'down'
  t.match(await browser.send('/do/login/42'), { statusCode: 200 })
  t.match(await browser.send('/me'), { user: '42' })
  t.equal(browser.token, undefined)
  t.ok(names().includes('session_remember_unavailable login'))
})

t.test('row: the store is down at a logout, and comes back', async (t) => {
  for (const query of ['', '?everywhere=yes']) {
    const { signIn, store, names } = await site(t)
    const [browser, other] = [await signIn(), await signIn()]
    const [thief, second] = [browser.copy().close(), other.copy().close()]
    store.state = 'down'
    const answer = await browser.send(`/do/logout${query}`)
    t.equal(answer.statusCode, 200)
    t.ok(isCleared(answer))
    store.state = 'up'
    t.match(await thief.send('/me'), { user: null }, 'even before the store has heard of it')
    t.match(await second.send('/me'), { user: query === '' ? '42' : null })
    t.ok(names().includes('session_revocation_pending'))
  }
})

t.test('row: a token is replayed, two generations late', async (t) => {
  for (const [onTheft, isOtherAlive] of [['family', true], ['user', false], [undefined, false]] as const) {
    const { signIn, clock, names, events } = await site(t, onTheft === undefined ? {} : { remember: { onTheft } })
    const [browser, other] = [await signIn(), await signIn()]
    const thief = browser.copy().close()
    for (let turn = 0; turn < 2; turn++) {
      clock.pass(60)
      await browser.close().send('/me')
    }
    const attempt = await thief.send('/me')
    t.match(attempt, { statusCode: 200, user: null })
    t.ok(isCleared(attempt))
    t.match(events.at(-1), { name: 'session_remember_theft', level: 'error', reason: onTheft ?? 'user', count: 2 })
    t.match(await browser.send('/me'), { user: null }, 'the sessions of the device end')
    t.match(await browser.close().send('/me'), { user: null }, 'and the device')
    t.equal((await other.send('/me')).user, isOtherAlive ? '42' : null)
    t.equal((await other.close().send('/me')).user, isOtherAlive ? '42' : null)
    t.equal(names().filter((name) => name.startsWith('session_remember_theft')).length, 1)
  }
})

t.test('row: the thief is first, and the owner comes after the grace', async (t) => {
  const { signIn, clock, events } = await site(t)
  const browser = (await signIn()).close()
  const thief = browser.copy()
  t.match(await thief.send('/me'), { user: '42' })
  clock.pass(60)
  const answer = await browser.send('/me')
  t.match(answer, { user: null })
  t.ok(isCleared(answer))
  t.match(events.at(-1), { name: 'session_remember_stale', level: 'warn' })
  t.match(await thief.send('/me'), { user: null }, 'the session that the thief made ends, too')
  t.match(await thief.close().send('/me'), { user: null })
})

t.test('row: the store was restored from a backup', async (t) => {
  const { signIn, store, events, clock } = await site(t)
  const browser = await signIn()
  const series = browser.token!.split('.')[2]!
  for (let turn = 0; turn < 3; turn++) await browser.close().send('/me')
  // As it was at the login.
  const restored = new FaultyStore(clock.now)
  await restored.inner.remember.create({ series, userId: '42', label: 'Firefox' }, { idleMs: 1e9, maxAgeMs: 1e9 })
  Object.assign(store, { inner: restored.inner })
  events.length = 0
  t.match(await browser.close().send('/me'), { user: '42', remembered: true })
  t.match(events[0], { name: 'session_remember_rollback', level: 'warn' })
  t.match(await browser.close().send('/me'), { user: '42' })
})

t.test('row: a user was deleted', async (t) => {
  const { signIn, app } = await site(t)
  const [browser, other] = [await signIn(), await signIn('7')]
  await app.sessions.revokeUser('42')
  t.match(await browser.send('/me'), { user: null })
  t.match(await browser.close().send('/me'), { user: null })
  t.match(await other.close().send('/me'), { user: '7' })
})

t.test('row: idle and absolute end', async (t) => {
  const terms = { idle: 10 * DAY, maxAge: 25 * DAY }
  const { signIn, clock, names } = await site(t, { remember: terms })
  const browser = await signIn()
  for (const days of [9, 9]) {
    clock.pass(days * DAY)
    t.match(await browser.send('/me'), { user: '42' }, 'each wake-up moves the idle end')
  }
  clock.pass(7 * DAY)
  const answer = await browser.send('/me')
  t.match(answer, { user: null }, 'and not the absolute one')
  t.ok(isCleared(answer))
  t.ok(names().includes('session_remember_refused ended'))
  const idle = await signIn()
  clock.pass(10 * DAY)
  t.match(await idle.send('/me'), { user: null })
})

t.test('row: the clock of this process jumps', async (t) => {
  const storeClock = new Clock()
  const store = new FaultyStore(storeClock.now)
  const { signIn, clock } = await site(t, { store })
  const browser = await signIn()
  for (const seconds of [400 * DAY, -800 * DAY]) {
    clock.pass(seconds)
    storeClock.pass(31)
    t.match(await browser.close().send('/me'), { user: '42' }, 'the clock of the store alone counts')
  }
})

t.test('row: a key is exchanged, and taken away', async (t) => {
  const [newer, older] = [generateKey(), generateKey()]
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const before = await site(t, { store, keys: [older] }, clock)
  const browser = (await before.signIn()).close()
  const during = await site(t, { store, keys: [newer, older] }, clock)
  const moved = new Browser(during.app, browser.jar)
  t.match(await moved.send('/me'), { user: '42' })
  t.not(moved.token!.split('.')[1], browser.token!.split('.')[1], 'the next token is made with the first key')
  const after = await site(t, { store, keys: [newer] }, clock)
  t.match(await new Browser(after.app, moved.close().jar).send('/me'), { user: '42' })
  const late = await new Browser(after.app, browser.jar).send('/me')
  t.match(late, { statusCode: 200, user: null })
  t.ok(isCleared(late))
  t.same(after.names().at(-1), 'session_remember_refused forged')
})

t.test('row: the cookie is none of ours: refused before the store hears of it', async (t) => {
  const { signIn, app, store, names, events } = await site(t)
  const browser = (await signIn()).close()
  const token = browser.token!
  const [series, ring] = [token.split('.')[2]!, new KeyRing([KEY], 'keys', 'BULWARK_ERR_SESSION_KEY_INVALID')]
  const otherPurposes = ['session/__Host-session', 'remember', 'remember/__Host-other', 'csrf'].map((purpose) => new RememberTokens(ring.derive(purpose)).format({ series, generation: 0 }))
  const forged = ['', 'x', 'v1.....', token.slice(0, -1), `${token}A`, token.replace('.0.', '.1.'), token.replace('.0.', '.00.'), token.toUpperCase(), 'A'.repeat(5000), '\u00ff', ...otherPurposes,
    new RememberTokens([Buffer.alloc(32, 7)]).format({ series, generation: 0 })]
  store.calls.length = 0
  for (const value of forged) {
    events.length = 0
    const answer = await new Browser(app, [[REMEMBER, value]]).send('/me')
    t.match(answer, { statusCode: 200, user: null }, value.slice(0, 60))
    t.ok(isCleared(answer))
    t.same(names(), ['session_remember_refused forged'])
  }
  t.same(store.calls, [])
  const twice = await new Browser(app, [[REMEMBER, `${token}; ${REMEMBER}=${token}`]]).send('/me')
  t.match(twice, { user: null })
  t.ok(isCleared(twice))
  t.equal(names().at(-1), 'session_remember_refused repeated')
  t.match(await new Browser(app, [[`x${REMEMBER}`, token]]).send('/me'), { user: null, setCookie: [] }, 'a cookie whose name ends alike is another one')
  t.match(await browser.send('/me'), { user: '42' }, 'none of it harmed the device')
  for (let turn = 0; turn < 100; turn++) await new Browser(app, [[REMEMBER, 'x']]).send('/me')
  t.ok(events.length <= 62, 'a stranger does not fill the log')
})
