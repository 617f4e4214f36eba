import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { f, german, input } from '../../plugins/input.ts'
import { Account, FORM, form, make, post, VALUES } from './input-world.ts'

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
