const ORIGIN = 'https://app.test'
const OPTIONS = { origin: ORIGIN, hosts: ['good.test'] }

// A route that does not redirect, and one that does without a look of its own.
const kinds = [
  { name: 'json', request: { path: '/' }, reply: () => ({ greeting: 'hello' }) },
  { name: 'location', request: { path: '/?next=/dashboard' }, reply: (request, reply) => reply.redirect(request.query.next) }
]
const variants = [
  { name: 'bare' },
  { name: 'guarded', plugin: 'fastify-bulwark/redirect', options: OPTIONS, memory: true },
  { name: 'unguarded', plugin: 'fastify-bulwark/redirect', options: { ...OPTIONS, guardAll: false } }
]

export const rows = kinds.flatMap(kind => variants.map(variant => ({
  name: `${kind.name}/${variant.name}`,
  base: `${kind.name}/bare`,
  request: kind.request,
  plugin: variant.plugin,
  memory: variant.memory && kind.name === 'location',
  async setup (app, plugin) {
    if (plugin) await app.register(plugin.default, variant.options)
    app.get('/', async (request, reply) => kind.reply(request, reply))
  }
})))

/** What most applications have where a guard should be. It sends what it was given. */
function handWritten (target) {
  try {
    const { host, protocol } = new URL(target, ORIGIN)
    return host === 'app.test' && protocol === 'https:'
  } catch {
    return false
  }
}

// How the packages are asked, and what each of them fails at: docs/redirect.md. `url` is the parser alone.
const checks = [
  { name: 'url', prepare: () => target => new URL(target, ORIGIN).href },
  { name: 'hand-written', prepare: () => handWritten },
  { name: 'resolve', plugin: 'fastify-bulwark/redirect', prepare: ({ resolveRedirect }) => target => resolveRedirect(target, OPTIONS) },
  { name: 'is-safe', plugin: 'fastify-bulwark/redirect', prepare: ({ isSafeRedirect }) => target => isSafeRedirect(target, OPTIONS) },
  { name: 'ufo', plugin: 'ufo', prepare: ({ hasProtocol }) => target => !hasProtocol(target, { acceptRelative: true }) },
  { name: 'is-relative-url', plugin: 'is-relative-url', prepare: ({ default: isRelativeUrl }) => target => isRelativeUrl(target, { allowProtocolRelative: false }) },
  { name: 'is-url-external', plugin: 'is-url-external', prepare: ({ isUrlExternal }) => target => !isUrlExternal(target, ORIGIN) },
  { name: 'same-origin', plugin: 'same-origin', prepare: ({ default: sameOrigin }) => target => sameOrigin(ORIGIN + target, ORIGIN) },
  { name: 'sanitize-url', plugin: '@braintree/sanitize-url', prepare: ({ sanitizeUrl }) => target => sanitizeUrl(target) }
]
const targets = [
  { name: 'path', target: '/dashboard' },
  { name: 'absolute', target: 'https://app.test/account?tab=1' },
  { name: 'hostile', target: '/\t/evil.test' }
]

export const calls = targets.flatMap(({ name, target }) => checks.map(check => ({
  name: `${name}/${check.name}`,
  base: `${name}/url`,
  plugin: check.plugin,
  prepare (plugin) {
    const ask = check.prepare(plugin)
    return () => ask(target)
  }
})))

export const goals = [
  { name: 'a route that does not redirect: guarded to bare', row: 'json/guarded', least: 0.98 },
  { name: 'a redirect: guarded to bare', row: 'location/guarded', least: 0.90 },
  { name: 'a path: resolveRedirect to new URL', row: 'path/resolve', least: 1 / 1.3 }
]
