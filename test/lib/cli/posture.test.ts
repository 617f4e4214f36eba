import t from 'tap'
import type { DeclaredRoute, InjectedReply, RegisteredPlugin, RouteOptions, Scope } from '../../../lib/cli/application.ts'
import { postureOf } from '../../../lib/cli/posture.ts'
import { requireFresh, requireLogin } from '../../../plugins/session.ts'

const root: Scope = { hasPlugin: () => false }

function scopeWith (...stems: string[]): Scope {
  return Object.assign(Object.create(root) as Scope, { hasPlugin: (name: string) => stems.some((stem) => name === `fastify-bulwark/${stem}`) })
}

function route (options: Partial<RouteOptions>, ...stems: string[]): DeclaredRoute {
  return { options: { method: 'GET', url: '/', ...options }, scope: scopeWith(...stems) }
}

function reply (headers: InjectedReply['headers'], statusCode: number = 200): InjectedReply {
  return { statusCode, headers, stream: () => { throw new Error('not read here') } }
}

const codes = (method: string, declared: DeclaredRoute, plugins: RegisteredPlugin[] = []): string[] => postureOf(method, declared, plugins, undefined, 'a.test').findings.map(({ code, severity, where }) => `${severity} ${code} ${where}`)

t.test('the plugins in scope, those that the route is exempt from, and its settings as data', async (t) => {
  const posture = postureOf('GET', route({ config: { security: { headers: false, redirect: { hosts: ['a.test'], pick: () => 1, limit: 5n }, session: 'required' } } }, 'redirect', 'headers', 'session'), [], undefined, 'a.test')
  t.match(posture, {
    plugins: ['headers', 'session', 'redirect'],
    exempt: ['headers'],
    settings: { headers: false, redirect: { hosts: ['a.test'], pick: '[function]', limit: '5' }, session: 'required' },
    reply: null
  })
  for (const security of [undefined, null, 'text', 5]) t.same(postureOf('GET', route({ config: { security } }), [], undefined, 'a.test').settings, {})
  t.same(postureOf('GET', route({}), [], undefined, 'a.test').settings, {})
})

t.test('the schemas of a route', async (t) => {
  t.same(postureOf('POST', route({ schema: { body: {}, params: {}, response: {}, querystring: undefined } }), [], undefined, 'a.test').schema, ['body', 'params'])
})

const copyOfThePackage = Object.assign(() => {}, { [Symbol('fastify-bulwark.session.settings')]: { fresh: 60 } })
const sessions: Array<[what: string, options: Partial<RouteOptions>, stems: string[], session: string]> = [
  ['no plugin', {}, [], 'off'],
  ['the plugin', {}, ['session'], 'optional'],
  ['requireLogin as the hook of the route', { preHandler: requireLogin as unknown as () => void }, ['session'], 'required'],
  ['requireFresh among hooks', { onRequest: [() => {}, requireFresh({ within: 60 }) as unknown as () => void] }, ['session'], 'required'],
  ['requireLogin as the setting', { config: { security: { session: requireLogin } } }, ['session'], 'required'],
  ['settings that demand a login', { config: { security: { session: { login: true } } } }, ['session'], 'required'],
  ['settings that demand a fresh login', { config: { security: { session: { fresh: 60 } } } }, ['session'], 'required'],
  ['a hook from another copy of the package', { preHandler: copyOfThePackage }, ['session'], 'required'],
  ['settings that demand none', { config: { security: { session: { login: false } } } }, ['session'], 'optional'],
  ['other settings', { config: { security: { session: { strict: true } } } }, ['session'], 'optional'],
  ['another hook', { preHandler: () => {} }, ['session'], 'optional']
]
for (const [what, options, stems, session] of sessions) t.test(`${what}: session is ${session}`, async (t) => t.equal(postureOf('GET', route(options, ...stems), [], undefined, 'a.test').session, session))

