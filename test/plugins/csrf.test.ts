import Fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import csrfByDefault, { csrf, csrfDefaults, generateKey as exportedGenerateKey, type CsrfOptions } from '../../plugins/csrf.ts'
import { fixture, FORM, KEY, OWN, REFUSED, type Headers, type Line } from './csrf-world.ts'

t.test('the exports', async (t) => {
  t.equal(csrfByDefault, csrf)
  t.equal(exportedGenerateKey, generateKey)
  t.ok(Object.isFrozen(csrfDefaults))
})

t.test('an option that is undefined has its default: it switches nothing off', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const options: Record<string, unknown> = { mode: undefined, trustedOrigins: undefined, fieldName: undefined, headerName: undefined }
  await app.register(csrf, { origin: OWN, keys: [KEY], ...options })
  app.post('/', () => 'done')
  t.equal((await app.inject({ method: 'POST', url: '/', headers: { 'sec-fetch-site': 'cross-site' } })).statusCode, 403)
})

// ---- the decision table

const verdicts: Array<[rule: string, method: string, headers: Headers, status: number]> = [
  ['a request from the own pages', 'POST', { 'sec-fetch-site': 'same-origin' }, 200],
  ['one that the visitor typed', 'POST', { 'sec-fetch-site': 'none' }, 200],
  ['one from the own pages that have no referrer', 'POST', { 'sec-fetch-site': 'same-origin', origin: 'null' }, 200],
  ['one from another site', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }, 403],
  ['one from a sibling', 'POST', { 'sec-fetch-site': 'same-site', origin: 'https://sub.app.test' }, 403],
  ['one that came by way of another site', 'POST', { 'sec-fetch-site': 'cross-site', origin: OWN }, 403],
  ['one from a sandboxed frame', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 403],
  ['one from a trusted origin', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://pay.test' }, 200],
  ['one from a trusted sibling', 'POST', { 'sec-fetch-site': 'same-site', origin: 'https://pay.test' }, 200],
  ['one with an unknown relation', 'POST', { 'sec-fetch-site': 'same-galaxy' }, 403],
  ['one with an unknown relation, from a trusted origin', 'POST', { 'sec-fetch-site': 'same-galaxy', origin: 'https://pay.test' }, 200],
  ['a relation in capitals', 'POST', { 'sec-fetch-site': 'Same-Origin' }, 403],
  ['a relation said twice', 'POST', { 'sec-fetch-site': 'same-origin, cross-site' }, 403],
  ['a relation that is empty', 'POST', { 'sec-fetch-site': '', origin: OWN }, 403],
  ['an old browser on the own pages', 'POST', { origin: OWN }, 200],
  ['an old browser on a trusted page', 'POST', { origin: 'https://pay.test' }, 200],
  ['an old browser on another site', 'POST', { origin: 'https://evil.test' }, 403],
  ['an origin of another scheme', 'POST', { origin: 'http://app.test' }, 403],
  ['an origin of another port', 'POST', { origin: 'https://app.test:8443' }, 403],
  ['an origin with its default port spelled out', 'POST', { origin: 'https://app.test:443' }, 403],
  ['an origin in capitals', 'POST', { origin: 'https://APP.test' }, 403],
  ['an origin with a dot behind it', 'POST', { origin: 'https://app.test.' }, 403],
  ['an origin with a path', 'POST', { origin: 'https://app.test/' }, 403],
  ['an origin with somebody before it', 'POST', { origin: 'https://app.test@evil.test' }, 403],
  ['an origin that begins like the own one', 'POST', { origin: 'https://app.test.evil.test' }, 403],
  ['an origin that ends like the own one', 'POST', { origin: 'https://evilapp.test' }, 403],
  ['two origins', 'POST', { origin: `${OWN}, https://evil.test` }, 403],
  ['an empty origin', 'POST', { origin: '' }, 403],
  ['an origin that is null, and no token', 'POST', { origin: 'null' }, 403],
  ['a referrer of the own pages', 'POST', { referer: `${OWN}/form?a=1`, cookie: 'a=1' }, 200],
  ['a referrer of a trusted page', 'POST', { referer: 'https://pay.test/', cookie: 'a=1' }, 200],
  ['a referrer of another site', 'POST', { referer: 'https://evil.test/app.test' }, 403],
  ['a referrer with the own origin in its query', 'POST', { referer: `https://evil.test/?${OWN}` }, 403],
  ['a referrer with the own name as a user', 'POST', { referer: 'https://app.test@evil.test/' }, 403],
  ['a referrer that is no address', 'POST', { referer: 'somewhere' }, 403],
  ['a referrer of an app', 'POST', { referer: 'android-app://com.example/' }, 403],
  ['an empty referrer, and no credential', 'POST', { referer: '' }, 200],
  ['curl', 'POST', {}, 200],
  ['curl with a token of its own', 'POST', { authorization: 'Bearer abc' }, 200],
  ['curl with a cookie', 'POST', { cookie: '__Host-session=1' }, 403],
  ['curl with any cookie', 'POST', { cookie: 'theme=dark' }, 403],
  ['a remembered password', 'POST', { authorization: 'Basic YTpi' }, 403],
  ['a forwarded host that says otherwise', 'POST', { origin: 'https://evil.test', 'x-forwarded-host': 'evil.test', host: 'evil.test' }, 403],
  ['GET from anywhere', 'GET', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }, 200],
  ['HEAD from anywhere', 'HEAD', { 'sec-fetch-site': 'cross-site' }, 200],
  ['a preflight from anywhere', 'OPTIONS', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }, 200],
  ['the opening of a WebSocket', 'GET', { origin: 'https://evil.test', upgrade: 'websocket' }, 403],
  ['the opening of a WebSocket among others, in capitals', 'GET', { origin: 'https://evil.test', upgrade: 'h2c, WebSocket' }, 403],
  ['the opening of a WebSocket on the own pages', 'GET', { origin: OWN, upgrade: 'websocket' }, 200],
  ['an offer of HTTP/2', 'GET', { origin: 'https://evil.test', upgrade: 'h2c' }, 200],
  ...['PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'REPORT', 'TRACE'].map((method): [string, string, Headers, number] =>
    [`${method} from another site`, method, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }, 403]),
  ...['PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'REPORT'].map((method): [string, string, Headers, number] =>
    [`${method} from the own pages`, method, { 'sec-fetch-site': 'same-origin', origin: OWN }, 200])
]

