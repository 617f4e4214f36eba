import formbody from '@fastify/formbody'
import swagger from '@fastify/swagger'
import fastifyView from '@fastify/view'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { createRequire } from 'node:module'
import { equalTo, f, german, html, input, type InputOptions } from '../../plugins/input.ts'

const FORM = 'application/x-www-form-urlencoded'
const Account = Type.Object({ username: f.username({ min: 3, max: 25 }), email: f.email(), activation_key: f.hidden(f.uuid()) })
const KEY = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const VALUES = { username: 'anna', email: 'anna@example.com', activation_key: KEY }

async function make (t: Test, options: InputOptions, routes: (app: FastifyInstance) => void): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input, options)
  routes(app)
  return app
}

function post (app: FastifyInstance, url: string, payload: string | object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url, payload, headers: typeof payload === 'string' ? { 'content-type': FORM, ...headers } : headers })
}

const form = (values: Record<string, string>): string => new URLSearchParams(values).toString()

t.test('the form of the article', async (t) => {
  const taken = new Set(['taken@example.com'])
  const app = await make(t, {}, (app) => app.route({
    method: ['GET', 'POST'],
    url: '/account',
    schema: { body: Account },
    form: {
      accepts: ['form', 'json'],
      messages: { username: { pattern: 'Usernames must have only letters, numbers, dots or underscores.' } },
      check: { email: async (email) => taken.has(email) ? 'This email is taken.' : undefined },
      render: (_request, _reply, form) => html`<form method="post">${form.summary}${(['username', 'email', 'activation_key'] as const).map((name) => html`<input ${form.field(name).attributes}>${form.field(name).errors}`)}</form>`
    }
  }, async (request) => request.form.ok && { ...request.form.values, same: request.form.values === request.body }))
  const page = await app.inject('/account')
  t.equal(page.statusCode, 200)
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.equal(page.headers['cache-control'], 'no-store')
  t.match(page.body, '<input id="username" name="username" type="text" required minlength="3" maxlength="25"')
  t.notMatch(page.body, 'Please')
  t.equal((await app.inject({ method: 'HEAD', url: '/account' })).statusCode, 200)
  t.same((await post(app, '/account', form(VALUES))).json(), { ...VALUES, same: true })
  t.same((await post(app, '/account', VALUES)).json(), { ...VALUES, same: true })
  const json = await post(app, '/account', { ...VALUES, email: 'taken@example.com' })
  t.equal(json.statusCode, 422)
  t.match(json.headers['content-type'], 'application/problem+json')
  t.match(json.json(), { status: 422, errors: { email: ['This email is taken.'] } })
  const wrong = await post(app, '/account', form({ ...VALUES, username: '<b>"x' }))
  t.equal(wrong.statusCode, 422)
  t.match(wrong.body, 'value="&lt;b&gt;&quot;x"')
  t.match(wrong.body, 'Usernames must have only letters, numbers, dots or underscores.')
  t.match((await post(app, '/account', form({}), { accept: 'application/json' })).json(), { errors: { username: ['This field is required.'] } })
})

t.test('kinds of body', async (t) => {
  const app = await make(t, {}, (app) => {
    app.post('/both', { schema: { body: Account } }, () => 'ok')
    app.post('/json', { schema: { body: Account }, form: { accepts: ['json'] } }, () => 'ok')
    app.post('/none', () => 'ok')
  })
  t.equal((await post(app, '/both', VALUES)).statusCode, 200)
  t.equal((await post(app, '/both', form(VALUES))).statusCode, 200)
  t.equal((await post(app, '/json', form(VALUES))).statusCode, 415)
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'nonsense']) {
    t.equal((await app.inject({ method: 'POST', url: '/both', payload: 'x', headers: { 'content-type': type } })).statusCode, 415, type)
  }
  const nothing = await app.inject({ method: 'POST', url: '/both' })
  t.equal(nothing.statusCode, 415)
  t.equal(nothing.json<{ code: string }>().code, 'BULWARK_ERR_INPUT_MEDIA_TYPE')
  t.equal((await app.inject({ method: 'POST', url: '/none' })).statusCode, 200, 'a route without a schema is left alone')
})

