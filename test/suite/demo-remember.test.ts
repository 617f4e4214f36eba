import t from 'tap'
import { build } from '../../docs/demo/server.ts'
import { PASSWORDS } from '../../docs/demo/people.ts'

const app = await build()
t.teardown(() => app.close())

class Browser {
  readonly jar = new Map<string, string>()

  async send (url: string, form?: Record<string, string>): Promise<string> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...cookie !== '' && { cookie }, ...form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' } }
    const reply = await app.inject({ url, headers, ...form !== undefined && { method: 'POST', payload: new URLSearchParams(form).toString() } })
    t.ok(reply.statusCode < 400, `${url} ${reply.statusCode}`)
    for (const text of [reply.headers['set-cookie'] ?? []].flat()) {
      const [name, value] = text.split(';')[0]!.split('=') as [string, string]
      if (text.includes('Max-Age=0')) this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return reply.body
  }

  /** Posts a form, and gives the page that follows. */
  async post (action: string, form: Record<string, string> = {}): Promise<string> {
    await this.send(`/remember/${action}`, form)
    return await this.send('/remember')
  }
}

async function signIn (name = 'Ada', remember = true): Promise<Browser> {
  const browser = new Browser()
  t.match(await browser.post('login', { name, password: PASSWORDS[name]!, ...remember && { remember: 'yes' } }), `You are ${name}`)
  return browser
}

const copyIn = (page: string): string => /<code>(v1\.[\w.-]+)<\/code>/.exec(page)![1]!

t.test('a browser that is closed comes back signed in', async (t) => {
  const browser = await signIn()
  t.match(await browser.send('/remember'), 'Fresh: you gave your password')
  const page = await browser.post('close')
  t.match(page, 'You are Ada')
  t.match(page, 'Remembered: you gave no password')
  t.match(page, 'has the number 0')
  t.match(await browser.send('/remember'), 'has the number 1')
  const stranger = await signIn('Grace', false)
  t.match(await stranger.send('/remember'), 'This browser is not remembered')
  t.match(await stranger.post('close'), '<h2 id="people">Sign in</h2>')
  t.match(await stranger.post('login', { name: 'Grace', password: 'wrong' }), 'That was not the password.')
})

t.test('tabs that are opened at once get the same token', async (t) => {
  const browser = await signIn()
  t.match(await browser.post('tabs'), '6 of 6 tabs are signed in. They got the same next token.')
  t.match(await browser.post('close'), 'has the number 1')
})

t.test('a copy that is two tokens old ends everything of the owner, who sees it', async (t) => {
  const browser = await signIn('Edsger')
  const other = await signIn('Edsger')
  let page = await browser.post('copy')
  const copy = copyIn(page)
  for (let turn = 0; turn < 2; turn++) {
    page = await browser.post('close', { copy })
    t.equal(copyIn(page), copy, 'the thief still has it')
  }
  page = await browser.post('steal', { copy })
  t.match(page, 'The thief got nothing: the copy is dead.')
  t.match(page, '<code>session_remember_theft</code> user')
  t.match(page, '<h2 id="people">Sign in</h2>')
  t.match(await other.send('/remember'), '<h2 id="people">Sign in</h2>')
})

t.test('a copy that is used first makes the thief the user, until the owner comes', async (t) => {
  const browser = await signIn('Grace')
  const page = await browser.post('steal', { copy: copyIn(await browser.post('copy')) })
  t.match(page, 'The thief is Grace, and has the next token.')
  t.not(copyIn(page), browser.jar.get('__Host-remember-device'))
  t.match(await browser.post('steal', { copy: 'x; y\r\n' }), 'The thief got nothing')
})

t.test('devices are ended, each alone', async (t) => {
  const [browser, other] = [await signIn('Grace'), await signIn('Grace')]
  const page = await browser.send('/remember')
  const sids = [...page.matchAll(/name="sid" value="([\w-]{22})"/g)].map(([, sid]) => sid!)
  for (const sid of sids) await browser.send('/remember/end', { sid })
  t.match(await other.post('close'), '<h2 id="people">Sign in</h2>')
  t.match(await browser.post('close'), 'You are Grace')
  t.match(await browser.post('logout'), '<h2 id="people">Sign in</h2>')
  t.equal(browser.jar.has('__Host-remember-device'), false)
})

t.test('a body that is missing, or is no form, is no fault of the server', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  for (const payload of [undefined, '{}', 'null', '[]', '{"name":{},"password":[1],"sid":5}']) {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
    const { statusCode } = await app.inject({ method: 'POST', url: '/remember/login', headers, ...payload !== undefined && { payload } })
    t.ok(statusCode < 500, `${payload}: ${statusCode}`)
  }
})
