import t from 'tap'
import { build } from '../../docs/demo/server.ts'
import { NASTY } from '../../docs/demo/nasty-values.ts'

const app = await build()
t.teardown(() => app.close())

const send = (values: Record<string, string>) => app.inject({ method: 'POST', url: '/forms', headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }, payload: new URLSearchParams(values).toString() })
const VALUES = { username: 'berta', email: 'berta@example.com', password: 'a long secret', activation_key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }

t.test('the form', async (t) => {
  const wrong = await send({ ...VALUES, email: 'taken@example.com', news: 'on' })
  t.equal(wrong.statusCode, 422)
  t.match(wrong.body, 'This email is taken.')
  t.match(wrong.body, 'value="taken@example.com"')
  t.notMatch(wrong.body, 'a long secret')
  t.match(wrong.body, 'checked')
  const done = await send(VALUES)
  t.same([done.statusCode, done.headers.location], [303, '/forms?done=on'])
  t.match((await app.inject('/forms?done=on')).body, 'The account was made')
  t.match((await send(VALUES)).body, 'This email is taken.')
  t.match((await app.inject({ method: 'POST', url: '/forms', payload: { username: 1 } })).json(), { errors: { username: ['Enter a text.'] } })
})

t.test('a hundred values', async (t) => {
  t.equal(NASTY.length, 100)
  t.equal(new Set(NASTY).size, 100)
  for (const [index, value] of NASTY.entries()) {
    const page = await app.inject(`/forms?try=${index}`)
    t.equal(page.statusCode, 200)
    const reply = await send({ ...VALUES, username: value, email: value })
    t.ok([422, 303].includes(reply.statusCode), `value ${index}`)
    for (const { body } of [page, reply]) t.notMatch(body, /<script>alert|<img src=x| onmouseover="/)
  }
  t.equal((await app.inject('/forms?try=100')).statusCode, 400)
})

t.test('the injection', async (t) => {
  const page = (await app.inject('/sql')).body
  t.match(page, 'WHERE name = &#39;&#39; OR &#39;1&#39;=&#39;1&#39;')
  t.equal(page.split('taken@example.com').length, 2, 'once, by the statement that was put together')
  t.match(page, 'Nobody')
  t.match((await app.inject(`/sql?q=${encodeURIComponent("Pat O'Neil")}`)).body, 'cannot read this statement')
  t.match((await app.inject('/sql?q=Anna')).body, 'anna@example.com')
  t.match((await app.inject('/sql?q=x')).body, 'Not run')
  t.equal((await app.inject('/sql?q=a&q=b')).statusCode, 400)
})
