import t, { type Test } from 'tap'
import { build } from '../../docs/demo/server.ts'
import { PASSWORDS } from '../../docs/demo/people.ts'
import { cookieOf } from '../lib/session/fixture.ts'

const app = await build()
t.teardown(() => app.close())

interface Browser {
  cookie: string | undefined
  send (url: string, form?: Record<string, string>): Promise<{ statusCode: number, body: string, location: string | undefined }>
}

function browser (): Browser {
  const jar = new Map<string, string>()
  return {
    get cookie () { return jar.get('__Host-session') },
    set cookie (value) { if (value !== undefined) jar.set('__Host-session', value) },
    async send (url, form) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140', accept: 'text/html', ...cookie !== '' && { cookie }, ...form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' } }
      const reply = await app.inject({ url, headers, ...form !== undefined && { method: 'POST', payload: new URLSearchParams(form).toString() } })
      for (const text of [reply.headers['set-cookie'] ?? []].flat()) {
        const [name] = text.split('=', 1)
        const value = cookieOf(text)
        if (value === undefined) jar.delete(name!)
        else jar.set(name!, value.slice(name!.length + 1))
      }
      return { statusCode: reply.statusCode, body: reply.body, location: reply.headers.location }
    }
  }
}

async function signIn (t: Test, name = 'Ada'): Promise<Browser> {
  const visitor = browser()
  const reply = await visitor.send('/session/login', { name, password: PASSWORDS[name]! })
  t.equal(reply.location, '/session')
  return visitor
}

t.test('three people sign in, and nobody else', async (t) => {
  for (const name of Object.keys(PASSWORDS)) t.match((await (await signIn(t, name)).send('/session')).body, `You are ${name}`)
  for (const form of [{ name: 'Ada', password: 'wrong' }, { name: 'Mallory', password: 'difference engine' }, { name: "' or 1=1 --", password: '' }, {}] as Array<Record<string, string>>) {
    const visitor = browser()
    await visitor.send('/session/login', form)
    const page = (await visitor.send('/session')).body
    t.match(page, 'That was not the password.')
    t.match(page, 'Be one of three people')
    t.notMatch((await visitor.send('/session')).body, 'That was not the password.', 'it is said once')
  }
})

t.test('the cookie is shown, edited, copied and replayed', async (t) => {
  const visitor = await signIn(t)
  const sealed = visitor.cookie!
  t.match((await visitor.send('/session')).body, `>${sealed}</textarea>`)
  const attempt = async (sealed: string): Promise<object> => JSON.parse((await visitor.send('/session/try', { sealed })).body) as object
  t.same(await attempt(sealed), { user: 'Ada', isCleared: false, reason: null }, 'before the logout a copy is a session')
  t.same(await attempt(`${sealed.slice(0, 40)}${sealed[40] === 'A' ? 'B' : 'A'}${sealed.slice(41)}`), { user: null, isCleared: true, reason: 'forged' })
  t.same(await attempt('junk\r\nset-cookie: a=b'), { user: null, isCleared: true, reason: 'malformed' })
  t.equal((await visitor.send('/session/logout', {})).location, '/session#replay')
  const page = (await visitor.send('/session')).body
  t.match(page, `name="sealed" value="${sealed}"`)
  t.match(page, 'Be one of three people')
  t.same(await attempt(sealed), { user: null, isCleared: true, reason: 'revoked' }, 'after it, the copy is dead')
})

t.test('devices are listed and ended, one or all', async (t) => {
  const visitor = await signIn(t, 'Grace')
  await visitor.send('/session/device', {})
  const page = (await visitor.send('/session')).body
  t.match(page, 'Firefox on Linux')
  t.match(page, 'Another device')
  const [, sid = ''] = /name="sid" value="([\w-]{22})"/.exec(page) ?? []
  const thief = await signIn(t, 'Edsger')
  await thief.send('/session/end', { sid })
  t.match((await visitor.send('/session')).body, sid, 'nobody ends the device of another')
  await visitor.send('/session/end', { sid })
  t.notMatch((await visitor.send('/session')).body, sid)
  const other = await signIn(t, 'Grace')
  await visitor.send('/session/logout', { everywhere: 'yes' })
  t.match((await other.send('/session')).body, 'Be one of three people')
  t.equal((await browser().send('/session/device', {})).location, '/session')
  t.equal((await browser().send('/session/end', {})).statusCode, 303)
})

t.test('events are on the page, without ids in clear', async (t) => {
  const visitor = await signIn(t)
  const page = (await visitor.send('/session')).body
  t.match(page, '<code>session_created</code>')
  const [, id] = /session ([\w-]{16})/.exec(page) ?? []
  t.ok(id)
})

t.test('a body that is missing, or is no form, is no fault of the server', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  for (const payload of [undefined, '{}', 'null', '[]', '{"name":{},"password":[1],"sid":5}']) {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
    const { statusCode } = await app.inject({ method: 'POST', url: '/session/login', headers, ...payload !== undefined && { payload } })
    t.ok(statusCode < 500, `${payload}: ${statusCode}`)
  }
})
