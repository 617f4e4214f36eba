// The nonce rows put a nonce of their own into every page; the others a fixed one of the same length, so that all
// pages are put together alike and differ in their headers only.
const FIXED_NONCE = 'bm9uY2Utb2YtMTYtYnl0ZX'
const fixedNonce = () => FIXED_NONCE

const variants = [
  { name: 'bare', nonce: fixedNonce },
  { name: 'helmet', plugin: '@fastify/helmet', nonce: fixedNonce },
  {
    name: 'helmet-nonce',
    plugin: '@fastify/helmet',
    options: { enableCSPNonces: true },
    nonce: (request, reply) => reply.cspNonce.script
  },
  { name: 'ours', plugin: 'fastify-bulwark/headers', nonce: fixedNonce },
  { name: 'ours-nonce', plugin: 'fastify-bulwark/headers', nonce: request => request.cspNonce, memory: true }
]

const PAGE_HEAD = '<!doctype html><html lang="en"><title>Page</title><script nonce="'
const PAGE_TAIL = '">document.title = 1</script><p>'.padEnd(1024 - PAGE_HEAD.length - FIXED_NONCE.length, 'text ')

const kinds = [
  {
    name: 'json',
    request: { path: '/', headers: { accept: 'application/json' } },
    // The nonce is read all the same: a hook that does it for every reply is a common habit.
    reply: () => ({ greeting: 'hello' })
  },
  {
    name: 'page',
    request: { path: '/', headers: { accept: 'text/html' } },
    reply (nonce, reply) {
      reply.type('text/html; charset=utf-8')
      return PAGE_HEAD + nonce + PAGE_TAIL
    }
  }
]

export const rows = kinds.flatMap(kind => variants.map(variant => ({
  name: `${kind.name}/${variant.name}`,
  base: `${kind.name}/bare`,
  request: kind.request,
  plugin: variant.plugin,
  memory: variant.memory && kind.name === 'page',
  async setup (app, plugin) {
    if (plugin) await app.register(plugin.default, variant.options)
    app.get('/', async (request, reply) => kind.reply(variant.nonce(request, reply), reply))
  }
})))

const SETTINGS = [
  { security: { headers: { contentSecurityPolicy: { append: { 'img-src': ['https://img.test'] } } } } },
  { security: { headers: { referrerPolicy: 'no-referrer' } } },
  {}
]

// The bare application has the same settings on its routes: there nobody reads them.
async function start500Routes (app, plugin) {
  if (plugin) await app.register(plugin.default)
  for (let index = 0; index < 500; index++) {
    app.get(`/route-${index}`, { config: SETTINGS[index % SETTINGS.length] }, async () => 'hello')
  }
}

export const starts = [
  { name: 'start/bare', base: 'start/bare', setup: start500Routes },
  { name: 'start/ours', base: 'start/bare', plugin: 'fastify-bulwark/headers', setup: start500Routes }
]

export const goals = [
  { name: 'JSON: ours to bare', row: 'json/ours', least: 0.80 },
  { name: 'JSON: ours to helmet', row: 'json/ours', over: 'json/helmet', least: 1.8 },
  { name: 'page with nonce: ours to bare', row: 'page/ours-nonce', least: 0.70 },
  { name: 'page with nonce: ours to helmet', row: 'page/ours-nonce', over: 'page/helmet-nonce', least: 2.5 },
  { name: '500 routes: at most 3 % over bare', row: 'start/ours', least: 1 / 1.03 }
]
