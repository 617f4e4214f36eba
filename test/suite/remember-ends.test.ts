import t from 'tap'
import { Browser, isCleared, SESSION, site } from './remember-site.ts'

t.test('row: a replay after the logout', async (t) => {
  for (const query of ['', '?everywhere=yes']) {
    const { signIn, names } = await site(t)
    const [browser, other] = [await signIn(), await signIn()]
    const copy = browser.copy()
    const answer = await browser.send(`/do/logout${query}`)
    t.ok(isCleared(answer))
    t.equal(browser.jar.size, 0)
    t.match(await copy.send('/me'), { user: null })
    t.match(await copy.close().send('/me'), { user: null })
    t.equal((await other.close().send('/me')).user, query === '' ? '42' : null)
    t.notOk(names().some((name) => name.includes('theft')))
  }
})

t.test('row: a logout when the session is over ends the device', async (t) => {
  const { signIn } = await site(t)
  const browser = (await signIn()).close()
  const copy = browser.copy()
  t.ok(isCleared(await browser.send('/do/logout')))
  t.match(await copy.send('/me'), { user: null })
})

t.test('row: a late request does not take away what a later login gave', async (t) => {
  const { signIn } = await site(t)
  const browser = await signIn()
  const slow = browser.copy().close()
  await browser.send('/do/logout')
  await browser.send('/do/login/42')
  const late = await slow.ask('/me')
  t.match(late, { user: null, setCookie: [] })
  t.match(await browser.close().send('/me'), { user: '42' })
})

t.test('row: a request that is late after the session got another id', async (t) => {
  for (const url of ['/do/reauthenticate', '/do/rotate']) {
    const { signIn } = await site(t)
    const browser = (await signIn()).close()
    const slow = browser.copy()
    await browser.send('/me')
    await browser.send(url)
    const late = await slow.ask('/me')
    t.match(late, { user: null, setCookie: [] }, 'the browser has a better session by now')
    t.match(await browser.send('/me'), { user: '42', fresh: url === '/do/reauthenticate' })
  }
})

t.test('row: another login in the same browser', async (t) => {
  for (const query of ['', '?plain=yes']) {
    const { signIn, app } = await site(t)
    const browser = await signIn()
    const copy = browser.copy().close()
    await browser.send(`/do/login/7${query}`)
    t.match(await copy.send('/me'), { user: null }, 'the device of the user before is remembered no more')
    t.equal(browser.token === undefined, query !== '')
    t.equal((await browser.close().send('/me')).user, query === '' ? '7' : null)
    t.same(await app.sessions.list('42'), [])
  }
})

t.test('row: what was planted before is gone', async (t) => {
  const { signIn } = await site(t)
  const browser = (await signIn()).close()
  const attacker = new Browser((await site(t)).app)
  await attacker.send('/do/set')
  browser.jar.set(SESSION, attacker.jar.get(SESSION)!)
  t.match(await browser.send('/get'), { planted: null })
  t.match(await browser.send('/me'), { user: '42' })
})

t.test('row: as many sessions as are allowed', async (t) => {
  const { signIn, app, names } = await site(t, { maxSessions: { max: 1, policy: 'refuse' } })
  const browser = await signIn()
  const cookie = browser.copy()
  await app.sessions.revoke((await app.sessions.list('42'))[0]!.sid)
  const phone = new Browser(app)
  t.match(await phone.send('/do/login/42'), { statusCode: 200 })
  const answer = await browser.close().send('/me')
  t.match(answer, { statusCode: 200, user: null })
  t.ok(names().includes('excess_sessions_exceeded'))
  t.match(await new Browser(app, cookie.jar).send('/do/login/42'), { statusCode: 409 }, 'a refused login changes nothing')
  await phone.send('/do/logout')
  t.match(await browser.send('/me'), { user: '42' }, 'the device comes back when there is room')
})
