import Fastify from 'fastify'
import t from 'tap'
import { headers } from '../../plugins/headers.ts'
import { redirect } from '../../plugins/redirect.ts'
import { transport } from '../../plugins/transport.ts'

// What plugins of the suite do to each other when they are registered together.

t.test('a redirect to https of a host that only transport lists passes the net of redirect, in either order', async (t) => {
  for (const order of ['transport first', 'redirect first']) {
    const app = Fastify()
    const steps = [
      async () => { await app.register(transport, { hosts: ['app.test', '*.tenants.test'] }) },
      async () => { await app.register(redirect, { origin: 'https://app.test' }) }
    ]
    for (const step of order === 'transport first' ? steps : steps.toReversed()) await step()
    await app.register(headers)
    app.get('/', (request, reply) => reply.redirect((request.query as { next: string }).next))
    const page = (host: string, headers: Record<string, string> = {}) => app.inject({ url: '/?next=//a.tenants.test/', headers: { host, accept: 'text/html', ...headers } })
    t.match(await page('a.tenants.test'), { statusCode: 308, headers: { location: 'https://a.tenants.test/?next=//a.tenants.test/' } }, order)
    await app.close()

    // What the gate decided says nothing of what a handler sends.
    const secure = Fastify({ trustProxy: true })
    await secure.register(redirect, { origin: 'https://app.test' })
    await secure.register(transport, { hosts: ['app.test', '*.tenants.test'] })
    secure.get('/', (request, reply) => reply.redirect((request.query as { next: string }).next))
    t.match(await secure.inject({ url: '/?next=//a.tenants.test/', headers: { host: 'app.test', 'x-forwarded-proto': 'https' } }), { statusCode: 400 }, 'a careless handler is caught')
    await secure.close()
  }
})
