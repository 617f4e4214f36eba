import { createRequire } from 'node:module'
import type { Database as Sqlite } from 'node-sqlite3-wasm'
import { build as elements } from '../../../docs/examples/input/elements.ts'
import { build as languages } from '../../../docs/examples/input/languages.ts'
import { build as nested } from '../../../docs/examples/input/nested.ts'
import { build as plainSchema } from '../../../docs/examples/input/plain-schema.ts'
import { build as signUp } from '../../../docs/examples/input/sign-up.ts'
import { build as withoutRoute } from '../../../docs/examples/input/without-route.ts'
import { profile } from '../../../docs/examples/input/escaping.ts'
import { find, findAll, findUnsafe, search, sorted } from '../../../docs/examples/input/sql.ts'
import { examplesOf, startProgram } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('input')
const require = createRequire(import.meta.url)
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const body = (values: Record<string, string>): string => new URLSearchParams(values).toString()

show('quick-start.ts', async (t) => {
  const url = `${await startProgram(t, compiled('quick-start.js'))}/account`
  const page = await (await fetch(url)).text()
  t.match(page, '<input id="username" name="username" type="text" required minlength="3" maxlength="25"')
  t.match(page, 'type="hidden" value="6ba7b810')
  const values = { username: 'anna', email: 'taken@example.com', activation_key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }
  const json = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(values) })
  t.equal(json.status, 422)
  t.same((await json.json() as { errors: object }).errors, { email: ['This email is taken.'] })
  const again = await fetch(url, { method: 'POST', body: new URLSearchParams({ ...values, username: '1<x' }), headers: { accept: 'text/html' } })
  t.match(await again.text(), 'Usernames must have only letters, numbers, dots or underscores.')
  t.equal(await (await fetch(url, { method: 'POST', body: new URLSearchParams({ ...values, email: 'anna@example.com' }) })).text(), 'Welcome, anna.')
})

show('nested.ts', async (t) => {
  const app = await nested()
  t.teardown(() => app.close())
  const values = { 'address.street': 'Main', 'address.country': 'US', 'address.state': 'CA', 'items.0.name': 'Pen', 'items.0.count': '2', 'items.4.name': 'Ink', 'items.4.count': '1' }
  const send = async (more: Record<string, string>): Promise<object> => (await app.inject({ method: 'POST', url: '/order', headers: { ...FORM, accept: 'application/json' }, payload: body({ ...values, ...more }) })).json()
  t.same(await send({}), { address: { street: 'Main', country: 'US', state: 'CA' }, items: [{ name: 'Pen', count: 2 }, { name: 'Ink', count: 1 }], gift: false })
  t.match(await send({ 'items.4.count': '1.5', 'address.state': '' }), { errors: { 'items.1.count': ['Enter a whole number.'], 'address.state': ['This field is required.'] } })
})

show('sign-up.ts', async (t) => {
  const created: object[] = []
  const app = await signUp({
    exists: async (email) => email === 'taken@example.com',
    create: async (values) => {
      if ((values as { email: string }).email === 'race@example.com') throw Object.assign(new Error('unique'), { code: '23505' })
      created.push(values)
    }
  }, async () => '')
  t.teardown(() => app.close())
  const secret = 'plum umbrella fence'
  const send = (values: object) => app.inject({ method: 'POST', url: '/sign-up', payload: { email: 'Anna@example.com', password: secret, again: secret, ...values } })
  const done = await send({})
  t.same([done.statusCode, done.headers.location], [303, '/welcome'])
  t.same(created, [{ email: 'anna@example.com', password: secret, again: secret }])
  for (const email of ['taken@example.com', 'race@example.com']) t.same((await send({ email })).json<{ errors: object }>().errors, { email: ['This is taken.'] }, email)
  t.same((await send({ again: 'x' })).json<{ errors: object }>().errors, { again: ['Passwords must match.'] })
  t.ok('password' in (await send({ password: 'passwordpassword', again: 'passwordpassword' })).json<{ errors: object }>().errors)
})

