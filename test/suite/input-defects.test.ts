import formbody from '@fastify/formbody'
import csrfProtection from '@fastify/csrf-protection'
import cookie from '@fastify/cookie'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { Type, type TSchema } from 'typebox'
import { Format } from 'typebox/format'
import { Value } from 'typebox/value'
import { createRequire } from 'node:module'
import { Part } from '../../lib/input/request-part.ts'
import { f, html, input } from '../../plugins/input.ts'

// What the usual combination does, which a survey of the field found, beside what this plugin does. Each first half fails when the other
// packages mend it: then it may go.

// The AJV of Fastify; another one is that of the linter.
const require = createRequire(createRequire(import.meta.url).resolve('@fastify/ajv-compiler'))
const { Ajv } = require('ajv') as { Ajv: new (options?: object) => { compile (schema: object): (value: unknown) => boolean, validate (schema: object, value: unknown): boolean } }
const addFormats = require('ajv-formats') as (ajv: object) => void

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function stock (t: Test, compiler: 'ajv' | 'typebox', routes: (app: FastifyInstance) => void, options: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify(options)
  t.teardown(() => app.close())
  await app.register(formbody)
  if (compiler === 'typebox') app.setValidatorCompiler(TypeBoxValidatorCompiler)
  routes(app)
  return app
}

async function ours (t: Test, routes: (app: FastifyInstance) => void): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input, { lint: 'off' })
  routes(app)
  return app
}

const echo = (schema: TSchema) => (app: FastifyInstance): void => { app.post('/', { schema: { body: schema } }, (request) => ({ body: request.body })) }

t.test('1. a form of a browser is read', async (t) => {
  const schema = Type.Object({ age: Type.Optional(Type.Integer()), agree: Type.Boolean(), tags: Type.Array(Type.String({ maxLength: 9 }), { maxItems: 9 }) })
  const payload = 'age=12&agree=on&tags=a'
  for (const compiler of ['ajv', 'typebox'] as const) t.equal((await (await stock(t, compiler, echo(schema))).inject({ method: 'POST', url: '/', headers: FORM, payload })).statusCode, 400, compiler)
  const app = await ours(t, echo(schema))
  t.same((await app.inject({ method: 'POST', url: '/', headers: FORM, payload })).json(), { body: { age: 12, agree: true, tags: ['a'] } })
  t.same((await app.inject({ method: 'POST', url: '/', headers: FORM, payload: 'age=' })).json(), { body: { agree: false, tags: [] } })
})

t.test('2. nothing is guessed', async (t) => {
  const integer = Type.Integer()
  for (const [text, guess] of [['', 0], ['1.5', 1], ['0x10', 16], ['1e2', 100], ['9007199254740993', 9007199254740992]] as const) {
    t.equal(Value.Convert(integer, text), guess, `Convert makes ${guess} of "${text}"`)
    const { faults } = new Part(Type.Object({ a: integer }), { known: {}, formats: {}, isClosed: true, depth: 3 }, '', 9).readForm({ a: text })
    t.equal(faults.length, 1)
  }
  const query = (app: FastifyInstance): void => { app.get('/', { schema: { querystring: Type.Object({ page: Type.Optional(Type.Integer()) }) } }, (request) => ({ query: request.query })) }
  t.same((await (await stock(t, 'typebox', query)).inject('/?page=1.5')).json(), { query: { page: 1 } })
  const app = await ours(t, query)
  t.equal((await app.inject('/?page=1.5')).statusCode, 400)
  t.same((await app.inject('/?page=')).json(), { query: {} })
})

t.test('3. a text that is too long is not given to its pattern, although all errors are collected', async (t) => {
  let asked = 0
  const counted = /^a*$/u
  const pattern = new Proxy(counted, { get: (target, key) => key === 'test' ? (text: string) => { asked++; return target.test(text) } : Reflect.get(target, key) as unknown })
  const schema = { type: 'string', maxLength: 10, pattern: '^a*$' }
  const ajv = new Ajv({ allErrors: true, code: { regExp: Object.assign(() => pattern, { code: '' }) } })
  ajv.compile(schema)('b'.repeat(1000))
  t.equal(asked, 1, 'AJV asks')
  const { faults } = new Part(Type.Object({ a: Type.String({ maxLength: 100, pattern: '^(a+)+$' }) }), { known: {}, formats: {}, isClosed: true, depth: 3 }, '', 9).readValue({ a: `${'a'.repeat(3000)}b` })
  t.match(faults, [{ key: 'maxLength' }], 'which would take years otherwise')
})

t.test('4. a refinement is heeded, or the application does not start', async (t) => {
  const refined = Type.Refine(Type.Object({ a: Type.String({ maxLength: 9 }) }), () => false, () => 'invalid')
  t.equal((await (await stock(t, 'ajv', echo(refined))).inject({ method: 'POST', url: '/', payload: { a: 'x' } })).statusCode, 200, 'AJV ignores it')
  t.equal((await (await ours(t, echo(refined))).inject({ method: 'POST', url: '/', payload: { a: 'x' } })).statusCode, 422)
  const mistaken = Type.Refine(Type.String({ maxLength: 9 }), (() => false) as never, 'a message' as never)
  t.ok(Value.Check(mistaken, 'x'), 'TypeBox ignores it')
  await t.rejects(async () => (await ours(t, echo(Type.Object({ a: mistaken })))).ready(), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID' })
})

t.test('5. a map of content types leaves no type open', async (t) => {
  const routes = (app: FastifyInstance): void => { app.post('/', { schema: { body: { content: { 'application/json': { schema: Type.Object({ a: Type.Integer() }) } } } } }, (request) => ({ reached: request.body ?? null })) }
  const plain = { method: 'POST', url: '/', headers: { 'content-type': 'text/plain' }, payload: 'anything' } as const
  t.same((await (await stock(t, 'ajv', routes)).inject(plain)).json(), { reached: 'anything' })
  const app = await ours(t, routes)
  t.equal((await app.inject(plain)).statusCode, 415)
  t.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 415)
})