t.test('what is too much, or no UTF-8, or twice', async (t) => {
  const app = await make(t, { limits: { body: 300, fields: 5, depth: 2, items: 3 } }, (app) => {
    app.post('/', { schema: { body: Type.Object({ a: Type.Optional(f.text()) }) } }, () => 'ok')
    app.post('/large', { bodyLimit: 1000, schema: { body: Type.Object({ a: Type.Optional(f.text()) }) } }, () => 'ok')
  })
  for (const payload of ['a=1&a=2', 'a=%ff', 'a=1&b=1&c=1&d=1&e=1&f=1', 'x.y.z=1', { a: '\ufffd' }, { a: [1, 2, 3, 4] }, { a: { b: { c: {} } } }]) {
    const reply = await post(app, '/', payload)
    t.equal(reply.statusCode, 400)
    t.equal(reply.json<{ code: string }>().code, 'BULWARK_ERR_INPUT_BODY_REFUSED')
  }
  const bytes = await app.inject({ method: 'POST', url: '/', payload: Buffer.from([97, 61, 255]), headers: { 'content-type': FORM } })
  t.equal(bytes.statusCode, 400)
  t.equal((await post(app, '/', `a=${'x'.repeat(400)}`)).statusCode, 413)
  t.equal((await post(app, '/large', `a=${'x'.repeat(400)}`)).statusCode, 200)
})

t.test('with @fastify/formbody, registered before or after', async (t) => {
  for (const first of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    if (first) await app.register(formbody)
    await app.register(input)
    if (!first) await app.register(formbody)
    app.post('/', { schema: { body: Account } }, (request) => request.body)
    t.same((await post(app, '/', form(VALUES))).json(), VALUES)
    t.equal((await post(app, '/', 'username=%ff')).statusCode, 422, 'what it cannot decode stays as it was written')
    const bytes = await app.inject({ method: 'POST', url: '/', payload: Buffer.from([97, 61, 255]), headers: { 'content-type': FORM } })
    t.equal(bytes.statusCode, 400)
  }
})

t.test('parameters, query and headers', async (t) => {
  const app = await make(t, {}, (app) => app.post('/:id', {
    schema: { body: Account, params: Type.Object({ id: f.integer() }), querystring: Type.Object({ page: f.integer({ default: 1 }), tags: Type.Optional(f.list(f.text())) }), headers: Type.Object({ 'X-Count': Type.Optional(f.integer()) }) }
  }, (request) => ({ params: request.params, query: request.query, count: (request.headers as Record<string, unknown>)['x-count'], host: request.headers.host })))
  t.same((await post(app, '/3?tags=a&utm=x', VALUES, { 'x-count': '7' })).json(), { params: { id: 3 }, query: { page: 1, tags: ['a'] }, count: 7, host: 'localhost:80' })
  for (const [url, headers] of [['/x', {}], ['/3?page=1.5', {}], ['/3?page=0x10', {}], ['/3?page=1&page=2', {}], ['/3', { 'x-count': 'x' }]] as Array<[string, Record<string, string>]>) {
    for (const body of [VALUES, {}]) {
      const reply = await post(app, url, body, headers)
      t.equal(reply.statusCode, 400, `${url}: whether the body is right or not`)
      t.equal(reply.json<{ code: string }>().code, 'BULWARK_ERR_INPUT_REQUEST_INVALID')
    }
  }
  t.equal((await post(app, '/3?page=', VALUES)).json<{ query: { page: number } }>().query.page, 1, 'nothing is nothing')
})

t.test('a program learns from the error which part and which fields', async (t) => {
  const app = await make(t, {}, (app) => {
    app.setErrorHandler<Error & { validationContext: string, faults: unknown }>((error, _request, reply) => reply.code(400).send({ part: error.validationContext, faults: error.faults }))
    app.get('/', { schema: { querystring: Type.Object({ page: f.integer() }) } }, () => '')
  })
  t.same((await app.inject('/?page=x')).json(), { part: 'querystring', faults: [{ path: 'page', key: 'integer' }] })
  t.same((await app.inject('/?page=1&page=2')).json(), { part: 'querystring', faults: [{ path: 'page', key: 'duplicate' }] })
})