for (const [rule, method, headers, status] of verdicts) {
  t.test(`${status === 200 ? 'let through' : 'refused'}: ${rule}`, async (t) => {
    const { app, events } = await fixture({ trustedOrigins: ['https://pay.test'] }, (app) => {
      for (const added of ['PROPFIND', 'REPORT']) app.addHttpMethod(added, { hasBody: true })
      app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND', 'REPORT', 'TRACE'], url: '/', handler: () => 'reached' })
    })
    const reply = await app.inject({ method: method as 'POST', url: '/', headers, ...method === 'QUERY' ? { payload: {} } : {} })
    t.equal(reply.statusCode, status)
    t.equal(events.length, status === 200 ? 0 : 1)
    if (status === 200) return
    if (method !== 'HEAD') t.same(reply.json(), REFUSED, 'and the reply does not say why')
    t.equal(reply.headers['cache-control'], 'no-store')
  })
}

t.test('paths without a route and routes from before the plugin are no exception', async (t) => {
  const app = Fastify()
  app.post('/before', () => 'reached')
  app.post('/before/strict', { config: { security: { csrf: 'token' } } }, () => 'reached')
  app.register(csrf, { origin: OWN, keys: [KEY] })
  t.teardown(() => app.close())
  const cross = { 'sec-fetch-site': 'cross-site' }
  for (const url of ['/before', '/nowhere', '/token']) t.equal((await app.inject({ method: 'POST', url, headers: cross })).statusCode, 403, url)
  const own = { 'sec-fetch-site': 'same-origin' }
  t.equal((await app.inject({ method: 'POST', url: '/before', headers: own })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/nowhere', headers: own, payload: { a: 1 } })).statusCode, 404)
  t.equal((await app.inject({ method: 'POST', url: '/before/strict', headers: own })).statusCode, 403)
})

// ---- settings of routes and scopes

t.test('settings of routes', async (t) => {
  const { app, page, lines } = await fixture({ trustedOrigins: ['https://pay.test'] }, (app) => {
    const route = (url: string, setting: unknown): void => {
      app.route({ method: ['GET', 'POST', 'OPTIONS'], url, config: { security: { csrf: setting as false } }, handler: () => 'reached' })
    }
    route('/exempt', false)
    route('/strict', 'strict')
    route('/wanted', 'token')
    route('/saml', { trustedOrigins: ['https://id.test'] })
    app.get('/exempt/get', { config: { security: { csrf: false } } }, () => 'reached')
  })
  await app.ready()
  t.match(lines.filter(({ exempt }) => exempt), [{ level: 30, exempt: ['GET,POST,OPTIONS /exempt', 'GET /exempt/get'] }], 'exemptions are printed at start')
  const { token, cookie } = await page()
  const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
  const own = { 'sec-fetch-site': 'same-origin' }
  const cases: Array<[method: 'GET' | 'POST' | 'OPTIONS', url: string, headers: Headers, status: number]> = [
    ['POST', '/exempt', cross, 200],
    ['POST', '/exempt', { cookie }, 200],
    ['GET', '/strict', cross, 403],
    ['GET', '/strict', own, 200],
    ['GET', '/strict', { 'sec-fetch-site': 'none' }, 200],
    ['GET', '/strict', { cookie }, 403],
    ['GET', '/strict', { cookie, 'x-csrf-token': token }, 200],
    ['GET', '/strict', {}, 200],
    ['OPTIONS', '/strict', cross, 403],
    ['POST', '/strict', own, 200],
    ['GET', '/wanted', cross, 200],
    ['POST', '/wanted', cross, 403],
    ['POST', '/wanted', own, 403],
    ['POST', '/wanted', { ...own, cookie, 'x-csrf-token': token }, 200],
    ['POST', '/wanted', { ...cross, cookie, 'x-csrf-token': token }, 403],
    ['POST', '/wanted', {}, 403],
    ['POST', '/saml', { ...cross, origin: 'https://id.test' }, 200],
    ['POST', '/saml', { ...cross, origin: 'https://pay.test' }, 200],
    ['POST', '/saml', cross, 403],
    ['POST', '/', { ...cross, origin: 'https://id.test' }, 403]
  ]
  for (const [method, url, headers, status] of cases) t.equal((await app.inject({ method, url, headers })).statusCode, status, `${method} ${url} ${JSON.stringify(headers)}`)
})

t.test('an exempt route from before the plugin is told of at its first request, a wrong setting is logged and does not hold', async (t) => {
  const lines: Line[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  app.post('/exempt', { config: { security: { csrf: false } } }, () => 'reached')
  app.post('/wrong', { config: { security: { csrf: 'of' as 'strict' } } }, () => 'reached')
  app.register(csrf, { origin: OWN, keys: [KEY] })
  await app.ready()
  const cross = { 'sec-fetch-site': 'cross-site' }
  for (let round = 0; round < 2; round++) {
    t.equal((await app.inject({ method: 'POST', url: '/exempt', headers: cross })).statusCode, 200)
    t.equal((await app.inject({ method: 'POST', url: '/wrong', headers: cross })).statusCode, 403)
  }
  t.equal(lines.filter(({ msg }) => msg.startsWith('this route is without protection')).length, 1)
  t.match(lines.filter(({ level }) => level === 50), [{ err: { code: 'BULWARK_ERR_CSRF_OPTION_INVALID' } }])
})

t.test('a child scope has a guard of its own', async (t) => {
  const { app } = await fixture({}, async (app) => {
    await app.register(async (child) => {
      await child.register(csrf, { origin: 'https://child.test', keys: [generateKey()], fieldName: 'token' })
      child.post('/child', (request) => request.csrfField())
    })
  })
  const send = async (url: string, origin: string) => await app.inject({ method: 'POST', url, headers: { origin } })
  t.equal((await send('/child', 'https://child.test')).statusCode, 200)
  t.match((await send('/child', 'https://child.test')).body, 'name="token"')
  t.equal((await send('/child', OWN)).statusCode, 403)
  t.equal((await send('/', OWN)).statusCode, 200)
  t.equal((await send('/', 'https://child.test')).statusCode, 403)
})

t.test('several own origins', async (t) => {
  const { send } = await fixture({ origin: [OWN, 'http://[::1]:3000', 'https://BÜCHER.test'] })
  for (const origin of [OWN, 'http://[::1]:3000', 'https://xn--bcher-kva.test']) t.equal((await send({ headers: { origin } })).statusCode, 200, origin)
  t.equal((await send({ headers: { origin: 'https://bücher.test' } })).statusCode, 403, 'no browser writes it so')
  t.equal((await send({ headers: { origin: OWN, 'sec-fetch-site': 'same-site' } })).statusCode, 403, 'to trust each other they have to be trusted')
})

// ---- refusals

t.test('the mode report lets everything through and says what it would refuse', async (t) => {
  const { send, page, events, lines } = await fixture({ mode: 'report' })
  const { cookie } = await page()
  t.equal((await send({ headers: { origin: 'https://evil.test' } })).statusCode, 200)
  t.equal((await send({ headers: { origin: 'null', cookie }, payload: { a: 1, _csrf: 'x' } })).statusCode, 200)
  t.same((await send({ headers: { origin: 'null', cookie, 'x-csrf-token': 'x' }, payload: { a: 1, _csrf: 'x' } })).json(), { body: { a: 1 } })
  t.match(events, [{ reason: 'origin-foreign', refused: false }, { reason: 'token-malformed', refused: false }, { reason: 'token-malformed', refused: false }])
  t.ok(lines.some(({ msg }) => msg === "csrf.mode: 'report' refuses nothing."))
  t.equal(lines.filter(({ msg }) => msg === 'request would be refused').length, 3)
})

t.test('an event says what came and keeps secrets', async (t) => {
  const { app, events, lines } = await fixture({}, (app) => app.post('/reset/:secret', () => ''))
  await app.inject({ method: 'POST', url: '/reset/swordfish?swordfish', headers: { 'sec-fetch-site': 'cross-site', origin: `https://${'e'.repeat(300)}.test`, cookie: 'a=swordfish', referer: 'https://evil.test/swordfish', 'x-csrf-token': 'swordfish' } })
  t.match(events, [{ name: 'malicious_cors', reason: 'cross-site', refused: true, method: 'POST', route: '/reset/:secret', fetchSite: 'cross-site', referer: 'https://evil.test', suppressed: 0 }])
  t.equal(events[0]!.origin!.length, 200)
  t.notMatch(JSON.stringify([events, lines.filter(({ code }) => code === 'BULWARK_ERR_CSRF_REFUSED')]).replaceAll(/"url":"[^"]*"/g, ''), 'swordfish')
  t.match(lines.filter(({ code }) => code === 'BULWARK_ERR_CSRF_REFUSED'), [{ level: 40, csrf: { reason: 'cross-site' } }])
})

t.test('events are not more than 60 a minute, and a listener that throws does no harm', async (t) => {
  let told = 0
  const { send, lines } = await fixture({ onEvent: () => { told++; throw new Error('listener') } })
  for (let count = 0; count < 100; count++) t.equal((await send({ headers: { origin: 'https://evil.test' } })).statusCode, 403)
  t.equal(told, 60)
  t.equal(lines.filter(({ msg }) => msg === 'csrf.onEvent failed').length, 60)
})

t.test('onRefused answers in the place of the error', async (t) => {
  const answers: Record<string, CsrfOptions['onRefused']> = {
    payload: (request, reply, reason) => {
      reply.type('text/html')
      return `${reason} ${JSON.stringify(request.body ?? null)} ${request.csrfField()}`
    },
    sent: async (_request, reply) => await reply.code(418).send('sent'),
    later: (_request, reply) => new Promise((resolve) => setTimeout(() => { reply.send('later'); resolve(undefined) }, 5)),
    nothing: () => undefined,
    error: () => { throw new Error('onRefused') }
  }
  let lines: Line[] = []
  const replyOf = async (name: string, options: InjectOptions): Promise<LightMyRequestResponse> => {
    const asked = await fixture({ onRefused: answers[name]! })
    lines = asked.lines
    return await asked.send(options)
  }
  const { cookie } = await (await fixture()).page()
  const expired: InjectOptions = { headers: { origin: 'null', cookie, ...FORM }, payload: 'text=long&_csrf=x' }
  const payload = await replyOf('payload', expired)
  t.match(payload, { statusCode: 403, body: /^token-malformed \{"text":"long"\} <input [^>]+value="[\w-]{86}">$/ }, 'a fresh form with what was written')
  t.equal(payload.headers['cache-control'], 'no-store')
  t.match(await replyOf('payload', { headers: { origin: 'https://evil.test' } }), { statusCode: 403, body: /^origin-foreign null / })
  t.match(await replyOf('sent', expired), { statusCode: 418, body: 'sent' })
  t.match(await replyOf('later', expired), { statusCode: 403, body: 'later' })
  t.same((await replyOf('nothing', expired)).json(), REFUSED)
  t.same((await replyOf('error', expired)).json(), REFUSED, 'nor does one that fails let anything through')
  t.match(lines.filter(({ level }) => level === 50), [{ msg: 'csrf.onRefused failed' }])
})

t.test('what is weak is said at start', async (t) => {
  const warnings = async (options: Partial<CsrfOptions>): Promise<string[]> => {
    const { app, lines } = await fixture(options)
    await app.ready()
    return lines.filter(({ level }) => level === 40).map(({ msg }) => msg)
  }
  t.same(await warnings({}), [])
  t.same(await warnings({ origin: ['http://localhost:3000', 'http://app.localhost', 'http://127.0.0.1', 'http://[::1]'] }), [])
  t.match(await warnings({ origin: 'http://intranet' }), [/^csrf\.origin: http:\/\/intranet is plain http/])
  t.match(await warnings({ trustedOrigins: ['http://pay.test'] }), [/^csrf\.trustedOrigins: http:\/\/pay\.test is plain http/])
  t.equal((await warnings({ origin: 'http://intranet', trustedOrigins: ['http://pay.test'] })).length, 1)
})
