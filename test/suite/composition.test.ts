import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { generateKey } from '../../lib/keys.ts'
import { PARTS, type Part } from '../../lib/bulwark/parts.ts'
import { bulwark } from '../../plugins/bulwark.ts'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { f, input } from '../../plugins/input.ts'
import { redirect } from '../../plugins/redirect.ts'
import { requireLogin, session } from '../../plugins/session.ts'
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

t.test('a stranger is led to the login and back, with keys of redirect and without, in either order', async (t) => {
  const cases: Array<[title: string, keys: { keys?: string[], maxLength?: number }, next: RegExp | null]> = [
    ['the way back is signed', { keys: [generateKey()] }, /^\d+\.[\w-]+\.[\w-]{43}$/],
    ['without keys it is a path, and no error', {}, /^\/account\?tab=1$/],
    ['a path that redirect would refuse is none, and no error', { keys: [generateKey()], maxLength: 12 }, null]
  ]
  for (const [title, own, pattern] of cases) {
    for (const isFirst of [true, false]) {
      const app = Fastify()
      const guard = async (): Promise<void> => { await app.register(redirect, { origin: 'https://app.test', ...own }) }
      if (isFirst) await guard()
      await app.register(session, { keys: [generateKey()], loginPath: '/login' })
      if (!isFirst) await guard()
      app.get('/account', { preHandler: requireLogin }, () => '')
      app.get('/login', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => reply.safeRedirect(request.redirectTarget))
      const { statusCode, headers } = await app.inject({ url: '/account?tab=1', headers: { accept: 'text/html' } })
      t.equal(statusCode, 302, title)
      const next = new URL(headers.location!, 'https://app.test').searchParams.get('next')
      if (pattern === null) t.equal(next, null, title)
      else t.match(next, pattern, title)
      t.equal((await app.inject({ url: headers.location! })).headers.location, pattern === null ? 'https://app.test/' : 'https://app.test/account?tab=1', `${title}: and back`)
      // A day later.
      if (next?.includes('.') === true) t.equal((await app.inject({ url: `/login?next=1${next.slice(1, -1)}${next.endsWith('A') ? 'E' : 'A'}` })).headers.location, 'https://app.test/', 'a token that is none any more leads home')
      await app.close()
    }
  }
})

t.test('a scope that was made before the plugins is served by them, each alone and all together', async (t) => {
  const options = { keys: [generateKey()], origin: 'https://app.test' }
  const off = Object.fromEntries(PARTS.map((part) => [part, false] as const)) as Record<Part, false>
  for (const on of [...PARTS, undefined]) {
    const app = Fastify({ trustProxy: true })
    t.teardown(() => app.close())
    // Fastify hands the hooks of plugins that come later down to it, and none of what they decorate requests with.
    await app.register(async (child) => {
      child.get('/page', (_request, reply) => reply.type('text/html').send('<p>page</p>'))
      child.get('/go', (_request, reply) => reply.redirect('/page'))
      child.get('/thrown', () => { throw Object.assign(new Error('thrown'), { statusCode: 409 }) })
      child.post('/page', () => ({}))
      child.get('/nonce', (request, reply) => reply.type('text/html').send(String(request.cspNonce)))
      child.get('/token', (request) => String(request.csrfToken()))
      child.get('/user', (request) => String(request.session.userId))
      child.get('/login', async (request) => { await request.session.login('42'); return 'in' })
      child.get('/download', (_request, reply) => reply.download(Buffer.from('a')))
      child.get('/uploads', (request) => request.uploads.all())
      child.get('/form', (request) => request.form.ok)
    })
    await app.register(bulwark, on === undefined ? options : { ...off, ...options, [on]: {} })
    const ask = async (url: string, method: 'GET' | 'POST' = 'GET', more: Record<string, string> = {}) =>
      await app.inject({ method, url, headers: { host: 'app.test', 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin', ...more }, ...method === 'POST' && { payload: {} } })
    const title = on ?? 'all'
    for (const [url, status] of [['/page', 200], ['/go', 302], ['/thrown', 409], ['/nowhere', 404]] as const) t.equal((await ask(url)).statusCode, status, `${title}: ${url}`)
    t.equal((await ask('/page', 'POST')).statusCode, 200, title)
    const has = (part: Part): boolean => on === undefined || on === part
    if (has('headers')) t.match(await ask('/nonce').then(({ headers, body }) => String(headers['content-security-policy']).includes(`'nonce-${body}'`)), true)
    if (has('csrf')) {
      t.equal((await ask('/token')).body.length, 86)
      t.equal((await ask('/page', 'POST', { 'sec-fetch-site': 'cross-site', cookie: 'a=b' })).statusCode, 403)
    }
    if (has('session')) t.match(await ask('/login'), { body: 'in', headers: { 'set-cookie': /^__Host-session=/ } })
    if (has('files')) {
      t.match(await ask('/download'), { statusCode: 200, headers: { 'content-disposition': /^attachment/ } })
      t.match(await ask('/uploads'), { statusCode: 500, body: /BULWARK_ERR_FILES_UPLOADS_MISSING/ }, 'with the error that says why')
    }
    if (has('input')) t.match(await ask('/form'), { statusCode: 500, body: /BULWARK_ERR_INPUT_FORM_MISSING/ })
  }
})

t.test('a body that is cut off within its first part, which csrf reads for the token, is refused by files and no fault of the server', async (t) => {
  for (const order of [[csrf, files], [files, csrf]]) {
    const app = Fastify() as unknown as FastifyInstance
    t.teardown(() => app.close())
    await app.register(multipart)
    for (const plugin of order) await app.register(plugin as FastifyPluginAsync<object>, (plugin === csrf ? { origin: 'https://app.test', keys: [generateKey()] } : {}) as object)
    app.post('/', { form: { files: { file: { types: ['txt'] } } } }, async () => 'never')
    const body = '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nme'
    for (let length = 0; length <= body.length; length += 7) {
      const reply = await app.inject({ method: 'POST', url: '/', headers: { origin: 'https://app.test', 'content-type': 'multipart/form-data; boundary=b' }, payload: body.slice(0, length) })
      t.match(reply, { statusCode: 400, body: /BULWARK_ERR_FILES_BODY_REFUSED/ }, JSON.stringify(body.slice(0, length)))
    }
  }
})