t.test('onInvalid: continue', async (t) => {
  const app = await make(t, {}, (app) => app.post('/', { schema: { body: Account }, form: { onInvalid: 'continue', check: { email: () => 'taken' } } }, (request) => ({ ok: request.form.ok, body: request.body ?? null, raw: request.form.raw })))
  t.same((await post(app, '/', form({ username: 'x' }))).json(), { ok: false, body: null, raw: { username: 'x' } })
  t.same((await post(app, '/', VALUES)).json(), { ok: false, body: null, raw: VALUES }, 'nor when a check objects')
})

t.test('what the handler found out, and where to go on', async (t) => {
  const app = await make(t, {}, (app) => {
    app.post('/fail', { schema: { body: Account }, form: { render: (_request, _reply, form) => html`<p>${form.errors.email}</p>` } }, async (request) => request.form.fail('email', 'taken'))
    app.post('/done', { schema: { body: Account } }, async (request) => request.form.redirect('/welcome'))
    app.post('/open', { schema: { body: Account, querystring: Type.Object({ next: f.text() }) } }, async (request) => request.form.redirect((request.query as { next: string }).next))
  })
  const failed = await post(app, '/fail', form(VALUES))
  t.equal(failed.statusCode, 422)
  t.equal(failed.body, '<p>This is taken.</p>')
  t.match((await post(app, '/fail', VALUES)).json(), { errors: { email: ['This is taken.'] } })
  const done = await post(app, '/done', form(VALUES))
  t.equal(done.statusCode, 303)
  t.equal(done.headers.location, '/welcome')
  t.equal((await post(app, '/open?next=//evil.example', form(VALUES))).statusCode, 400)
})

t.test('pages: a text, a reply, a promise, and nothing', async (t) => {
  const renders = {
    text: () => '<p>text</p>',
    sent: (_request: unknown, reply: { type (type: string): { send (page: string): unknown } }) => reply.type('text/html').send('<p>sent</p>'),
    later: async (_request: unknown, reply: { type (type: string): { send (page: string): unknown } }) => { await new Promise((resolve) => setImmediate(resolve)); return reply.type('text/html').send('<p>later</p>') },
    nothing: () => undefined,
    thrown: () => { throw new Error('thrown') }
  }
  const app = await make(t, {}, (app) => {
    for (const [name, render] of Object.entries(renders)) app.route({ method: ['get', 'POST'] as never, url: `/${name}`, schema: { body: Account }, form: { render: render as never } }, () => 'handler')
  })
  for (const name of ['text', 'sent', 'later']) {
    t.equal((await app.inject(`/${name}`)).body, `<p>${name}</p>`)
    const wrong = await post(app, `/${name}`, 'a=b')
    t.same([wrong.statusCode, wrong.body], [422, `<p>${name}</p>`])
  }
  for (const name of ['nothing', 'thrown']) t.equal((await app.inject(`/${name}`)).statusCode, 500)
})

t.test('a page of GET without `render` is the handler\'s; one of GET alone has its form, too', async (t) => {
  const app = await make(t, {}, (app) => {
    app.route({ method: ['GET', 'POST'], url: '/', schema: { body: Account, querystring: Type.Object({ q: Type.Optional(f.text()) }) }, form: {} }, (request) => ({ submitted: request.form.isSubmitted, label: request.form.field('email').label }))
    app.route({ method: 'GET', url: '/only', schema: { body: Account }, form: { initial: async () => ({ username: 'anna' }), render: (_request, _reply, form) => html`${form.field('username').value}` } }, () => '')
    app.route({ method: 'PUT', url: '/put', schema: { body: Account }, handler: (request) => request.form.ok })
  })
  t.same((await app.inject('/')).json(), { submitted: false, label: 'Email' })
  t.same((await post(app, '/', VALUES)).json(), { submitted: true, label: 'Email' })
  t.equal((await app.inject('/only')).body, 'anna')
  t.same((await app.inject({ method: 'PUT', url: '/put', payload: VALUES })).json(), true)
})

t.test('request.form where there is none', async (t) => {
  const app = await make(t, {}, (app) => app.get('/', (request) => ({ form: request.form })))
  const reply = await app.inject('/')
  t.equal(reply.statusCode, 500)
  t.equal(reply.json<{ code: string }>().code, 'BULWARK_ERR_INPUT_FORM_MISSING')
})

