import formbody from '@fastify/formbody'
import fastifyView from '@fastify/view'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { createRequire } from 'node:module'
import { equalTo, f, german, html, input } from '../../plugins/input.ts'
import { Account, FORM, form, make, post, VALUES } from './input-world.ts'

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
