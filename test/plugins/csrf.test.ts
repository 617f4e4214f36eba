import formbody from '@fastify/formbody'
import fastifyMultipart, { type MultipartFile } from '@fastify/multipart'
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import csrfByDefault, { csrf, csrfDefaults, generateKey as exportedGenerateKey, type CsrfEvent, type CsrfOptions } from '../../plugins/csrf.ts'

const OWN = 'https://app.test'
const KEY = generateKey()
const REFUSED = { statusCode: 403, code: 'BULWARK_ERR_CSRF_REFUSED', error: 'Forbidden', message: 'The request does not prove that it comes from this site.' }

type Headers = Record<string, string>
type Line = Record<string, unknown> & { msg: string, level: number }

interface Fixture {
  readonly app: FastifyInstance
  readonly events: CsrfEvent[]
  readonly lines: Line[]
  /** Sends a request, POST / unless it says otherwise. */
  readonly send: (options?: InjectOptions) => Promise<LightMyRequestResponse>
  /** Asks for a token, and gives it with the Cookie header that a browser would then send. */
  readonly page: (cookie?: string) => Promise<{ token: string, cookie: string, reply: LightMyRequestResponse }>
}

async function fixture (options: Partial<CsrfOptions> = {}, prepare: (app: FastifyInstance) => unknown = () => {}, server: FastifyServerOptions = {}): Promise<Fixture> {
  const events: CsrfEvent[] = []
  const lines: Line[] = []
  const app = Fastify({ ...server, logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  await app.register(csrf, { origin: OWN, keys: [KEY], onEvent: (event) => events.push(event), ...options })
  await app.register(formbody)
  await prepare(app)
  if (!app.hasRoute({ method: 'POST', url: '/' })) app.post('/', (request) => ({ body: request.body ?? null }))
  app.get('/token', (request, reply) => reply.type('text/html').send(request.csrfToken()))
  return {
    app,
    events,
    lines,
    send: (options) => app.inject({ method: 'POST', url: '/', ...options }),
    async page (cookie) {
      const reply = await app.inject({ url: '/token', headers: cookie === undefined ? {} : { cookie } })
      const set = reply.cookies.map(({ name, value }) => `${name}=${value}`)
      return { token: reply.body, cookie: [cookie ?? [], set].flat().join('; '), reply }
    }
  }
}

/** Whatever type some package gives to `request.session`. */
function decorateSession (app: FastifyInstance, idOf: (request: FastifyRequest) => string | undefined): void {
  const decorator = { getter (this: FastifyRequest) { return { id: idOf(this) } } }
  app.decorateRequest('session' as 'id', decorator as never)
}

/** What decorates `session` and `sessions` as the session plugin does; a session exists where the cookie names one. */
function standInSession (app: FastifyInstance): { reads: number } {
  const counter = { reads: 0 }
  app.decorate('sessions' as 'version', '')
  decorateSession(app, (request) => {
    counter.reads++
    return /(?:^|; )__Host-session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
  })
  return counter
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('the exports', async (t) => {
  t.equal(csrfByDefault, csrf)
  t.equal(exportedGenerateKey, generateKey)
  t.ok(Object.isFrozen(csrfDefaults))
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

// ---- tokens

t.test('a page that asks for a token sets a cookie, once, and is for one browser', async (t) => {
  const { app, page } = await fixture({}, (app) => {
    app.get('/twice', (request) => [request.csrfToken(), request.csrfToken()])
    app.get('/none', () => 'no token')
    app.get('/markup', (request) => request.csrfField() + request.csrfMeta())
  })
  const { reply, token, cookie } = await page()
  t.match(token, /^[\w-]{86}$/)
  t.match(reply.headers['set-cookie'], /^__Host-csrf-[\w-]{6}=[\w-]{22}\.[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
  t.match(reply.headers, { 'cache-control': 'private, no-cache', vary: 'Cookie' })
  const twice = await app.inject('/twice')
  t.equal(new Set(twice.json<string[]>()).size, 1)
  t.type(twice.headers['set-cookie'], 'string', 'one cookie')
  const again = await page(cookie)
  t.notOk('set-cookie' in again.reply.headers, 'who has one is given no other')
  t.not(again.token, token, 'the token looks different each time')
  const none = await app.inject('/none')
  t.notOk('set-cookie' in none.headers || 'cache-control' in none.headers || 'vary' in none.headers, 'a page without a token has none of it')
  const markup = await app.inject({ url: '/markup', headers: { cookie } })
  t.match(markup.body, /^<input type="hidden" name="_csrf" value="([\w-]{86})"><meta name="csrf-token" content="\1">$/)
})

t.test('the token of a visitor is accepted in the header and in the body, by where it is looked for', async (t) => {
  const { send, page } = await fixture()
  const { token, cookie } = await page()
  const headers = { origin: 'null', cookie }
  const form = { ...headers, ...FORM }
  const cases: Array<[rule: string, options: InjectOptions, body: unknown]> = [
    ['header', { headers: { ...headers, 'x-csrf-token': token } }, null],
    ['form', { headers: form, payload: `a=1&_csrf=${token}&b=2` }, { a: '1', b: '2' }],
    ['JSON', { headers, payload: { a: 1, _csrf: token } }, { a: 1 }],
    ['header and form, which need not agree', { headers: { ...form, 'x-csrf-token': token }, payload: 'a=1&_csrf=x' }, { a: '1' }],
    ['header, with a body that has no fields', { headers: { ...headers, 'x-csrf-token': token, 'content-type': 'text/plain' }, payload: 'text' }, 'text']
  ]
  for (const [rule, options, body] of cases) {
    const reply = await send(options)
    t.equal(reply.statusCode, 200, rule)
    t.same(reply.json(), { body }, `${rule}: the field does not reach the handler`)
  }
  t.same((await send({ headers: { 'sec-fetch-site': 'same-origin', ...FORM }, payload: `_csrf=${token}&a=1` })).json(), { body: { a: '1' } }, 'nor where the headers were enough')
})

t.test('what is no token of the visitor is refused', async (t) => {
  const { app, send, page, events } = await fixture()
  const { token, cookie } = await page()
  const other = await page()
  const foreign = await fixture({ keys: [generateKey()] })
  const { token: foreignToken, cookie: foreignCookie } = await foreign.page()
  const flipped = token.slice(0, 40) + (token[40] === 'A' ? 'B' : 'A') + token.slice(41)
  const json = (payload: object, jar = cookie): InjectOptions => ({ headers: { origin: 'null', cookie: jar }, payload })
  const header = (value: string, jar = cookie): InjectOptions => ({ headers: { origin: 'null', cookie: jar, 'x-csrf-token': value } })
  const cases: Array<[what: string, options: InjectOptions, reason: string]> = [
    ['none', json({ a: 1 }), 'token-missing'],
    ['none, without a body', { headers: { origin: 'null', cookie } }, 'token-missing'],
    ['a body that has no fields', { headers: { origin: 'null', cookie, 'content-type': 'text/plain' }, payload: `_csrf=${token}` }, 'token-missing'],
    ['an array as a body', json([{ _csrf: token }]), 'token-missing'],
    ['a field that another object has', json({ inner: { _csrf: token } }), 'token-missing'],
    ['one in the address', { url: `/?_csrf=${token}`, headers: { origin: 'null', cookie } }, 'token-missing'],
    ['an empty one', json({ _csrf: '' }), 'token-malformed'],
    ['null', json({ _csrf: null }), 'token-malformed'],
    ['an object', json({ _csrf: { length: 86, toString: token } }), 'token-malformed'],
    ['an array', json({ _csrf: [token] }), 'token-malformed'],
    ['two of them', { headers: { origin: 'null', cookie, ...FORM }, payload: `_csrf=${token}&_csrf=${token}` }, 'token-malformed'],
    ['a number', json({ _csrf: 86 }), 'token-malformed'],
    ['one of a megabyte', json({ _csrf: 'A'.repeat(1_000_000) }), 'token-malformed'],
    ['one with padding', json({ _csrf: `${token.slice(0, 85)}=` }), 'token-malformed'],
    ['one with other characters', json({ _csrf: '\u0000'.repeat(86) }), 'token-malformed'],
    ['an empty header, although the body has one', { headers: { origin: 'null', cookie, 'x-csrf-token': '' }, payload: { _csrf: token } }, 'token-malformed'],
    ['two headers', header(`${token}, ${token}`), 'token-malformed'],
    ['one with a bit flipped', header(flipped), 'token-wrong'],
    ['the one of another visitor', header(other.token), 'token-wrong'],
    ['one of zeros', header('A'.repeat(86)), 'token-wrong'],
    ['one by another key', header(foreignToken, foreignCookie), 'token-unbound'],
    ['one by another key, with a cookie of ours', header(foreignToken), 'token-wrong'],
    ['one without its cookie', header(token, 'a=1'), 'token-unbound'],
    ['one whose cookie was changed', header(token, cookie.replace(/.$/, (last) => last === 'A' ? 'B' : 'A')), 'token-unbound'],
    ['one whose cookie is cut off', header(token, cookie.slice(0, 30)), 'token-unbound'],
    ['one whose cookie is of another name', header(token, cookie.replace('__Host-csrf-', '__host-csrf-')), 'token-unbound']
  ]
  for (const [what, options, reason] of cases) {
    events.length = 0
    const reply = await send(options)
    t.equal(reply.statusCode, 403, what)
    t.same(reply.json(), REFUSED, what)
    t.match(events, [{ name: 'input_validation_fail', reason }], what)
  }
  t.equal((await app.inject({ method: 'POST', url: '/', ...header(token) })).statusCode, 200, 'the token itself is good')
})

t.test('two tabs that a browser opens at once both work, and so do both in one cookie header', async (t) => {
  const { send, page } = await fixture()
  const [one, two] = await Promise.all([page(), page()])
  const cookie = `${one.cookie}; ${two.cookie}`
  t.not(one.cookie.split('=')[0], two.cookie.split('=')[0], 'neither cookie replaces the other')
  for (const { token } of [one, two]) t.equal((await send({ headers: { origin: 'null', cookie, 'x-csrf-token': token } })).statusCode, 200)
  t.notOk('set-cookie' in (await page(cookie)).reply.headers)
})

t.test('keys are rotated: what an earlier key made is accepted until it is taken away', async (t) => {
  const [older, newer] = [generateKey(), generateKey()]
  const before = await fixture({ keys: [older] })
  const { token, cookie } = await before.page()
  const options = { headers: { origin: 'null', cookie, 'x-csrf-token': token } }
  const during = await fixture({ keys: [newer, older] })
  t.equal((await during.send(options)).statusCode, 200)
  const fresh = await during.page(cookie)
  t.notOk('set-cookie' in fresh.reply.headers)
  t.equal((await (await fixture({ keys: [newer] })).send({ headers: { ...options.headers, 'x-csrf-token': fresh.token } })).statusCode, 403)
  const after = await fixture({ keys: [newer] })
  t.equal((await after.send(options)).statusCode, 403)
  t.ok('set-cookie' in (await after.page(cookie)).reply.headers, 'a cookie that nobody signed any more is replaced')
})

t.test('other names for header and field', async (t) => {
  const { app, send, page } = await fixture({ headerName: 'X-XSRF-Token', fieldName: 'authenticity_token' }, (app) => {
    app.get('/field', (request) => request.csrfField())
  })
  const { token, cookie } = await page()
  const headers = { origin: 'null', cookie }
  t.equal((await send({ headers: { ...headers, 'x-xsrf-token': token } })).statusCode, 200)
  t.same((await send({ headers, payload: { authenticity_token: token, _csrf: 1 } })).json(), { body: { _csrf: 1 } })
  t.equal((await send({ headers: { ...headers, 'x-csrf-token': token } })).statusCode, 403)
  t.match((await app.inject('/field')).body, '<input type="hidden" name="authenticity_token" value="')
})

// ---- with a session

t.test('with a session, its token and no other is accepted, and no cookie is set', async (t) => {
  const { app, send, page } = await fixture({}, standInSession)
  const alice = await page('__Host-session=alice')
  t.notOk('set-cookie' in alice.reply.headers)
  const good = { origin: 'null', cookie: '__Host-session=alice', 'x-csrf-token': alice.token }
  t.equal((await send({ headers: good })).statusCode, 200)
  t.equal((await send({ headers: { ...good, cookie: '__Host-session=bob' } })).statusCode, 403, 'another log-in in another tab')
  const before = await page()
  t.equal((await send({ headers: { ...good, cookie: before.cookie, 'x-csrf-token': before.token } })).statusCode, 200, 'without a session the cookie holds')
  const planted = { ...good, cookie: `${before.cookie}; __Host-session=alice`, 'x-csrf-token': before.token }
  t.equal((await send({ headers: planted })).statusCode, 403, 'and not after a login')
  t.equal((await send({ headers: { ...planted, 'x-csrf-token': alice.token } })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/', headers: { cookie: '__Host-session=alice' } })).statusCode, 403, 'curl with a session needs it')
})

t.test('the session is decoded where a token is made or checked, and nowhere else', async (t) => {
  let counter = { reads: 0 }
  const { app, send, page } = await fixture({}, (app) => {
    counter = standInSession(app)
    app.get('/plain', () => '')
  })
  const cookie = '__Host-session=alice'
  await app.inject({ url: '/plain', headers: { cookie } })
  await send({ headers: { cookie, origin: OWN } })
  await send({ headers: { cookie, 'sec-fetch-site': 'cross-site' } })
  t.equal(counter.reads, 0)
  await page(cookie)
  t.equal(counter.reads, 1)
  await send({ headers: { cookie } })
  t.equal(counter.reads, 2)
})

t.test('a session that another package decorates is not used', async (t) => {
  const { page } = await fixture({}, (app) => decorateSession(app, () => 'the same for all'))
  t.ok('set-cookie' in (await page()).reply.headers)
})

t.test('a login between two tokens of one request gives the second a new binding', async (t) => {
  const { app, send } = await fixture({}, (app) => {
    app.decorate('sessions' as 'version', '')
    decorateSession(app, (request) => (request as unknown as { now?: string }).now)
    app.get('/login', (request) => {
      const before = request.csrfToken()
      ;(request as unknown as { now: string }).now = 'alice'
      return [before, request.csrfToken(), request.csrfToken()]
    })
    app.addHook('onRequest', (request, _reply, next) => {
      if (request.headers['x-as']) (request as unknown as { now: string }).now = String(request.headers['x-as'])
      next()
    })
  })
  const login = await app.inject('/login')
  const [before, after, again] = login.json<string[]>()
  t.not(before, after)
  t.equal(after, again)
  t.notOk('set-cookie' in login.headers)
  t.equal((await send({ headers: { origin: 'null', 'x-as': 'alice', 'x-csrf-token': after! } })).statusCode, 200)
})

// ---- bodies

t.test('a strict schema does not see the field', async (t) => {
  const { page, app } = await fixture({}, (app) => {
    app.post('/strict', { schema: { body: { type: 'object', additionalProperties: false, required: ['a'], properties: { a: { type: 'string' } } } } }, (request) => request.body)
  }, { ajv: { customOptions: { removeAdditional: false } } })
  const { token, cookie } = await page()
  for (const headers of [{ origin: 'null', cookie }, { 'sec-fetch-site': 'same-origin' }]) {
    const reply = await app.inject({ method: 'POST', url: '/strict', headers, payload: { a: 'x', _csrf: token } })
    t.equal(reply.statusCode, 200)
    t.same(reply.json(), { a: 'x' })
    t.equal((await app.inject({ method: 'POST', url: '/strict', headers, payload: { a: 'x', b: 1, _csrf: token } })).statusCode, 400)
  }
})

t.test('a body that cannot be changed is no fault of the server', async (t) => {
  const { send, page } = await fixture({}, (app) => {
    app.addContentTypeParser('application/frozen', (_request, payload, done) => {
      payload.resume().on('end', () => done(null, Object.freeze({ _csrf: 'x' })))
    })
  })
  const { cookie } = await page()
  const headers = { cookie, 'content-type': 'application/frozen' }
  t.equal((await send({ headers: { ...headers, origin: OWN }, payload: '{}' })).statusCode, 200)
  t.equal((await send({ headers: { ...headers, origin: 'null' }, payload: '{}' })).statusCode, 403)
})

const BOUNDARY = '----WebKitFormBoundaryABCDEFGHIJKLMNOP'
const multipartHeaders = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

function multipart (...parts: Array<[name: string, value: string, filename?: string]>): string {
  return parts.map(([name, value, filename]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/plain`}\r\n\r\n${value}\r\n`).join('') + `--${BOUNDARY}--\r\n`
}

for (const attachFieldsToBody of [undefined, true, 'keyValues'] as const) {
  t.test(`a multipart form, its fields ${attachFieldsToBody === undefined ? 'read by the handler' : `attached to the body (${String(attachFieldsToBody)})`}`, async (t) => {
    let files = 0
    const { send, page, events } = await fixture({}, async (app) => {
      await app.register(fastifyMultipart, {
        ...attachFieldsToBody === undefined ? {} : { attachFieldsToBody },
        async onFile (part: MultipartFile) {
          files++
          await part.toBuffer()
        }
      })
      app.post('/', async (request) => {
        if (attachFieldsToBody !== undefined) return Object.keys(request.body ?? {})
        const names: string[] = []
        for await (const part of request.parts()) {
          names.push(part.fieldname)
          if (part.type !== 'file') continue
          files++
          await part.toBuffer()
        }
        return names
      })
    })
    const { token, cookie } = await page()
    const headers = { origin: 'null', cookie, ...multipartHeaders }
    const rest: Array<[string, string, string?]> = [['a', '1'], ['file', 'x'.repeat(100_000), 'a.txt']]
    const good = await send({ headers, payload: multipart(['_csrf', token], ...rest) })
    t.equal(good.statusCode, 200)
    t.same(good.json(), ['a', 'file'], 'the field does not reach the handler')
    t.equal(files, 1)
    t.same((await send({ headers: { ...headers, 'x-csrf-token': token }, payload: multipart(['_csrf', 'whatever'], ['a', '1']) })).json(), ['a'])
    t.same((await send({ headers: { 'sec-fetch-site': 'same-origin', ...multipartHeaders }, payload: multipart(['_csrf', token], ['a', '1']) })).json(), ['a'])
    t.same((await send({ headers: { 'sec-fetch-site': 'same-origin', ...multipartHeaders }, payload: multipart(['a', '1'], ['b', '2']) })).json(), ['a', 'b'], 'a form without the field is left alone')
    t.same((await send({ headers, payload: multipart(['_csrf', token]) })).statusCode, 200, 'nothing but the field')
    files = 0
    t.equal((await send({ headers: { ...headers, 'x-csrf-token': 'x' }, payload: multipart(['_csrf', token], ...rest) })).statusCode, 403, 'a header goes before the field')
    const refused: Array<[what: string, payload: string, reason: string]> = [
      ['no field', multipart(...rest), 'token-missing'],
      ['the field behind a file', multipart(...[...rest].reverse(), ['_csrf', token]), 'token-missing'],
      ['the field as a file', multipart(['_csrf', token, 'token.txt'], ...rest), 'token-missing'],
      ['a field of a megabyte', multipart(['_csrf', 'A'.repeat(1_000_000)], ...rest), 'token-missing'],
      ['a wrong one', multipart(['_csrf', token.replace(/^./, (first) => first === 'A' ? 'B' : 'A')], ...rest), 'token-wrong'],
      ['one that is none', multipart(['_csrf', 'x'], ...rest), 'token-malformed'],
      ['a body that is cut off', multipart(['_csrf', token]).slice(0, 100), 'token-missing'],
      ['no body', '', 'token-missing'],
      ['a body of another form', 'a=1', 'token-missing']
    ]
    for (const [what, payload, reason] of refused) {
      events.length = 0
      t.equal((await send({ headers, payload })).statusCode, 403, what)
      t.match(events, [{ reason }], what)
    }
    t.equal(files, 0, 'no file was accepted')
  })
}

// ---- replies

t.test('what a page with a token may be cached for', async (t) => {
  const { app } = await fixture({}, (app) => {
    app.get('/cached', (request, reply) => {
      const { value, vary } = request.query as Record<string, string>
      if (value !== undefined) reply.header('cache-control', value)
      if (vary !== undefined) reply.header('vary', vary)
      return reply.header('etag', '"1"').header('last-modified', 'Mon, 01 Jan 2024 00:00:00 GMT').send(request.csrfToken())
    })
  })
  const cases: Array<[given: string | undefined, sent: string]> = [
    [undefined, 'private, no-cache'], ['no-store', 'no-store'], ['private, max-age=60', 'private, max-age=60'], ['public, max-age=60', 'private, no-cache'],
    ['max-age=60', 'private, no-cache'], ['s-maxage=60', 'private, no-cache'], ['private, s-maxage=60', 'private, no-cache']
  ]
  for (const [given, sent] of cases) {
    const { headers } = await app.inject(`/cached${given === undefined ? '' : `?value=${encodeURIComponent(given)}`}`)
    t.equal(headers['cache-control'], sent, String(given))
    t.notOk('etag' in headers || 'last-modified' in headers, 'and nothing to ask a cache by')
  }
  t.equal((await app.inject('/cached?vary=Accept')).headers.vary, 'Accept, Cookie')
  t.equal((await app.inject('/cached?vary=cookie')).headers.vary, 'cookie')
  t.equal((await app.inject('/cached?vary=*')).headers.vary, '*')
})

t.test('a cookie beside those of the application', async (t) => {
  const { app } = await fixture({}, (app) => {
    app.get('/both', (request, reply) => reply.header('set-cookie', 'a=1').send(request.csrfToken()))
  })
  const { headers } = await app.inject('/both')
  t.match(headers['set-cookie'], ['a=1', /^__Host-csrf-/])
})

t.test('a token that is asked for too late is an error, on the page for an error it is not', async (t) => {
  const asked = new Set<string>()
  const { app } = await fixture({}, (app) => {
    app.addHook('onSend', (request, _reply, payload, next) => {
      const isFirst = !asked.has(request.id)
      asked.add(request.id)
      if (isFirst && request.url === '/late') request.csrfToken()
      if (isFirst && request.url === '/broken') throw new Error('broken')
      next(null, payload)
    })
    app.get('/late', () => 'page')
    app.get('/broken', (request) => request.csrfToken())
    app.setErrorHandler((error, request, reply) => reply.code(500).send({ code: (error as { code?: string }).code, token: request.csrfToken() }))
  })
  const late = await app.inject('/late')
  t.equal(late.json().code, 'BULWARK_ERR_CSRF_TOKEN_LATE')
  t.match(late.json().token, /^[\w-]{86}$/)
  t.ok('set-cookie' in late.headers)
  const broken = await app.inject('/broken')
  t.type(broken.headers['set-cookie'], 'string', 'one cookie, although two replies were made')
})

t.test('Vary names what an answer depended on, where a cache might keep it', async (t) => {
  const { app } = await fixture({}, (app) => {
    app.get('/strict', { config: { security: { csrf: 'strict' } } }, (_request, reply) => reply.header('vary', 'Accept').send('x'))
    app.route({ method: 'QUERY', url: '/query', handler: () => 'x' })
    app.get('/plain', () => 'x')
  })
  const names = 'Sec-Fetch-Site, Origin, Referer, Cookie'
  const own = { 'sec-fetch-site': 'same-origin' }
  t.equal((await app.inject({ url: '/strict', headers: own })).headers.vary, `Accept, ${names}`)
  t.equal((await app.inject({ url: '/strict', headers: { 'sec-fetch-site': 'cross-site' } })).headers.vary, names)
  t.equal((await app.inject({ method: 'QUERY', url: '/query', headers: own, payload: {} })).headers.vary, names)
  t.notOk('vary' in (await app.inject({ url: '/plain', headers: own })).headers)
  t.notOk('vary' in (await app.inject({ method: 'POST', url: '/', headers: own })).headers)
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