t.test('who may not be here is refused before anything is asked', async (t) => {
  let asked = 0
  const app = await make(t, {}, (app) => {
    app.addHook('preHandler', (request, reply, next) => {
      t.equal(request.form.ok, true, 'hooks before the handler have the form')
      t.same(request.body, VALUES)
      if (request.headers['authorization'] === undefined) reply.code(401).send('')
      else next()
    })
    app.post('/', { schema: { body: Account }, preHandler: async () => {}, form: { check: { email: () => { asked++ } } } }, () => 'ok')
  })
  t.equal((await post(app, '/', VALUES)).statusCode, 401)
  t.equal(asked, 0)
  t.equal((await post(app, '/', VALUES, { authorization: 'x' })).statusCode, 200)
  t.equal(asked, 1)
})

t.test('a field of another plugin, which looks before or after', async (t) => {
  for (const first of [true, false]) {
    for (const copy of [true, false]) {
      const seen: unknown[] = []
      const app = Fastify()
      t.teardown(() => app.close())
      const take = (request: { body: unknown }): void => {
        const body = request.body as Record<string, unknown>
        seen.push(body['_csrf'])
        const { _csrf, ...rest } = body
        if (copy) request.body = rest
        else delete body['_csrf']
      }
      const guard = (app: FastifyInstance): unknown => app.addHook('onRoute', (route) => {
        route.preValidation = [...[route.preValidation ?? []].flat(), (request: { body: unknown }, _reply: unknown, next: () => void) => { take(request); next() }] as never
      })
      if (first) guard(app)
      await app.register(input)
      if (!first) guard(app)
      app.post('/', { schema: { body: Account } }, (request) => request.body)
      t.same((await post(app, '/', { ...VALUES, _csrf: 't' })).json(), VALUES)
      t.same((await post(app, '/', form({ ...VALUES, _csrf: 't' }))).json(), VALUES)
      t.equal((await post(app, '/', { ...VALUES, username: '', _csrf: 't' })).statusCode, 422)
      t.same(seen, ['t', 't', 't'])
    }
  }
  const app = await make(t, { setAside: ['token'] }, (app) => app.post('/', { schema: { body: Account } }, (request) => request.body))
  t.same((await post(app, '/', { ...VALUES, token: 't' })).json(), VALUES)
  t.equal((await post(app, '/', { ...VALUES, _csrf: 't' })).statusCode, 422)
})

t.test('a body that a hook puts in the place of the one that was read is refused', async (t) => {
  const app = await make(t, {}, (app) => {
    app.addHook('onRoute', (route) => {
      route.preValidation = [...[route.preValidation ?? []].flat(), (request: { body: unknown }, _reply: unknown, next: () => void) => { request.body = { username: 1 }; next() }] as never
    })
    app.post('/', { schema: { body: Account } }, () => 'ok')
  })
  t.equal((await post(app, '/', VALUES)).statusCode, 400)
})

t.test('a schema for each content type: no other one reaches the handler', async (t) => {
  const app = await make(t, {}, (app) => app.post('/', { schema: { body: { content: { 'application/json': { schema: Type.Object({ a: f.integer() }) }, [FORM]: { schema: Type.Object({ b: f.integer() }) } } } } }, (request) => request.body))
  t.same((await post(app, '/', { a: 1 })).json(), { a: 1 })
  t.same((await post(app, '/', 'b=2')).json(), { b: 2 })
  t.equal((await post(app, '/', 'a=2')).statusCode, 422)
  t.equal((await app.inject({ method: 'POST', url: '/', payload: 'x', headers: { 'content-type': 'text/plain' } })).statusCode, 415)
  t.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 415)
})

t.test('schemas of the application, by reference', async (t) => {
  const app = await make(t, {}, (app) => {
    app.post('/', { schema: { body: { $ref: 'Account#' } as never } }, (request) => request.body)
    app.addSchema({ $id: 'Account', ...Account })
  })
  t.same((await post(app, '/', form(VALUES))).json(), VALUES)
})

