import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { generateKey } from '../../lib/keys.ts'
import { csrf } from '../../plugins/csrf.ts'
import { headers } from '../../plugins/headers.ts'
import { f, input } from '../../plugins/input.ts'
import { redirect } from '../../plugins/redirect.ts'
import { session } from '../../plugins/session.ts'
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

t.test('a form with a token: csrf takes its field before the schema of input sees it, and the session binds it, in every order', async (t) => {
  const steps: Record<string, (app: FastifyInstance) => unknown> = {
    csrf: (app) => app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] }),
    input: (app) => app.register(input),
    session: (app) => app.register(session, { keys: [generateKey()] })
  }
  for (const order of [['csrf', 'input', 'session'], ['input', 'session', 'csrf'], ['session', 'csrf', 'input'], ['input', 'csrf', 'session']]) {
    const app = Fastify() as unknown as FastifyInstance
    for (const name of order) await steps[name]!(app)
    app.get('/form', async (request) => {
      await request.session.login('42')
      return request.csrfToken()
    })
    app.post('/name', {
      config: { security: { csrf: 'token' } },
      schema: { body: Type.Object({ name: f.text({ max: 20 }) }) },
      form: { accepts: ['form', 'json'] }
    }, async (request) => ({ body: request.body, user: request.session.userId }))

    const page = await app.inject('/form')
    const cookie = String(page.headers['set-cookie']).split(';')[0]!
    const post = (headers: Record<string, string>, payload: string) => app.inject({ method: 'POST', url: '/name', headers: { cookie, ...headers }, payload })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const json = { 'content-type': 'application/json' }
    t.match(await post(form, `_csrf=${page.body}&name=Ada`), { statusCode: 200, body: '{"body":{"name":"Ada"},"user":"42"}' }, `${order.join(', ')}: a form`)
    t.match(await post(json, JSON.stringify({ _csrf: page.body, name: 'Ada' })), { statusCode: 200, body: '{"body":{"name":"Ada"},"user":"42"}' }, 'JSON')
    t.match(await post({ ...json, 'x-csrf-token': page.body }, '{"name":"Ada"}'), { statusCode: 200 }, 'a header')
    t.match(await post(form, 'name=Ada'), { statusCode: 403 }, 'without a token')
    t.match(await post(form, `_csrf=${page.body}&_csrf=${page.body}&name=Ada`), { statusCode: /400|403/ }, 'with two')
    t.match(await post(form, `_csrf=${page.body}&name=`), { statusCode: 422 }, 'with a token, and wrong')
    const other = await app.inject('/form')
    t.match(await post(form, `_csrf=${other.body}&name=Ada`), { statusCode: 403 }, 'with the token of another session')
    await app.close()
  }
})