show('elements.ts', async (t) => {
  const app = await elements()
  t.teardown(() => app.close())
  const first = (await app.inject('/order')).body
  t.match(first, '<select id="size" name="size" required><option value=""></option><option value="small">small</option><option value="large">large</option></select>')
  t.match(first, '<select id="extras" name="extras" multiple><option value="box">')
  t.match(first, '<textarea id="note" name="note" maxlength="500"></textarea>')
  const again = await app.inject({ method: 'POST', url: '/order', headers: { ...FORM, accept: 'text/html' }, payload: 'size=large&extras=card&note=%3C%2Ftextarea%3E%0A%3Cb%3E' })
  t.equal(again.statusCode, 422)
  t.match(again.body, '<option value="large" selected>large</option>', 'what was chosen is chosen still')
  t.match(again.body, '<option value="card" selected>card</option>')
  t.match(again.body, '&lt;/textarea&gt;\n&lt;b&gt;</textarea>')
  t.match(again.body, /<input id="terms"[^>]* aria-invalid="true"/)
  const done = await app.inject({ method: 'POST', url: '/order', headers: FORM, payload: 'size=small&note=&terms=true' })
  t.same(done.json(), { size: 'small', terms: true })
})

show('languages.ts', async (t) => {
  const app = await languages()
  t.teardown(() => app.close())
  const send = async (language: string): Promise<unknown> => (await app.inject({ method: 'POST', url: '/', headers: { 'accept-language': language }, payload: {} })).json<{ errors: { name: string[] } }>().errors.name
  t.same(await send('de-AT, en'), ['Dieses Feld muss ausgefüllt werden.'])
  t.same(await send('fr'), ['This field is required.'])
})

show('without-route.ts', async (t) => {
  const { app, rejected } = await withoutRoute([{ sku: 'a-1', count: '3' }, { sku: 'A', count: '3' }, { sku: 'b', count: '-1' }])
  t.teardown(() => app.close())
  t.equal(rejected, 2)
})

show('plain-schema.ts', async (t) => {
  const app = await plainSchema()
  t.teardown(() => app.close())
  t.same((await app.inject({ method: 'PUT', url: '/notes/7?notify=on', payload: { title: 'x', text: 'a\nb' } })).json(), { id: 7, notify: true, title: 'x' })
  t.equal((await app.inject({ method: 'PUT', url: '/notes/x', payload: { title: 'x', text: 'y' } })).statusCode, 400)
  const { Validator } = require('@seriousme/openapi-schema-validator') as { Validator: new () => { validate (document: object): Promise<{ valid: boolean, errors?: unknown }> } }
  const document = (app as unknown as { swagger (): object }).swagger()
  const { valid, errors } = await new Validator().validate(document)
  t.ok(valid, JSON.stringify(errors))
  t.match(document, { paths: { '/notes/{id}': { put: { requestBody: { content: { 'application/json': { schema: { properties: { title: { type: 'string', maxLength: 100 } } } } } } } } } })
})

show('sql.ts', async (t) => {
  const { Database } = require('node-sqlite3-wasm') as { Database: new () => Sqlite }
  const database = new Database()
  t.teardown(() => database.close())
  database.run('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created_at TEXT)')
  for (const [index, name] of ['anna', 'bob', '100%'].entries()) database.run('INSERT INTO users (name, created_at) VALUES (?, ?)', [name, `2026-01-0${3 - index}`])
  const all = database as unknown as { all (sql: string, values?: unknown[]): unknown[] }
  const injection = "' OR '1'='1"
  t.equal(findUnsafe(all, injection).length, 3, 'the injection succeeds')
  t.equal(find(all, injection).length, 0, 'and fails')
  t.same(find(all, 'anna'), [{ id: 1, name: 'anna' }])
  t.same(sorted(all, 'newest', 'asc').map((row) => (row as { id: number }).id), [3, 2, 1])
  t.same(sorted(all, 'name', 'desc; DROP TABLE users').map((row) => (row as { name: string }).name), ['100%', 'anna', 'bob'])
  t.throws(() => sorted(all, 'name; DROP TABLE users', 'asc'), { code: 'BULWARK_ERR_INPUT_IDENTIFIER_REFUSED' })
  t.same(search(all, '%'), [{ id: 3, name: '100%' }])
  t.same(search(all, '_'), [])
  t.same(findAll(all, [1, 3]).length, 2)
  t.same(findAll(all, []), [])
})

show('escaping.ts', async (t) => {
  const page = String(profile({ name: '<b>"\'', site: 'javascript:alert(1)', tags: ['</li><script>'] }, 'abc'))
  t.match(page, '<h1>&lt;b&gt;&quot;&#39;</h1>')
  t.match(page, 'href="about:invalid"')
  t.match(page, '<li>&lt;/li&gt;&lt;script&gt;</li>')
  t.match(page, '<script nonce="abc" src="/app.js"></script>')
  t.equal(page.split('<script').length, 3)
})

nothingLeftOut({ 'sql-postgres.ts': 'test/services/sql.test.ts' })
