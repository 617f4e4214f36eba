// One application three times: without any security, with what is usual today, and with all parts of this package. Pages, data and replies are the same.
// The usual: @fastify/helmet with nonces, @fastify/secure-session, @fastify/csrf-protection, AJV, and a look at `next` by hand.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { Type } from 'typebox'

const KEY = '5b7e20c9d1f84a63be9c04f7a2d8163350ee9a4cb7216fd80c3be19574a2d6f8'
const ORIGIN = 'https://app.test'
// Nothing is to be refreshed while it is measured.
const LONG = 2_592_000
// More than ours keeps opened: with so many in turn, nearly each is opened anew at every request.
const MANY = 10_000

const folder = fileURLToPath(new URL('../../../docs/demo/public/', import.meta.url))
const ASSET = '/public/forms.js'
const integrity = `sha384-${createHash('sha384').update(readFileSync(`${folder}forms.js`)).digest('base64')}`
const NONCE = 'bm9uY2Utb2YtMTYtYnl0ZX'
const TOKEN = 'x'.repeat(86)

const Order = Type.Object({
  items: Type.Array(Type.Object({ sku: Type.String({ pattern: '^[A-Z]{2}-[0-9]{4}$', maxLength: 7 }), count: Type.Integer({ minimum: 1, maximum: 99 }) }, { additionalProperties: false }), { minItems: 1, maxItems: 50 }),
  street: Type.String({ minLength: 1, maxLength: 100 }),
  city: Type.String({ minLength: 1, maxLength: 100 }),
  express: Type.Boolean(),
  note: Type.String({ maxLength: 500 })
}, { additionalProperties: false })
const Address = Type.Object({
  street: Type.String({ minLength: 1, maxLength: 100 }),
  city: Type.String({ minLength: 1, maxLength: 100 }),
  floor: Type.Integer({ minimum: 0, maximum: 200 }),
  next: Type.String({ maxLength: 200 })
}, { additionalProperties: false })
const plain = schema => JSON.parse(JSON.stringify(schema))

const ORDER = { items: [{ sku: 'AB-1234', count: 2 }, { sku: 'CD-0042', count: 1 }], street: '1 Long Road', city: 'Little Town', express: true, note: 'Ring twice, please.' }
const ADDRESS = { street: '1 Long Road', city: 'Little Town', floor: '3', next: '/orders?page=2' }
const PERSON = { name: 'Anna Example', plan: 'basic', theme: 'dark' }

const TEXT = '<p>A line of text, as a page has some of them.</p>\n'.repeat(20)

function pageOf (name, nonce, tag, field, next) {
  return `<!doctype html><html lang="en"><title>Account</title>${tag}<script nonce="${nonce}">document.title = 1</script><h1>${name}</h1>${TEXT}<form method="post">${field}<input type="hidden" name="next" value="${next}"><input name="street"><input name="city"><input name="floor"><button>Save</button></form>`
}
const tagOf = nonce => `<script src="${ASSET}" nonce="${nonce}" integrity="${integrity}" crossorigin="anonymous"></script>`
const fieldOf = token => `<input type="hidden" name="_csrf" value="${token}">`

function answerPage (reply, page) {
  reply.type('text/html; charset=utf-8')
  return page
}
const answerOrder = (order, person) => ({ id: 17, lines: order.items.length, person })

/** A text of `next` that leads nowhere else, as it is usually looked at by hand. */
function checkedNext (text) {
  try {
    return new URL(text, ORIGIN).origin === ORIGIN ? text : '/'
  } catch {
    return '/'
  }
}

const bare = {
  name: 'bare',
  async setup (app) {
    await app.register((await import('@fastify/formbody')).default)
    app.get('/account', async (request, reply) => answerPage(reply, pageOf(PERSON.name, NONCE, tagOf(NONCE), fieldOf(TOKEN), request.query.next)))
    app.post('/orders', async request => answerOrder(request.body, PERSON.name))
    app.post('/account', async (request, reply) => reply.redirect(request.body.next, 303))
  }
}

