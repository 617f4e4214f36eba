import t from 'tap'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { Clock } from './fixture.ts'
import { browserOf, seen } from './session-browser.ts'

t.test('there is no session until something is kept', async (t) => {
  const browser = await browserOf()
  const { reply } = await browser.visit(undefined, (session) => {
    t.same([session.id, session.userId, session.isFresh, session.remembered, session.createdAt, session.authenticatedAt, session.idleUntil, session.expiresAt], [undefined, undefined, false, false, undefined, undefined, undefined, undefined])
    t.same([session.get('a'), session.has('a'), session.entries(), session.delete('a')], [undefined, false, [], false])
  })
  t.same(reply.cookies, [])
})

t.test('data', async (t) => {
  const browser = await browserOf()
  const first = await browser.visit(undefined, (session) => {
    t.equal(session.set('cart', [{ id: 1 }]).set('theme', 'dark'), session)
    t.type(session.id, 'string', 'from then on there is a session')
  })
  await browser.visit(first.cookie, (session) => {
    const cart = session.get('cart') as Array<{ id: number }>
    t.same(cart, [{ id: 1 }])
    t.throws(() => cart.push({ id: 2 }), TypeError, 'a snapshot')
    t.throws(() => { cart[0]!.id = 2 }, TypeError)
    t.ok(session.has('theme'))
    t.same(session.entries(), [['cart', [{ id: 1 }]], ['theme', 'dark']])
    for (const name of ['toString', '__proto__', 'constructor', '__ts', 'sid']) t.same([session.get(name), session.has(name)], [undefined, false], name)
  })
  const second = await browser.visit(first.cookie, (session) => {
    t.equal(session.delete('cart'), true)
    session.update((data) => ({ ...data, visits: (data['visits'] as number | undefined ?? 0) + 1 }))
    t.throws(() => session.update((data) => { (data as Record<string, unknown>)['theme'] = 'x'; return data }), TypeError)
  })
  t.match(await seen(browser, second.cookie), { id: (await seen(browser, first.cookie)).id, data: { theme: 'dark', visits: 1 } })
  const names = await browser.visit(undefined, (session) => session.set('__ts', 9_999_999_999).set('iat', 1).set('uid', 'root'))
  t.same(await seen(browser, names.cookie), { id: (await seen(browser, names.cookie)).id, userId: undefined, data: { __ts: 9_999_999_999, iat: 1, uid: 'root' } }, 'no name collides with ours')
})

