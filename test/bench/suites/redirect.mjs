import isRelativeUrl from 'is-relative-url'
import isUrlExternal from 'is-url-external'
import sameOrigin from 'same-origin'
import { sanitizeUrl } from '@braintree/sanitize-url'
import { hasProtocol } from 'ufo'

const ORIGIN = 'https://app.test'
const OPTIONS = { origin: ORIGIN, hosts: ['good.test'] }

// A route that does not redirect, and one that does; `base` is Fastify as it is.
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