const stack = {
  name: 'stack',
  async register (app) {
    await app.register((await import('@fastify/helmet')).default, { enableCSPNonces: true })
    await app.register((await import('@fastify/secure-session')).default, { key: Buffer.from(KEY, 'hex'), expiry: LONG, cookie: { path: '/', secure: true, sameSite: 'strict' } })
    await app.register((await import('@fastify/csrf-protection')).default, { sessionPlugin: '@fastify/secure-session' })
    await app.register((await import('@fastify/formbody')).default)
  },
  async setup (app) {
    await stack.register(app)
    const login = (request, reply, next) => {
      if (request.session.get('userId') === undefined) return reply.code(401).send({ message: 'Sign in first.' })
      next()
    }
    app.get('/join', async (request, reply) => {
      for (const [key, value] of Object.entries({ userId: '42', ...PERSON })) request.session.set(key, value)
      return reply.generateCsrf()
    })
    app.get('/account', { onRequest: login }, async (request, reply) => {
      const nonce = reply.cspNonce.script
      return answerPage(reply, pageOf(request.session.get('name'), nonce, tagOf(nonce), fieldOf(reply.generateCsrf()), checkedNext(request.query.next)))
    })
    app.post('/orders', { onRequest: [login, app.csrfProtection], schema: { body: plain(Order) } }, async request => answerOrder(request.body, request.session.get('name')))
    app.post('/account', { onRequest: login, preValidation: app.csrfProtection, schema: { body: plain(Address) } }, async (request, reply) => reply.redirect(checkedNext(request.body.next), 303))
  }
}

const ours = {
  name: 'ours',
  plugin: 'fastify-bulwark',
  register: (app, plugin) => app.register(plugin.default, {
    keys: [KEY], origin: ORIGIN, session: { idle: LONG, absolute: LONG }, integrity: { roots: [{ root: folder, prefix: '/public/' }] }
  }),
  async setup (app, plugin, csrf) {
    await ours.register(app, plugin)
    const security = { session: { login: true }, ...csrf && { csrf } }
    app.get('/join', async request => {
      await request.session.login('42')
      for (const [key, value] of Object.entries(PERSON)) request.session.set(key, value)
      return request.csrfToken()
    })
    app.get('/account', { config: { security: { ...security, redirect: { field: 'next' } } } }, async (request, reply) => answerPage(reply,
      pageOf(request.session.get('name'), request.cspNonce, app.integrity.for(request).scriptTag(ASSET), request.csrfField(), request.redirectTarget)))
    app.post('/orders', { config: { security }, schema: { body: Order } }, async request => answerOrder(request.body, request.session.get('name')))
    app.post('/account', { config: { security }, schema: { body: Address }, form: { accepts: ['form'] } }, async (request, reply) => reply.safeRedirect(request.body.next))
  }
}
/** The same with a token for every request, as the usual stack has it; by default, the headers of the browser decide. */
const oursToken = { ...ours, name: 'ours-token', register: undefined, setup: (app, plugin) => ours.setup(app, plugin, 'token') }