t.test('a value that cannot be kept is refused at the call, and the session is as it was', async (t) => {
  const browser = await browserOf()
  const { cookie } = await browser.visit(undefined, (session) => {
    session.set('a', 1)
    t.throws(() => session.set('a', 1n), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
    t.throws(() => session.set('__proto__', {}), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
    for (const value of [null, [], 'a', undefined]) t.throws(() => session.update(() => value as never), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
    t.throws(() => session.set('b', 'x'.repeat(4000)), { code: 'BULWARK_ERR_SESSION_TOO_LARGE', statusCode: 413 })
    t.throws(() => session.set('b', 'ü'.repeat(2000)), { code: 'BULWARK_ERR_SESSION_TOO_LARGE' }, 'bytes, not characters')
  })
  t.match(await seen(browser, cookie), { data: { a: 1 } })
})

t.test('ASVS 3.3.5: name and value are at most 4,096 bytes, and the operator hears of it from 3,000 on', async (t) => {
  const browser = await browserOf()
  let size = 0
  const { cookie } = await browser.visit(undefined, (session) => {
    for (size = 2000; ; size++) {
      try {
        session.set('a', 'x'.repeat(size))
      } catch {
        break
      }
    }
  })
  t.ok(cookie!.length - 1 <= 4096, `${cookie!.length - 1}`)
  t.ok(cookie!.length - 1 >= 4094, 'no byte is given away')
  t.match(browser.events, [{ name: 'session_cookie_large', count: cookie!.length - 1 }])
  t.equal(((await seen(browser, cookie)).data as { a: string }).a.length, size - 1)
})

t.test('ASVS 7.2.4: fixation: what came before a login is gone, but for what is kept', async (t) => {
  for (const withStore of [false, true]) {
    const clock = new Clock()
    const browser = await browserOf(withStore ? { store: memoryStore({ now: clock.now }) } : {}, clock)
    const planted = await browser.visit(undefined, (session) => session.set('role', 'admin').set('cart', [1]))
    const before = await seen(browser, planted.cookie)
    const { cookie } = await browser.visit(planted.cookie, async (session) => {
      await session.login('42', { keep: ['cart', 'toString', 'absent'] })
      t.same([session.userId, session.isFresh, session.remembered, session.authenticatedAt, session.createdAt], ['42', true, false, browser.clock.time, browser.clock.time])
    })
    const after = await seen(browser, cookie)
    t.match(after, { userId: '42', data: { cart: [1] } })
    t.same(Object.keys(after.data as object), ['cart'])
    t.not(after.id, before.id)
    t.same(await seen(browser, planted.cookie), { id: undefined, userId: undefined, data: {} }, 'the planted cookie is refused')
    const again = await browser.visit(cookie, async (session) => { await session.login('7') })
    t.match(await seen(browser, again.cookie), { userId: '7', data: {} })
    t.same((await seen(browser, cookie)).userId, undefined, 'a stolen cookie ends with the next login')
  }
})

t.test('a label from a request keeps nobody out: what can be kept of it is', async (t) => {
  const cases: Array<[what: string, label: string, kept: string]> = [
    ['too long', 'x'.repeat(16_000), 'x'.repeat(200)],
    ['half a character at its end', `${'x'.repeat(199)}\u{1f600}`, `${'x'.repeat(199)}\ufffd`],
    ['what no store keeps', 'a\0b\ud800c', 'a\ufffdb\ufffdc']
  ]
  for (const [what, label, kept] of cases) {
    const browser = await browserOf({ store: memoryStore({ now: new Clock().now }) })
    await browser.visit(undefined, async (session) => await session.login('42', { label }))
    t.same((await browser.scope.sessions.list('42')).map(({ label }) => label), [kept], what)
  }
})

t.test('who cannot be signed in', async (t) => {
  const browser = await browserOf()
  const { cookie } = await browser.visit(undefined, async (session) => {
    session.set('a', 1)
    for (const userId of ['', 'x'.repeat(257), 'a\0b', '\ud800', 42, null, undefined]) await t.rejects(session.login(userId as string), { code: 'BULWARK_ERR_SESSION_USER_INVALID' })
    for (const label of [42, null, ['Firefox']]) await t.rejects(session.login('42', { label: label as never }), { code: 'BULWARK_ERR_SESSION_USER_INVALID' })
    t.equal(session.userId, undefined)
  })
  t.match(await seen(browser, cookie), { userId: undefined, data: { a: 1 } }, 'the session is as it was')
  const large = await browser.visit(undefined, (session) => session.set('a', 'x'.repeat(2700)))
  await browser.visit(large.cookie, async (session) => {
    await t.rejects(session.login('u'.repeat(256), { label: 'ü'.repeat(200), keep: ['a'] }), { code: 'BULWARK_ERR_SESSION_TOO_LARGE' })
    t.equal(session.has('a'), true)
  })
  t.match(browser.events.filter(({ name }) => name === 'session_created'), [])
})

t.test('re-authentication and rotation: another id, the old one is refused', async (t) => {
  for (const withStore of [false, true]) {
    const clock = new Clock()
    const options = withStore ? { store: memoryStore({ now: clock.now }) } : {}
    const browser = await browserOf(options, clock)
    const first = await browser.visit(undefined, async (session) => {
      await session.login('42', { label: 'Firefox' })
      session.set('a', 1)
    })
    const begun = browser.clock.time
    browser.clock.pass(100)
    const rotated = await browser.visit(first.cookie, async (session) => {
      await session.rotate()
      t.same([session.createdAt, session.authenticatedAt, session.isFresh], [begun, begun, true], 'limits go on')
    })
    t.match(await seen(browser, rotated.cookie), { userId: '42', data: { a: 1 } })
    t.equal((await seen(browser, first.cookie)).userId, undefined)
    const again = await browser.visit(rotated.cookie, async (session) => {
      await session.reauthenticate()
      t.same([session.createdAt, session.authenticatedAt, session.expiresAt], [begun + 100_000, begun + 100_000, begun + 100_000 + 43_200_000], 'the session begins anew')
    })
    t.match(await seen(browser, again.cookie), { userId: '42', data: { a: 1 } })
    t.equal((await seen(browser, rotated.cookie)).userId, undefined)
    if (withStore) t.match(await browser.scope.sessions.list('42'), [{ label: 'Firefox', sid: (await seen(browser, again.cookie)).id }])
  }
  const browser = await browserOf()
  const { cookie } = await browser.visit(undefined, async (session) => {
    await session.rotate()
    t.equal(session.id, undefined)
    await t.rejects(session.reauthenticate(), { code: 'BULWARK_ERR_SESSION_LOGIN_REQUIRED' })
    session.set('a', 1)
  })
  const rotated = await browser.visit(cookie, async (session) => { await session.rotate() })
  t.match(await seen(browser, rotated.cookie), { data: { a: 1 } }, 'one without a user goes on, too')
  t.same((await seen(browser, cookie)).data, {})
})

t.test('logout: the copied cookie is dead, and what follows is another session', async (t) => {
  const browser = await browserOf()
  const { cookie } = await browser.visit(undefined, async (session) => { await session.login('42') })
  const gone = await browser.visit(cookie, async (session) => {
    await session.logout()
    t.same([session.id, session.userId], [undefined, undefined])
  })
  t.match(gone.reply.cookies, [/^__Host-session=; Max-Age=0/])
  t.equal(gone.reply.getHeader('clear-site-data'), '"cache", "storage"')
  t.equal((await seen(browser, cookie)).userId, undefined)
  const next = await browser.visit(cookie, async (session) => {
    await session.logout()
    session.set('a', 1)
    session.flash('notice', 'bye')
  })
  t.match(await seen(browser, next.cookie), { userId: undefined, data: { a: 1 } })
  t.equal(next.reply.cookies.length, 2)
  const quiet = await browserOf({ clearSiteData: false })
  t.equal((await quiet.visit(undefined, async (session) => { await session.logout() })).reply.getHeader('clear-site-data'), undefined)
})

t.test('ASVS 7.4.3: logout everywhere ends all sessions of the user, and of nobody else', async (t) => {
  for (const withStore of [false, true]) {
    const clock = new Clock()
    const browser = await browserOf(withStore ? { store: memoryStore({ now: clock.now }) } : {}, clock)
    const login = async (userId: string): Promise<string | undefined> => (await browser.visit(undefined, async (session) => { await session.login(userId) })).cookie
    const [one, two, other] = [await login('42'), await login('42'), await login('7')]
    const later = await browser.visit(one, async (session) => {
      await session.logout({ everywhere: true })
      await session.login('42')
    })
    t.same([(await seen(browser, one)).userId, (await seen(browser, two)).userId, (await seen(browser, other)).userId, (await seen(browser, later.cookie)).userId], [undefined, undefined, '7', '42'])
    const anonymous = await browser.visit(undefined, async (session) => {
      session.set('a', 1)
      await session.logout({ everywhere: true })
    })
    t.equal(anonymous.cookie, undefined)
  }
})

t.test('more sessions than are allowed', async (t) => {
  const clock = new Clock()
  const browser = await browserOf({ store: memoryStore({ now: clock.now }), maxSessions: { max: 1, policy: 'refuse' } }, clock)
  await browser.visit(undefined, async (session) => { await session.login('42') })
  const { reply } = await browser.visit(undefined, async (session) => {
    await t.rejects(session.login('42'), { code: 'BULWARK_ERR_SESSION_LIMIT_REACHED', statusCode: 409 })
    t.equal(session.userId, undefined)
  })
  t.same(reply.cookies, [])
  t.match(browser.events.at(-1), { name: 'excess_sessions_exceeded' })
})

t.test('limits, as the application sees them', async (t) => {
  const browser = await browserOf({ idle: 1800, absolute: 3600 })
  const begun = browser.clock.time
  const { cookie } = await browser.visit(undefined, async (session) => {
    await session.login('42')
    t.same([session.idleUntil, session.expiresAt], [begun + 1_800_000, begun + 3_600_000])
  })
  browser.clock.pass(1799)
  const later = await browser.visit(cookie, (session) => t.same([session.idleUntil, session.expiresAt], [begun + 3_599_000, begun + 3_600_000]))
  browser.clock.pass(1000)
  await browser.visit(later.cookie, (session) => t.same([session.idleUntil, session.expiresAt], [begun + 3_600_000, begun + 3_600_000], 'the absolute end is the last'))
})

t.test('flash', async (t) => {
  const browser = await browserOf()
  const first = await browser.visit(undefined, (session) => session.flash('notice', { text: 'Saved' }))
  t.match(first.reply.cookies, [/^__Host-session-flash=/])
  const second = await browser.visit(first.cookie, (session) => {
    t.equal(session.id, undefined, 'a message makes no session')
    t.same(session.flash('notice'), { text: 'Saved' })
    t.equal(session.flash('notice'), undefined)
  })
  t.match(second.reply.cookies, [/^__Host-session-flash=; Max-Age=0/])
  t.equal(second.reply.getHeader('cache-control'), 'no-store')
})
