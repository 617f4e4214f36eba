import cors from '@fastify/cors'
import t from 'tap'
import { secured } from '../whole.ts'
import { besides, HEADERS } from './beside.ts'

// Known friction: a preflight carries no cookie and no token, so that guards refuse it; its answer lacks the headers of later hooks; Vary is written over;
// Cross-Origin-Resource-Policy is taken for a lock on CORS, which it is not.

const SHOP = 'https://shop.test'

besides(t, (app) => app.register(cors, { origin: [SHOP], credentials: true }), async (t, app) => {
  app.get('/data', () => ({ data: true }))
  app.post('/data', () => ({ saved: true }))
  app.get('/form', (request) => request.csrfToken())
  const from = async (origin: string, method: 'GET' | 'POST' | 'OPTIONS', headers: Record<string, string> = {}) =>
    await app.inject(secured({ method, url: '/data', headers: { origin, 'sec-fetch-site': 'cross-site', cookie: 'a=b', ...headers }, ...method === 'POST' && { payload: {} } }))
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }

  t.match(await from(SHOP, 'OPTIONS', preflight), { statusCode: 204, headers: { ...HEADERS, 'access-control-allow-origin': SHOP, 'access-control-allow-credentials': 'true', vary: /origin/i } }, 'a preflight is answered')
  const foreign = await from('https://evil.test', 'OPTIONS', preflight)
  t.not(foreign.headers['access-control-allow-origin'], 'https://evil.test')

  t.match(await from(SHOP, 'GET'), { statusCode: 200, headers: { ...HEADERS, 'access-control-allow-origin': SHOP, 'cross-origin-resource-policy': 'same-origin' } }, 'which is no lock on CORS: it holds for requests that do not ask')
  t.match(await from(SHOP, 'POST'), { statusCode: 200, headers: { 'access-control-allow-origin': SHOP } }, 'an origin that both trust may send')
  t.equal((await from('https://evil.test', 'POST')).statusCode, 403, 'and no other')
  t.match((await app.inject(secured({ url: '/form', headers: { origin: SHOP } }))).headers.vary, /^(?=.*origin)(?=.*cookie)/i, 'Vary names what either goes by')
}, { csrf: { trustedOrigins: [SHOP] } })

t.test('an origin that CORS alone trusts may read, and not change anything', async (t) => {
  besides(t, (app) => app.register(cors, { origin: [SHOP], credentials: true }), async (t, app, order) => {
    app.post('/data', () => ({ saved: true }))
    const reply = await app.inject(secured({ method: 'POST', url: '/data', headers: { origin: SHOP, 'sec-fetch-site': 'cross-site', cookie: 'a=b' }, payload: {} }))
    t.equal(reply.statusCode, 403)
    t.equal(reply.headers['access-control-allow-origin'], order === 'before' ? SHOP : undefined, 'its script can read why only where CORS comes first, as docs/csrf.md says')
  })
})

t.test('a preflight over plain http is refused by whoever comes first: no browser follows a redirect of one', async (t) => {
  besides(t, (app) => app.register(cors, { origin: [SHOP] }), async (t, app) => {
    app.post('/data', () => ({ saved: true }))
    const request = secured({ method: 'OPTIONS', url: '/data', headers: { origin: SHOP, 'x-forwarded-proto': 'http', 'access-control-request-method': 'POST' } })
    t.notOk('location' in (await app.inject(request)).headers)
    t.equal((await app.inject({ ...request, method: 'POST', payload: {} })).statusCode, 403, 'and so is the request itself')
  })
})
