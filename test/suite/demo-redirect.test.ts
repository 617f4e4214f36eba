import t from 'tap'
import { judge, TRICKS } from '../../docs/demo/rooms/redirect.ts'
import { build } from '../../docs/demo/server.ts'

const app = await build()
t.teardown(() => app.close())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const post = async (url: string, payload: string): Promise<Awaited<ReturnType<typeof app.inject>>> => app.inject({ method: 'POST', url, headers: FORM, payload })

t.test('two dozen targets are judged as they should be', async (t) => {
  t.ok(TRICKS.length >= 24)
  for (const { value } of TRICKS) {
    const { leaves, accepted, answer } = judge(value)
    t.equal(accepted && leaves, false, `${JSON.stringify(value)} is not accepted if it leaves`)
    const page = await app.inject(`/redirect?value=${encodeURIComponent(value)}`)
    t.equal(page.statusCode, 200)
    t.match(page.body, accepted ? 'Redirected</p>' : 'Status 400</p>')
    t.match(page.body, accepted ? `sends <code>${answer.replaceAll('&', '&amp;')}</code>` : `refuses it: ${answer}.`)
  }
  t.same(TRICKS.filter(({ value }) => judge(value).accepted).map(({ value }) => value), [
    '/dashboard', 'https://app.test/account?tab=1', 'https://good.test/help', '/日本', '/a/../b', 'https:evil.test', '/.//evil.test'
  ])
})

t.test('what cannot be seen is made visible, and what is markup is not', async (t) => {
  t.equal(judge('/\t/\u200b\ud800').value, '/\\u0009/\\u200b\\ud800')
  const { body } = await app.inject(`/redirect?value=${encodeURIComponent('"><script>alert(1)</script>')}`)
  t.notMatch(body, '<script>alert')
  for (const url of ['/redirect?value=a&value=b', '/redirect?value=', `/redirect?value=${'x'.repeat(5000)}`, '/redirect?value=%ff']) t.equal((await app.inject(url)).statusCode, 200, url)
})

t.test('the login form', async (t) => {
  for (const [next, location] of [['/redirect/arrived', '/redirect/arrived'], ['%2F%E6%97%A5%E6%9C%AC', '/%E6%97%A5%E6%9C%AC']]) {
    t.match(await post('/redirect/login', `next=${next!}`), { statusCode: 303, headers: { location } }, next!)
  }
  t.match(await post('/redirect/login', ''), { statusCode: 303, headers: { location: '/redirect/arrived' } })
  for (const next of ['https%3A%2F%2Fevil.test', '%2F%2Fevil.test', '%2F%09%2Fevil.test', '', '/a&next=/b']) {
    const reply = await post('/redirect/login', `next=${next}`)
    t.equal(reply.statusCode, 400, next)
    t.match(reply.body, '<h1>This request was refused</h1>')
    t.notMatch(reply.body, 'evil.test')
  }
  t.match((await app.inject('/redirect/arrived')).body, 'data-state="good" role="status">The redirect led here')
})

t.test('the signed target', async (t) => {
  const { body } = await app.inject('/redirect/signed')
  const [token, changed] = [...body.matchAll(/name="token" value="([^"]+)"/g)].map(([, value]) => value!)
  t.match(await post('/redirect/signed', `token=${token!}`), { statusCode: 303, headers: { location: '/redirect/arrived' } })
  for (const bad of [changed!, '', 'x']) {
    const reply = await post('/redirect/signed', `token=${bad}`)
    t.equal(reply.statusCode, 400)
    t.match(reply.body, 'The token was refused')
  }
  t.equal((await app.inject({ method: 'POST', url: '/redirect/signed' })).statusCode, 400)
  t.equal((await app.inject('/redirect/signed?next=//evil.test')).statusCode, 400)
})

t.test('the page before leaving', async (t) => {
  const { headers, body } = await app.inject('/redirect/out?to=https%3A%2F%2F%D0%B0%D1%80%D1%80%D3%8F%D0%B5.test%2F')
  t.match(body, '<strong>xn--80ak6aa92e.test</strong>')
  t.match(headers['content-security-policy'], "default-src 'none'; style-src 'sha256-")
  t.equal((await app.inject('/redirect/out?to=javascript:alert(1)')).statusCode, 400)
})
