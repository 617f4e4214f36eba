// The same form by the usual packages and by ours. Each row is a route of a whole application, so that what is compared is what a request costs.
import { createRequire } from 'node:module'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'

const fields = {
  name: Type.String({ minLength: 3, maxLength: 25, pattern: '^[A-Za-z][A-Za-z0-9._]*$' }),
  email: Type.String({ maxLength: 254, format: 'email' }),
  key: Type.String({ format: 'uuid' }),
  age: Type.Integer({ minimum: 18, maximum: 130 }),
  news: Type.Boolean(),
  color: Type.Enum(['red', 'green', 'blue'])
}
const Body = Type.Object(fields, { additionalProperties: false })
const plain = JSON.parse(JSON.stringify(Body))

const VALUES = { name: 'anna.example', email: 'anna@example.com', key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', age: 42, news: true, color: 'green' }
const WRONG = { name: '1', email: 'anna', key: 'x', age: 3, news: 'maybe', color: 'black' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const form = values => new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)])).toString()
const post = (headers, body) => ({ path: '/', method: 'POST', headers, body })

// Fifty times for a request, so that what is measured is not HTTP.
const TIMES = 50
const texts = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, String(value)]))
const wrongTexts = { ...WRONG, age: '3' }

const repeat = run => () => {
  let last
  for (let turn = 0; turn < TIMES; turn++) last = run()
  return { last: last !== undefined }
}

async function ajvOf (options) {
  const require = createRequire(createRequire(import.meta.url).resolve('@fastify/ajv-compiler'))
  const { default: Ajv } = require('ajv')
  const ajv = new Ajv({ coerceTypes: 'array', removeAdditional: true, useDefaults: true, ...options })
  require('ajv-formats').default(ajv)
  return ajv.compile(plain)
}

export const rows = [
  {
    name: 'json/ajv',
    base: 'json/ajv',
    request: post(JSON_TYPE, JSON.stringify(VALUES)),
    async setup (app) { app.post('/', { schema: { body: plain } }, async () => 'ok') }
  },
  {
    name: 'json/ours',
    base: 'json/ajv',
    request: post(JSON_TYPE, JSON.stringify(VALUES)),
    plugin: 'fastify-bulwark/input',
    async setup (app, plugin) {
      await app.register(plugin.default)
      app.post('/', { schema: { body: Body } }, async () => 'ok')
    }
  },
  {
    name: 'decode/convert',
    base: 'decode/convert',
    request: { path: '/' },
    async setup (app) {
      const compiled = Compile(Body)
      app.get('/', repeat(() => compiled.Check(Value.Convert(Body, { ...texts }))))
    }
  },
  {
    name: 'decode/ours',
    base: 'decode/convert',
    request: { path: '/' },
    plugin: 'fastify-bulwark/input',
    async setup (app, plugin) {
      await app.register(plugin.default)
      app.get('/', repeat(() => app.input.validate(Body, texts, { from: 'form' })))
    }
  },
  {
    name: 'invalid/ajv',
    base: 'invalid/ajv',
    request: { path: '/' },
    async setup (app) {
      const check = await ajvOf({ allErrors: true })
      app.get('/', repeat(() => check({ ...wrongTexts })))
    }
  },
  {
    name: 'invalid/ours',
    base: 'invalid/ajv',
    request: { path: '/' },
    plugin: 'fastify-bulwark/input',
    async setup (app, plugin) {
      await app.register(plugin.default)
      app.get('/', repeat(() => app.input.validate(Body, wrongTexts, { from: 'form' })))
    }
  },
  {
    name: 'form/ours',
    base: 'json/ajv',
    request: post(FORM, form(VALUES)),
    plugin: 'fastify-bulwark/input',
    async setup (app, plugin) {
      await app.register(plugin.default)
      app.post('/', { schema: { body: Body } }, async () => 'ok')
    }
  }
]
const routes = schema => app => {
  for (let index = 0; index < 500; index++) app.post(`/route-${index}`, { schema: { body: schema(index) } }, async () => 'ok')
}
// A schema of its own for each, as an application has them: AJV keeps what it compiled by the object.
const own = index => Type.Object({ ...fields, [`field${index}`]: Type.Integer() }, { additionalProperties: false })

export const starts = [
  { name: 'start/ajv', base: 'start/ajv', async setup (app) { routes(index => JSON.parse(JSON.stringify(own(index))))(app) } },
  {
    name: 'start/ours',
    base: 'start/ajv',
    plugin: 'fastify-bulwark/input',
    async setup (app, plugin) {
      await app.register(plugin.default)
      routes(own)(app)
    }
  }
]

export const goals = [
  { name: 'valid JSON: at most 1.1 of AJV', row: 'json/ours', least: 1 / 1.1 },
  { name: 'form decoded and checked: at most 0.35 of Convert and Check', row: 'decode/ours', least: 1 / 0.35 },
  { name: 'invalid form with all errors: at most 3 of AJV', row: 'invalid/ours', least: 1 / 3 },
  { name: '500 routes: at most AJV', row: 'start/ours', least: 1 }
]
