import type { InjectOptions } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { decorateSession, fixture, FORM, OWN, REFUSED, standInSession } from './csrf-world.ts'

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

t.test('the caching that a Response says does not hold against a token', async (t) => {
  const { app } = await fixture({}, (app) => app.get('/response', (request) => new Response(request.csrfField(), { headers: { 'cache-control': 'public, max-age=600', vary: 'Accept', etag: '"a"' } })))
  const reply = await app.inject('/response')
  t.match(reply.body, /^<input /)
  t.match(reply.headers, { 'cache-control': /private/, vary: 'Accept, Cookie', 'set-cookie': /^__Host-csrf-/ })
  t.notMatch(reply.headers['cache-control'], 'public')
  t.notOk('etag' in reply.headers)
})
