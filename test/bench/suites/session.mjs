// What a session costs that is not used, read, written or forged, beside the two plugins of Fastify. The bare application gets the same Cookie header and looks at none.
import Fastify from 'fastify'

const KEY = '8c1f0a6be3d24795b0fe61a7c2934d8852d9470ab1e63fc8974e02bd5a16f3c7'
const DATA = 'x'.repeat(280)
const LONG = 2_592_000

/** @fastify/session with a store that always has what the cookie names, as a database would. */
const store = {
  get: (_id, done) => done(null, { cookie: { originalMaxAge: null }, text: DATA }),
  set: (_id, _session, done) => done(null),
  destroy: (_id, done) => done(null)
}

const variants = [
  {
    name: 'secure-session',
    plugin: '@fastify/secure-session',
    register: (app, plugin) => app.register(plugin.default, { key: Buffer.from(KEY, 'hex'), expiry: LONG, cookie: { path: '/' } })
  },
  {
    name: 'fastify-session',
    plugin: '@fastify/session',
    async register (app, plugin) {
      const { default: cookie } = await import('@fastify/cookie')
      await app.register(cookie)
      await app.register(plugin.default, { secret: KEY, store, saveUninitialized: false, rolling: false, cookie: { secure: false } })
    }
  },
  {
    name: 'ours',
    plugin: 'fastify-bulwark/session',
    register: (app, plugin) => app.register(plugin.default, { keys: [KEY], idle: LONG, absolute: LONG })
  },
  {
    name: 'ours-store',
    plugin: 'fastify-bulwark/session',
    async register (app, plugin) {
      const { memoryStore } = await import('fastify-bulwark/session/stores/memory')
      await app.register(plugin.default, { keys: [KEY], idle: LONG, absolute: LONG, store: memoryStore() })
    }
  },
  {
    name: 'ours-10000-ended',
    kinds: ['read'],
    plugin: 'fastify-bulwark/session',
    async register (app, plugin) {
      await app.register(plugin.default, { keys: [KEY], idle: LONG, absolute: LONG })
      for (let index = 0; index < 10_000; index++) await app.sessions.revoke(`ended-${index}`)
    }
  }
]

/** The cookie of a visitor, as the plugin itself makes it. Only the process that sends the requests needs it. */
async function cookieOf (variant) {
  if (!process.argv[1]?.endsWith('bench/run.mjs')) return ''
  const app = Fastify()
  await variant.register(app, await import(variant.plugin))
  app.get('/', async (request) => {
    await request.session.login?.('42')
    request.session.set('text', DATA)
    return ''
  })
  const { headers } = await app.inject('/')
  await app.close()
  return [headers['set-cookie']].flat()[0].split(';')[0]
}

/** The same length, and good for nothing. */
function forge (cookie) {
  const at = cookie.indexOf('=') + 20
  return `${cookie.slice(0, at)}${cookie[at] === 'A' ? 'B' : 'A'}${cookie.slice(at + 1)}`
}

const kinds = {
  unused: () => ({ greeting: 'hello' }),
  read: (request) => ({ greeting: request.session?.get('text') === undefined ? 'hello' : 'again' }),
  write (request) {
    request.session?.set('visits', Date.now() % 1000)
    return { greeting: 'hello' }
  },
  forged: (request) => ({ greeting: request.session?.get('text') === undefined ? 'hello' : 'again' })
}

const cookies = new Map()
for (const variant of variants) cookies.set(variant, await cookieOf(variant))
const own = cookies.get(variants.find(({ name }) => name === 'ours'))

function row (kind, variant) {
  const cookie = variant ? cookies.get(variant) : own
  return {
    name: `${kind}/${variant?.name ?? 'bare'}`,
    base: `${kind}/bare`,
    request: { path: '/', headers: { accept: 'application/json', cookie: kind === 'forged' ? forge(cookie) : cookie } },
    plugin: variant?.plugin,
    memory: kind === 'forged' && variant?.name === 'ours-store',
    async setup (app, plugin) {
      if (plugin) await variant.register(app, plugin)
      app.get('/', async (request) => kinds[kind](request))
    }
  }
}

export const rows = Object.keys(kinds).flatMap((kind) => [row(kind), ...variants.filter(({ kinds = [kind] }) => kinds.includes(kind)).map((variant) => row(kind, variant))])

export const goals = [
  { name: 'unused: ours to bare', row: 'unused/ours', least: 0.92 },
  { name: 'unused, with a store: ours to bare', row: 'unused/ours-store', least: 0.85 },
  { name: 'one key read: ours to secure-session', row: 'read/ours', over: 'read/secure-session', least: 1 },
  { name: 'write: ours to secure-session', row: 'write/ours', over: 'write/secure-session', least: 0.95 },
  { name: '10,000 ended sessions: at most 3 % over none', row: 'read/ours-10000-ended', over: 'read/ours', least: 1 / 1.03 }
]
