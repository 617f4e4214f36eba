import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import t, { type Test } from 'tap'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { integrity } from '../../plugins/integrity.ts'
import { redirect } from '../../plugins/redirect.ts'
import { generateKey, requireLogin, session } from '../../plugins/session.ts'
import { transport } from '../../plugins/transport.ts'

// What an `onRoute` hook behind those of the plugins sets for a route counts as if it had stood there from the beginning.

type Setting = Record<string, unknown>

interface Late {
  /** What the route is declared with. */
  readonly declared: Setting | undefined
  readonly late: Setting
  /** Whether a route was there before the plugins: these have other hooks then. */
  readonly isSecond?: boolean
}

async function build (t: Test, { declared, late, isSecond = false }: Late): Promise<FastifyInstance> {
  const app = Fastify({ logger: false })
  t.teardown(() => app.close().catch(() => {}))
  if (isSecond) app.get('/first', () => '')
  const keys = [generateKey()]
  await app.register(headers)
  await app.register(transport, { hosts: ['app.test'], https: false })
  await app.register(integrity, { integrityPolicy: {} } as never)
  await app.register(session, { keys })
  await app.register(csrf, { keys, origin: 'https://app.test' })
  await app.register(files)
  await app.register(redirect, { origin: 'https://app.test' })
  app.addHook('onRoute', (route: RouteOptions) => {
    if (route.url === '/') route.config = { ...route.config, security: { ...route.config?.security, ...late } } as never
  })
  app.get('/', { config: { ...declared !== undefined && { security: declared } } }, (request, reply) => {
    const { to } = request.query as { to?: string }
    if (to !== undefined) return reply.redirect(to)
    return { target: request.redirectTarget }
  })
  app.get('/other', (_request, reply) => reply.redirect('https://good.test/'))
  return app
}

const settings: ReadonlyArray<readonly [what: string, late: Setting, url: string, headers: Record<string, string>, expected: object]> = [
  ['a header', { headers: { xContentTypeOptions: false } }, '/', {}, { statusCode: 200, headers: { 'x-content-type-options': undefined } }],
  ['no guard of redirects', { redirect: false }, '/?to=https://evil.test/', {}, { statusCode: 302 }],
  ['a host of redirects', { redirect: { hosts: ['good.test'] } }, '/?to=https://good.test/', {}, { statusCode: 302 }],
  ['a field of redirects', { redirect: { field: 'next' } }, '/?next=/a', {}, { statusCode: 200, body: '{"target":"https://app.test/a"}' }],
  ['a field of redirects that is not safe', { redirect: { field: 'next' } }, '/?next=https://evil.test', {}, { statusCode: 400 }],
  ['a login', { session: requireLogin }, '/', {}, { statusCode: 401 }],
  ['the guard of a GET', { csrf: 'strict' }, '/', { 'sec-fetch-site': 'cross-site' }, { statusCode: 403 }],
  ['a health check', { transport: { hosts: false } }, '/', { host: 'evil.test' }, { statusCode: 200 }]
]

for (const [what, late, url, headers, expected] of settings) {
  for (const isSecond of [false, true]) {
    for (const [where, declared] of [['that has none', undefined], ['that has another', { files: {} }], ['that has one of each plugin', { headers: {}, redirect: {}, session: {}, csrf: 'token', transport: {}, files: {} }]] as const) {
      t.test(`${what}, of a route ${where}${isSecond ? ', not the first one' : ''}`, async (t) => {
        const app = await build(t, { declared, late, isSecond })
        const reply = await app.inject({ url, headers: { host: 'app.test', ...headers } })
        t.match({ statusCode: reply.statusCode, body: reply.body, headers: { 'x-content-type-options': undefined, ...reply.headers } }, expected)
        t.equal((await app.inject({ url: '/other', headers: { host: 'app.test' } })).statusCode, 400, 'another route is as it was')
        t.match((await app.inject({ url: '/none', headers: { host: 'app.test' } })).headers, { 'x-content-type-options': 'nosniff' })
      })
    }
  }
}

for (const plugin of ['headers', 'transport', 'integrity', 'session', 'csrf', 'files', 'redirect']) {
  t.test(`a late setting of ${plugin} that is wrong never starts`, async (t) => {
    const app = await build(t, { declared: undefined, late: { [plugin]: 1 } })
    await t.rejects(async () => { await app.ready() }, { code: /^BULWARK_ERR_\w+_INVALID$/, message: /\(route (?:GET|HEAD) \/\)$/ })
  })
}

t.test('a setting that only a prototype has never starts: Fastify would lose it', async (t) => {
  const security = { session: requireLogin }
  for (const config of [Object.create({ security }), { security: Object.create(security) }, new (class { get security (): object { return security } })()] as object[]) {
    const app = Fastify()
    t.teardown(() => app.close().catch(() => {}))
    await app.register(session, { keys: [generateKey()] })
    app.get('/', { config }, () => 'secret')
    await t.rejects(async () => { await app.ready() }, { code: 'BULWARK_ERR_SESSION_OPTION_UNKNOWN', message: /prototype/ })
  }
})

t.test('limits of files cannot come late: what a field takes was compiled from them', async (t) => {
  const app = await build(t, { declared: { headers: {} }, late: { files: { limits: { fields: 1 } } } })
  await t.rejects(async () => { await app.ready() }, { code: 'BULWARK_ERR_FILES_OPTION_INVALID', message: /onRoute/ })
})