t.test('6. all parts are checked, and what was entered is kept', async (t) => {
  const routes = (form: object) => (app: FastifyInstance): void => {
    app.post('/', { ...form, schema: { body: Type.Object({ n: Type.Integer(), s: Type.String({ maxLength: 3 }) }), querystring: Type.Object({ q: Type.Integer() }) } }, (request) => ({ q: (request.query as { q: unknown }).q, body: request.body ?? null, raw: (request as { form?: { raw: unknown } }).form?.raw ?? null }))
  }
  const request = { method: 'POST', url: '/?q=zz', payload: { n: '007', s: 'long text', extra: 1 } } as const
  const attached = await (await stock(t, 'ajv', routes({ attachValidation: true }))).inject(request)
  t.match(attached.json(), { q: 'zz', body: { n: 7 } }, 'attachValidation leaves the query unchecked, and the body changed')
  const app = await ours(t, (app) => routes({ form: { onInvalid: 'continue' } })(app))
  t.equal((await app.inject(request)).statusCode, 400)
  t.same((await app.inject({ ...request, url: '/?q=1' })).json(), { q: 1, body: null, raw: { n: '007', s: 'long text' } })
})

t.test('7. a token in the body and a strict schema go together', async (t) => {
  const routes = (app: FastifyInstance): void => {
    app.get('/', async (_request, reply) => ({ token: reply.generateCsrf() }))
    app.post('/', { schema: { body: Type.Object({ a: Type.String({ maxLength: 9 }) }, { additionalProperties: false }) }, preHandler: (request, reply, done) => app.csrfProtection(request, reply, done) }, () => 'ok')
    app.post('/early', { schema: { body: Type.Object({ a: Type.String({ maxLength: 9 }) }, { additionalProperties: false }) }, preValidation: (request, reply, done) => app.csrfProtection(request, reply, done) }, () => 'ok')
  }
  const send = async (app: FastifyInstance, url: string): Promise<number> => {
    const page = await app.inject('/')
    const { name, value } = page.cookies[0]!
    return (await app.inject({ method: 'POST', url, headers: FORM, cookies: { [name]: value }, payload: new URLSearchParams({ a: 'x', _csrf: page.json<{ token: string }>().token }).toString() })).statusCode
  }
  const other = Fastify()
  t.teardown(() => other.close())
  await other.register(formbody)
  await other.register(cookie)
  await other.register(csrfProtection)
  routes(other)
  t.equal(await send(other, '/'), 403, 'AJV takes the token away')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input)
  await app.register(cookie)
  await app.register(csrfProtection)
  routes(app)
  t.equal(await send(app, '/early'), 200)
})

t.test('8. nothing of the process decides', async (t) => {
  t.ok(Value.Check(Type.String({ format: 'nobody-knows-it' }), 'x'), 'an unknown format passes')
  await t.rejects(async () => (await ours(t, echo(Type.Object({ a: Type.String({ format: 'nobody-knows-it' }) })))).ready(), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID' })
  Format.Set('email', () => true)
  t.teardown(() => Format.Set('email', Format.IsEmail))
  t.ok(Value.Check(Type.String({ format: 'email' }), 'no address'), 'another program set it')
  const app = await ours(t, echo(Type.Object({ a: Type.String({ format: 'email' }), b: f.email() })))
  t.equal(Object.keys((await app.inject({ method: 'POST', url: '/', payload: { a: 'no address', b: 'no address' } })).json<{ errors: object }>().errors).length, 2)
})

t.test('9. a body has limits of its own: names, depth, members', async (t) => {
  const bodies = ['['.repeat(5000) + ']'.repeat(5000), JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]))), JSON.stringify({ list: Array(5000).fill(1) })]
  const other = await stock(t, 'ajv', (app) => { app.post('/', () => 'ok') })
  const app = await ours(t, echo(Type.Object({}, { additionalProperties: true })))
  for (const payload of bodies) {
    const request = { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload } as const
    t.equal((await other.inject(request)).statusCode, 200)
    t.equal((await app.inject(request)).statusCode, 400)
  }
})

t.test('10. what is printed is escaped, and an engine that does not is named', async (t) => {
  const { Liquid } = createRequire(import.meta.url)('liquidjs') as { Liquid: new () => { parseAndRenderSync (text: string, data: object): string } }
  t.equal(new Liquid().parseAndRenderSync('{{ name }}', { name: '<b>' }), '<b>')
  t.equal(String(html`${'<b>'}`), '&lt;b&gt;', 'the warning at start is in test/plugins/input.test.ts')
})

t.test('the e-mail addresses that others admit', async (t) => {
  const ajv = new Ajv()
  addFormats(ajv)
  t.ok(Format.IsEmail('"<script>"@x.org'))
  t.ok(ajv.validate({ type: 'string', format: 'email' }, `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.co`))
  const app = await ours(t, echo(Type.Object({ a: f.email() })))
  for (const a of ['"<script>"@x.org', `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.co`]) t.equal((await app.inject({ method: 'POST', url: '/', payload: { a } })).statusCode, 422)
})