t.test('the mode of the guard against forged requests is that of the innermost registration', async (t) => {
  const inner = Object.create(root) as Scope
  const declared: DeclaredRoute = { options: { method: 'POST', url: '/' }, scope: Object.assign(Object.create(inner) as Scope, { hasPlugin: (name: string) => name === 'fastify-bulwark/csrf' }) }
  const csrf = (plugins: RegisteredPlugin[]): string => postureOf('POST', declared, plugins, undefined, 'a.test').csrf
  const plugin = (scope: Scope, options: unknown): RegisteredPlugin => ({ name: 'fastify-bulwark/csrf', scope, options })
  t.equal(csrf([]), 'enforce')
  t.equal(csrf([plugin(root, { mode: 'report' })]), 'report')
  t.equal(csrf([plugin(root, { mode: 'report' }), plugin(inner, {})]), 'enforce')
  t.equal(csrf([plugin(inner, { mode: 'report' }), plugin(scopeWith(), {}), { name: 'other', scope: root, options: {} }]), 'report', 'a scope beside it says nothing')
  t.equal(csrf([plugin(declared.scope, { mode: 'report' })]), 'report')
  t.equal(csrf([plugin(root, null)]), 'enforce')
  t.equal(csrf([plugin(root, () => ({}))]), 'enforce')
})

const findings: Array<[what: string, method: string, declared: DeclaredRoute, found: string[]]> = [
  ['a GET route', 'GET', route({}), []],
  ['a parameter without a schema', 'GET', route({ url: '/a/:id' }), ['info params-unchecked schema']],
  ['a parameter with a schema', 'GET', route({ url: '/a/:id', schema: { params: {} } }), []],
  ['a POST route without anything', 'POST', route({}), ['low csrf-off csrf', 'low body-unchecked schema']],
  ['with sessions, and open to other sites', 'POST', route({ schema: { body: {} } }, 'session'), ['high csrf-off csrf']],
  ['guarded', 'DELETE', route({}, 'session', 'csrf'), []],
  ['exempt from the guard', 'PUT', route({ schema: { body: {} }, config: { security: { csrf: false } } }, 'csrf'), ['medium csrf-exempt csrf']],
  ['a form that the plugin checks', 'POST', route({ form: { fields: {} } }, 'input', 'csrf'), []],
  ['a form that no plugin checks', 'POST', route({ form: { fields: {} } }, 'csrf'), ['low body-unchecked schema']],
  ['exempt from others', 'GET', route({ config: { security: { headers: false, redirect: false } } }), ['medium exempt headers', 'low exempt redirect']]
]
for (const [what, method, declared, found] of findings) t.test(`found: ${what}`, async (t) => t.same(codes(method, declared), found))

t.test('a setting of the route is shown with the mode, and what is reported is not stopped', async (t) => {
  const declared = route({ schema: { body: {} }, config: { security: { csrf: 'strict' } } }, 'csrf')
  t.equal(postureOf('POST', declared, [], undefined, 'a.test').csrf, 'enforce, strict')
  t.same(codes('POST', declared, [{ name: 'fastify-bulwark/csrf', scope: root, options: { mode: 'report' } }]), ['medium csrf-report csrf'])
})

t.test('the reply is judged as one over https', async (t) => {
  const posture = postureOf('GET', route({}), [], reply({ 'content-type': 'text/html', 'content-security-policy': ["default-src 'none'", "img-src 'self'"], 'content-length': 5, 'set-cookie': 'a=1; Secure' }, 500), 'a.test')
  t.same(posture.reply, { status: 500, contentType: 'text/html', policy: "default-src 'none', img-src 'self'" })
  const found = posture.findings.map(({ code }) => code)
  t.same(['hsts-missing', 'server-error', 'cookie-cross-site'].filter((code) => !found.includes(code)), [])
  t.same(postureOf('GET', route({}), [], reply({}), 'a.test').reply, { status: 200, contentType: '', policy: null })
})

t.test('a reply that refuses the host tells nothing of the route, and is told as that', async (t) => {
  const codes = (status: number): string[] => postureOf('GET', route({}), [], reply({}, status), 'a.test').findings.filter(({ severity }) => severity === 'medium').map(({ code }) => code)
  t.ok(codes(421).includes('host-refused'))
  t.notOk(codes(404).includes('host-refused'))
})

t.test('a reply that did not come is told', async (t) => {
  const posture = postureOf('GET', route({}), [], null, 'a.test')
  t.equal(posture.reply, null)
  t.match(posture.findings, [{ code: 'no-reply', severity: 'info' }])
})