// As a proxy on this machine hands them on.
const server = { trustProxy: '127.0.0.1' }
const HEADERS = { host: 'app.test', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** Visitors that are signed in, with a token each, as the application itself makes them. Only the process that sends the requests needs them. */
async function visitorsOf ({ setup, plugin }) {
  if (!process.argv[1]?.endsWith('bench/run.mjs')) return [{ cookie: '', token: '' }]
  const app = Fastify(server)
  await setup(app, plugin && await import(plugin))
  const visitors = []
  for (let left = MANY; left > 0; left--) {
    const { headers, body } = await app.inject({ url: '/join', headers: HEADERS, remoteAddress: '127.0.0.1' })
    visitors.push({ cookie: headers['set-cookie'].split(';')[0], token: body })
  }
  await app.close()
  return visitors
}

const visitors = new Map()
for (const variant of [stack, ours]) visitors.set(variant.name, await visitorsOf(variant))
// A route that needs tokens is held to the same ones.
visitors.set(oursToken.name, visitors.get(ours.name)).set(bare.name, visitors.get(ours.name))

const form = token => new URLSearchParams({ _csrf: token, ...ADDRESS }).toString()
const kinds = {
  page: ({ cookie }) => ({ path: '/account?next=/orders%3Fpage=2', headers: { ...HEADERS, accept: 'text/html', cookie } }),
  json: ({ cookie, token }) => ({
    path: '/orders', method: 'POST', headers: { ...HEADERS, origin: ORIGIN, 'content-type': 'application/json', cookie, 'csrf-token': token, 'x-csrf-token': token }, body: JSON.stringify(ORDER)
  }),
  form: ({ cookie, token }) => ({
    path: '/account', method: 'POST', headers: { ...HEADERS, origin: ORIGIN, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', cookie }, body: form(token)
  })
}

/** One visitor after the other, whatever connection asks, and from one slice to the next. */
function inTurn (requests) {
  let turn = 0
  return { ...requests[0], setupRequest: request => Object.assign(request, requests[turn++ % requests.length]) }
}

function row (kind, variant, isMany) {
  const own = visitors.get(variant.name)
  return {
    name: `${kind}/${variant.name}${isMany ? '-10000-visitors' : ''}`,
    base: `${kind}/bare`,
    server,
    request: isMany ? inTurn(own.map(kinds[kind])) : kinds[kind](own[0]),
    plugin: variant.plugin,
    memory: kind === 'page' && isMany && variant === ours,
    setup: (app, plugin) => variant.setup(app, plugin)
  }
}

export const rows = [
  ...[bare, stack, ours].map(variant => row('page', variant)),
  ...[stack, ours].map(variant => row('page', variant, true)),
  ...[bare, stack, ours, oursToken].map(variant => row('json', variant)),
  ...[stack, ours].map(variant => row('json', variant, true)),
  ...[bare, stack, ours, oursToken].map(variant => row('form', variant))
]

// Routes as an application has them: three of four are pages. The fourth takes JSON, with a schema of its own in the second pair.
function routes (app, schemaOf) {
  for (let index = 0; index < 1000; index++) {
    if (index % 4 === 3) app.post(`/route-${index}`, schemaOf ? { schema: { body: schemaOf(index) } } : {}, async () => 'hello')
    else app.get(`/route-${index}`, async () => 'hello')
  }
}
const own = index => Type.Object({ ...Order.properties, [`field${index}`]: Type.Integer() }, { additionalProperties: false })

const start = (name, variant, schemaOf) => ({
  name: `${name}/${variant.name}`,
  base: `${name}/bare`,
  plugin: variant.plugin,
  async setup (app, plugin) {
    await variant.register?.(app, plugin)
    routes(app, schemaOf)
  }
})

export const starts = [
  ...[bare, stack, ours].map(variant => start('start', variant)),
  ...[bare, stack, ours].map(variant => start('start-with-schemas', variant, variant === ours ? own : index => plain(own(index))))
]

// What a process reads before it can serve anything.
const DEPENDENCIES = ['fastify', 'fastify-plugin', '@fastify/cookie', '@fastify/secure-session', 'typebox']

export const imports = [
  { name: 'import/dependencies', base: 'import/dependencies', modules: DEPENDENCIES },
  { name: 'import/ours', base: 'import/dependencies', modules: ['fastify-bulwark'] },
  { name: 'import/ours-and-dependencies', base: 'import/dependencies', modules: [...DEPENDENCIES, 'fastify-bulwark'] },
  { name: 'import/stack', base: 'import/dependencies', modules: ['fastify', '@fastify/helmet', '@fastify/secure-session', '@fastify/csrf-protection', '@fastify/formbody'] }
]

export const goals = [
  { name: 'page: ours to the usual stack', row: 'page/ours', over: 'page/stack', least: 1.7 },
  { name: 'page, 10,000 visitors: ours to the usual stack', row: 'page/ours-10000-visitors', over: 'page/stack-10000-visitors', least: 1.7 },
  { name: 'JSON: ours to the usual stack', row: 'json/ours', over: 'json/stack', least: 1.3 },
  { name: 'JSON, 10,000 visitors: ours to the usual stack', row: 'json/ours-10000-visitors', over: 'json/stack-10000-visitors', least: 1.3 },
  { name: '1,000 routes: at most 5 % over bare', row: 'start/ours', least: 1 / 1.05 },
  { name: '1,000 routes, 250 with schemas: at most 5 % over bare', row: 'start-with-schemas/ours', least: 1 / 1.05 },
  { name: 'import: ours at most its dependencies', row: 'import/ours', least: 1 }
]
