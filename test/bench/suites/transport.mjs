// Requests as a proxy on this machine hands them on: over http, with the scheme that the browser used.
const server = { trustProxy: '127.0.0.1' }
const headers = { host: 'app.test', accept: 'application/json', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }

const HOSTS = new Set(['app.test'])

/** What many write by hand: neither the syntax nor doubles, neither other spellings nor cookies are looked at. */
function byHand (app) {
  app.addHook('onRequest', (request, reply, next) => {
    if (request.protocol !== 'https') return reply.redirect(`https://app.test${request.originalUrl}`, 308)
    if (!HOSTS.has(request.host)) return reply.code(421).send()
    next()
  })
}

const ours = (app, plugin) => app.register(plugin.default, { hosts: ['app.test', '*.app.test'] })
const plugin = 'fastify-bulwark/transport'

const variants = [
  { name: 'bare', prepare () {} },
  { name: 'by-hand', prepare: byHand },
  { name: 'ours', plugin, prepare: ours, memory: true },
  { name: 'ours-subdomain', plugin, prepare: ours, host: 'a.app.test' },
  { name: 'ours-forwarded-host', plugin, prepare: ours, host: 'upstream', more: { 'x-forwarded-host': 'app.test' } }
]

export const rows = variants.map(({ name, prepare, host, more, ...row }) => ({
  ...row,
  name: `https/${name}`,
  base: 'https/bare',
  server,
  request: { path: '/', headers: { ...headers, ...host && { host }, ...more } },
  async setup (app, plugin) {
    await prepare(app, plugin)
    app.get('/', async () => ({ greeting: 'hello' }))
  }
}))

export const goals = [
  { name: 'https: ours to bare', row: 'https/ours', least: 0.75 },
  { name: 'https: ours to a check by hand', row: 'https/ours', over: 'https/by-hand', least: 0.85 }
]
