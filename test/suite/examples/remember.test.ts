import { build as devices } from '../../../docs/examples/remember/devices.ts'
import { cookieOf } from '../../lib/session/fixture.ts'
import { examplesOf, startProgram } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('remember')

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'))
  const login = await fetch(`${address}/login`, { method: 'POST' })
  const token = login.headers.getSetCookie().find((text) => text.startsWith('__Host-remember='))!
  t.match(token, /; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  const woken = await fetch(`${address}/me`, { headers: { cookie: cookieOf(token)! } })
  t.same(await woken.json(), { user: '42', remembered: true })
  const cookie = cookieOf(woken.headers.getSetCookie())!
  t.equal((await fetch(`${address}/email`, { method: 'POST', headers: { cookie } })).status, 401, 'who is remembered is not fresh')
})

show('devices.ts', async (t) => {
  const passwords = new Map([['42', 'right']])
  const alarms: unknown[] = []
  const app = await devices({
    setPassword: async (userId, password) => { passwords.set(userId, password) },
    isPassword: async (userId, password) => passwords.get(userId) === password,
    remove: async (userId) => { passwords.delete(userId) }
  }, (user) => alarms.push(user))
  t.teardown(() => app.close())
  const browser = () => {
    const jar = new Map<string, string>()
    return {
      jar,
      async send (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
        const reply = await app.inject({ method, url, headers: cookie === '' ? {} : { cookie }, ...payload && { payload } })
        for (const text of [reply.headers['set-cookie'] ?? []].flat()) {
          const [name, value] = text.split(';')[0]!.split('=') as [string, string]
          if (text.includes('Max-Age=0')) jar.delete(name)
          else jar.set(name, value)
        }
        return reply
      },
      close () { jar.delete('__Host-session') }
    }
  }
  const signIn = async (password = 'right', remember?: boolean) => {
    const visitor = browser()
    t.equal((await visitor.send('POST', '/login', { userId: '42', password, ...remember !== undefined && { remember } })).statusCode, 200)
    return visitor
  }
  const wrong = browser()
  t.equal((await wrong.send('POST', '/login', { userId: '42', password: 'wrong' })).statusCode, 403)
  const plain = await signIn()
  t.same([...plain.jar.keys()], ['__Host-session'], 'only who asks is remembered')
  await plain.send('DELETE', `/devices/${((await plain.send('GET', '/devices')).json() as Array<{ id: string }>)[0]!.id}`)

  const [laptop, phone] = [await signIn('right', true), await signIn('right', true)]
  laptop.close()
  const list: Array<{ id: string, isThis: boolean, isAsleep: boolean }> = (await laptop.send('GET', '/devices')).json()
  t.equal(list.filter(({ isThis }) => isThis).length, 1)
  t.equal((await laptop.send('DELETE', '/devices/nobody')).statusCode, 404)
  t.equal((await laptop.send('POST', '/password', { password: 'new' })).statusCode, 401, 'who is remembered proves it first')
  t.equal((await laptop.send('POST', '/confirm', { password: 'wrong' })).statusCode, 403)
  t.equal((await laptop.send('POST', '/confirm', { password: 'right' })).statusCode, 200)
  t.equal((await laptop.send('POST', '/password', { password: 'new' })).statusCode, 200)
  phone.close()
  t.equal((await phone.send('GET', '/devices')).statusCode, 401, 'the other device is forgotten')
  laptop.close()
  t.equal((await laptop.send('GET', '/devices')).statusCode, 200, 'this one is not')

  const thief = new Map(laptop.jar)
  for (let turn = 0; turn < 2; turn++) {
    laptop.close()
    await laptop.send('GET', '/devices')
  }
  const burglar = browser()
  for (const [name, value] of thief) if (name !== '__Host-session') burglar.jar.set(name, value)
  t.equal((await burglar.send('GET', '/devices')).statusCode, 401)
  t.equal(alarms.length, 1)
  t.equal((await laptop.send('GET', '/devices')).statusCode, 401)

  const last = await signIn('new', true)
  const copy = new Map(last.jar)
  t.equal((await last.send('DELETE', '/account')).statusCode, 200)
  const late = browser()
  for (const [name, value] of copy) late.jar.set(name, value)
  t.equal((await late.send('GET', '/devices')).statusCode, 401)
})

nothingLeftOut()