t.test('a route or an application with its own compiler is left alone', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input)
  app.post('/own', { schema: { body: Type.Object({ a: Type.String() }) }, validatorCompiler: () => () => true }, (request) => request.body ?? null)
  await app.register(async (child) => {
    child.setValidatorCompiler(() => () => true)
    child.post('/child', { schema: { body: Type.Object({ a: Type.String() }) } }, (request) => request.body ?? null)
    child.post('/form', { schema: { body: Account }, form: {} }, (request) => request.form.ok)
  })
  t.same((await post(app, '/own', { b: 1 })).json(), { b: 1 })
  t.same((await post(app, '/child', { b: 1 })).json(), { b: 1 })
  t.equal((await post(app, '/form', { b: 1 })).statusCode, 422)
})

t.test('what never starts', async (t) => {
  const faulty: Array<[title: string, code: string, options: object, routes: (app: FastifyInstance) => void]> = [
    ['an option', 'BULWARK_ERR_INPUT_OPTION_UNKNOWN', { lnt: 'off' }, () => {}],
    ['a form without a body', 'BULWARK_ERR_INPUT_FORM_INVALID', {}, (app) => app.post('/', { form: {} }, () => '')],
    ['a form with a compiler of its own', 'BULWARK_ERR_INPUT_FORM_INVALID', {}, (app) => app.post('/', { schema: { body: Account }, form: {}, validatorCompiler: () => () => true }, () => '')],
    ['a misspelt field', 'BULWARK_ERR_INPUT_FORM_INVALID', {}, (app) => app.post('/', { schema: { body: Account }, form: { labels: { emial: 'x' } } as never }, () => '')],
    ['a form with a schema for each type', 'BULWARK_ERR_INPUT_FORM_INVALID', {}, (app) => app.post('/', { schema: { body: { content: { 'application/json': { schema: Account } } } }, form: {} as never }, () => '')],
    ['a type that nobody reads', 'BULWARK_ERR_INPUT_SCHEMA_INVALID', {}, (app) => app.post('/', { schema: { body: { content: { 'text/plain': { schema: Account } } } } }, () => '')],
    ['two types of one kind', 'BULWARK_ERR_INPUT_SCHEMA_INVALID', {}, (app) => app.post('/', { schema: { body: { content: { 'application/json': { schema: Account }, 'application/x+json': { schema: Account } } } } }, () => '')],
    ['an unknown format', 'BULWARK_ERR_INPUT_SCHEMA_INVALID', {}, (app) => app.post('/', { schema: { body: Type.Object({ a: Type.String({ format: 'nope' }) }) } }, () => '')],
    ['a weak schema', 'BULWARK_ERR_INPUT_SCHEMA_WEAK', {}, (app) => app.post('/', { schema: { body: Type.Object({ a: Type.String() }) } }, () => '')],
    ['many weak ones', 'BULWARK_ERR_INPUT_SCHEMA_WEAK', {}, (app) => app.post('/', { schema: { body: Type.Object(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a${index}`, Type.String()]))) } }, () => '')],
    ['a refinement that another compiler ignores', 'BULWARK_ERR_INPUT_SCHEMA_WEAK', {}, (app) => app.post('/', { schema: { body: Type.Refine(Account, () => false, () => '') }, validatorCompiler: () => () => true }, () => '')]
  ]
  for (const [title, code, options, routes] of faulty) {
    const app = Fastify()
    app.register(input, options)
    app.register(async (child) => { routes(child) })
    await t.rejects(async () => app.ready(), { code }, title)
  }
})

t.test('the lint can warn, or be silent', async (t) => {
  for (const lint of ['warn', 'off'] as const) {
    const lines: string[] = []
    const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } })
    t.teardown(() => app.close())
    await app.register(input, { lint })
    app.post('/', { schema: { body: Type.Object({ a: Type.String() }) } }, () => '')
    await app.ready()
    t.equal(lines.length, lint === 'warn' ? 1 : 0)
    if (lint === 'warn') t.match(lines[0], /POST \/: body\.properties\.a has no `maxLength`/)
  }
})

t.test('an engine that escapes nothing is warned about', async (t) => {
  const { Liquid } = createRequire(import.meta.url)('liquidjs') as { Liquid: new () => object }
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(fastifyView, { engine: { liquid: new Liquid() } as never })
  await app.register(input)
  await app.ready()
  t.match(lines.join(), 'without escaping')
})

t.test('languages, for all and for one request', async (t) => {
  const app = await make(t, { messages: german, translate: (key, _params, request) => request.headers['accept-language'] === 'xx' ? `xx ${key}` : undefined }, (app) => app.post('/', { schema: { body: Account }, form: { check: { email: equalTo('username') } } }, () => ''))
  t.equal((await post(app, '/', {})).json<{ errors: Record<string, string[]> }>().errors['email']![0], 'Dieses Feld muss ausgefüllt werden.')
  t.equal((await post(app, '/', {}, { 'accept-language': 'xx' })).json<{ errors: Record<string, string[]> }>().errors['email']![0], 'xx required')
})

t.test('two applications, and two scopes, do not know of each other', async (t) => {
  const build = (code: string, messages: object): Promise<FastifyInstance> => make(t, { formats: { code: (text) => text === code }, messages }, (app) => app.post('/', { schema: { body: Type.Object({ a: Type.String({ format: 'code', maxLength: 9 }), b: Type.Optional(f.email()) }) } }, () => 'ok'))
  const [one, two] = await Promise.all([build('one', {}), build('two', german)])
  t.equal((await post(one, '/', { a: 'one' })).statusCode, 200)
  t.equal((await post(two, '/', { a: 'one' })).statusCode, 422)
  t.match((await post(one, '/', {})).body, 'This field is required.')
  t.match((await post(two, '/', {})).body, 'Dieses Feld')

  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input, { limits: { fields: 3 } })
  await app.register(async (child) => {
    await child.register(input, { messages: german, limits: { fields: 10 } })
    child.route({ method: ['GET', 'POST'], url: '/inner', schema: { body: Account }, form: {} }, () => 'ok')
  })
  app.post('/outer', { schema: { body: Account } }, () => 'ok')
  t.match((await post(app, '/outer', {})).body, 'This field is required.')
  t.match((await post(app, '/inner', {})).body, 'Dieses Feld')
  t.equal((await post(app, '/outer', 'a=1&b=1&c=1&d=1')).statusCode, 400)
  t.equal((await post(app, '/inner', 'a=1&b=1&c=1&d=1&e=1')).statusCode, 422, 'the parser heeds the limit of the scope')
})

t.test('a form is shown and sent under one address, however the route is declared', async (t) => {
  const render = (_request: unknown, _reply: unknown, form: { isSubmitted: boolean }): string => form.isSubmitted ? 'wrong' : 'page'
  const options = { schema: { body: Account }, form: { render } }
  const both = { method: ['GET', 'POST'] as Array<'GET' | 'POST'>, url: '/', ...options, handler: () => 'ok' }
  const ways: Array<[title: string, declare: (app: FastifyInstance) => unknown, prefix?: string]> = [
    ['by route', (app) => app.route(both)],
    ['by route, the handler behind the options', (app) => app.route({ method: ['GET', 'POST'], url: '/', ...options }, () => 'ok')],
    ['by route, the same options twice', (app) => app.register(async (child) => { child.route(both) }, { prefix: '/other' }).route(both)],
    ['with HEAD among the methods', (app) => app.route({ ...both, method: ['GET', 'HEAD', 'POST'] })],
    ['by get and post', (app) => app.get('/', options, () => 'ok').post('/', options, () => 'ok')],
    ['by head, get and post', (app) => app.head('/', options, () => 'ok').get('/', options, () => 'ok').post('/', options, () => 'ok')],
    ['by get with the handler among the options', (app) => app.get('/', { ...options, handler: () => 'ok' } as never).post('/', { ...options, handler: () => 'ok' })],
    ['by all', (app) => app.all('/', options, () => 'ok')],
    ['in a scope', (app) => app.register(async (child) => { child.route(both) })],
    ['in a scope with a prefix', (app) => app.register(async (child) => { child.route(both) }, { prefix: '/a' }), '/a'],
    ['the same with a trailing slash', (app) => app.register(async (child) => { child.route(both) }, { prefix: '/a' }), '/a/'],
    ['in a scope of a scope', (app) => app.register(async (child) => { await child.register(async (inner) => { inner.route(both) }) }, { prefix: '/a' }), '/a'],
    ['in a scope with another registration', (app) => app.register(async (child) => {
      await child.register(input)
      child.route(both)
    })]
  ]
  for (const [title, declare, url = '/'] of ways) {
    const app = await make(t, {}, (app) => { declare(app) })
    t.equal((await app.inject(url)).body, 'page', title)
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200, title)
    t.equal((await post(app, url, form(VALUES))).body, 'ok', title)
    t.equal((await post(app, url, form({}))).body, 'wrong', title)
    t.equal((await app.inject({ method: 'POST', url, payload: 'x', headers: { 'content-type': 'text/plain' } })).statusCode, 415, title)
  }
  const hidden = await make(t, {}, (app) => app.route({ ...both, exposeHeadRoute: false }))
  t.equal((await hidden.inject({ method: 'HEAD', url: '/' })).statusCode, 404)
  const hosts = await make(t, {}, (app) => {
    for (const host of ['a.test', 'b.test']) app.route({ ...both, constraints: { host }, form: { render: () => host } })
  })
  for (const host of ['a.test', 'b.test']) for (const method of ['GET', 'POST'] as const) t.equal((await hosts.inject({ method, url: '/', headers: { host, 'content-type': FORM } })).body, host)
})

t.test('Fastify still refuses what is none of this', async (t) => {
  const schema = { body: Account }
  const rows: Array<[title: string, declare: (app: FastifyInstance) => unknown, code: string]> = [
    ['a body of GET without a form', (app) => app.route({ method: 'GET', url: '/', schema, handler: () => '' }), 'FST_ERR_ROUTE_BODY_VALIDATION_SCHEMA_NOT_SUPPORTED'],
    ['the same by get', (app) => app.get('/', { schema }, () => ''), 'FST_ERR_ROUTE_BODY_VALIDATION_SCHEMA_NOT_SUPPORTED'],
    ['a body of a method that was added without one', (app) => app.addHttpMethod('PROPFIND').route({ method: ['PROPFIND', 'POST'] as never, url: '/', schema, form: {}, handler: () => '' }), 'FST_ERR_ROUTE_BODY_VALIDATION_SCHEMA_NOT_SUPPORTED'],
    ['two handlers', (app) => app.get('/', { schema, form: {}, handler: () => '' } as object, () => ''), 'FST_ERR_ROUTE_DUPLICATED_HANDLER'],
    ['no method', (app) => app.route({ url: '/', schema, form: {}, handler: () => '' } as never), 'FST_ERR_ROUTE_METHOD_INVALID']
  ]
  for (const [title, declare, code] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(input)
    await t.rejects(async () => {
      declare(app)
      await app.ready()
    }, { code }, title)
  }
})

t.test('a body that the application has GET read is nobody\'s value', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  await app.register(input)
  app.route({ method: ['GET', 'POST'], url: '/', schema: { body: Account }, form: {}, handler: (request) => ({ body: request.body ?? null, ok: request.form.ok }) })
  t.same((await app.inject({ method: 'GET', url: '/', payload: { isAdmin: true } })).json(), { body: null, ok: false })
})

t.test('a route that was declared before the plugin', async (t) => {
  const Plain = Type.Object({ a: Type.String({ maxLength: 9 }) })
  const early: Array<[title: string, declare: (app: FastifyInstance) => unknown]> = [
    ['with a form', (app) => app.post('/account', { schema: { body: Account }, form: { check: { email: () => 'taken' } } }, () => 'in')],
    ['with a schema that another compiler knows', (app) => app.post('/account', { schema: { body: Plain }, form: { check: { a: () => 'taken' } } }, () => 'in')]
  ]
  for (const [title, declare] of early) {
    for (const awaited of [true, false]) {
      const app = Fastify()
      t.teardown(() => app.close())
      // Without `await`, the plugin is not there yet when the next line runs.
      if (!awaited) app.register(input)
      declare(app)
      if (awaited) await app.register(input)
      await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_INPUT_ROUTE_EARLY', message: /POST \/account/ }, title)
    }
  }
  const scoped = Fastify()
  t.teardown(() => scoped.close())
  scoped.register(async (child) => { child.post('/', { schema: { body: Account }, form: {} }, () => 'in') })
  scoped.register(input)
  await t.rejects(async () => scoped.ready(), { code: 'FST_ERR_SCH_VALIDATION_BUILD' }, 'nothing of the plugin reaches a scope that was registered before: its fields are unknown there')
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/:id', { schema: { params: Type.Object({ id: f.integer() }), querystring: Type.Object({ page: Type.Optional(f.integer()) }) } }, (request) => ({ ...request.params as object, ...request.query as object }))
  app.post('/own', { schema: { body: Plain }, validatorCompiler: () => () => true }, () => 'own')
  app.post('/none', () => 'none')
  await app.register(input)
  t.same((await app.inject('/3?page=2&utm=x')).json(), { id: 3, page: 2 }, 'its query and its parameters are read as those of any other')
  for (const url of ['/x', '/3?page=1.5', '/3?page=1&page=2']) t.match((await app.inject(url)).json(), { statusCode: 400, code: 'BULWARK_ERR_INPUT_REQUEST_INVALID' }, url)
  for (const name of ['own', 'none']) t.equal((await post(app, `/${name}`, { b: 1 })).body, name, 'what the plugin has nothing to do with goes on')

  const chosen = Fastify()
  t.teardown(() => chosen.close())
  chosen.setValidatorCompiler(() => () => true)
  chosen.post('/', { schema: { body: Plain } }, (request) => request.body)
  await chosen.register(input)
  t.same((await post(chosen, '/', { b: 1 })).json(), { b: 1 }, 'and so does an application with a compiler of its own')
})

t.test('request.validateInput never takes a no for a yes', async (t) => {
  const Point = Type.Object({ x: f.integer() })
  const values = [{ x: 1 }, { x: '1' }, { x: 1, y: 2 }, {}]
  const handler = (request: { validateInput: (data: unknown, schema: unknown) => boolean }): unknown => ({ point: values.map((value) => request.validateInput(value, Point)), query: request.validateInput({ page: 'x' }, 'querystring') })
  const app = await make(t, {}, (app) => {
    app.post('/', { schema: { body: Account, querystring: Type.Object({ page: Type.Optional(f.integer()) }) } }, (request) => ({ ...handler(request as never) as object, body: request.validateInput(VALUES, 'body' as never) }))
    app.get('/', { schema: { querystring: Type.Object({ page: Type.Optional(f.integer()) }) } }, (request) => handler(request as never))
    app.get('/none', (request) => values.map((value) => request.validateInput(value, Point)))
  })
  t.same((await post(app, '/', VALUES)).json(), { point: [true, false, false, false], query: false, body: false }, 'a body is read from a request only')
  t.same((await app.inject('/')).json(), { point: [true, false, false, false], query: false })
  t.same((await app.inject('/none')).json(), [true, false, false, false])
})

t.test('@fastify/swagger, registered before or after, describes both halves of a route', async (t) => {
  for (const first of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    if (first) await app.register(swagger, { openapi: {} })
    await app.register(input)
    if (!first) await app.register(swagger, { openapi: {} })
    app.route({ method: ['GET', 'POST'], url: '/', schema: { body: Account, summary: 'Account' }, form: {}, handler: () => 'ok' })
    await app.ready()
    const { get, post } = (app as unknown as { swagger: () => { paths: Record<string, Record<string, { summary: string, requestBody?: object }>> } }).swagger().paths['/']!
    t.match(post!.requestBody, { content: { 'application/json': { schema: { required: ['username', 'email', 'activation_key'] } } } })
    t.same([get!.summary, get!.requestBody], ['Account', undefined])
  }
})

t.test('app.input.validate', async (t) => {
  const app = await make(t, {}, () => {})
  const right = app.input.validate(Account, VALUES)
  t.ok(right.ok && right.values.username === 'anna')
  const wrong = app.input.validate(Account, { username: 'x' }, { from: 'form' })
  t.ok(!wrong.ok && wrong.errors.email?.[0] === 'This field is required.')
})

t.test('a check that takes too long is ended', async (t) => {
  const app = await make(t, { checkTimeout: 1 }, (app) => app.post('/', { schema: { body: Account }, form: { check: { email: () => new Promise<undefined>(() => {}) } } }, () => ''))
  const reply = await post(app, '/', VALUES)
  t.equal(reply.statusCode, 500)
  t.equal(reply.json<{ code: string }>().code, 'BULWARK_ERR_INPUT_CHECK_TIMEOUT')
})
