import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { CsrfEvent } from 'fastify-bulwark/csrf'
import { build as cors } from '../../../docs/examples/csrf/cors.ts'
import { build as migrationAfter } from '../../../docs/examples/csrf/migration-after.ts'
import { build as newCookieAtLogin } from '../../../docs/examples/csrf/new-cookie-at-login.ts'
import { build as onRefused } from '../../../docs/examples/csrf/on-refused.ts'
import { build as report } from '../../../docs/examples/csrf/report.ts'
import { build as routeSettings } from '../../../docs/examples/csrf/route-settings.ts'
import { build as singlePage } from '../../../docs/examples/csrf/single-page.ts'
import { build as tokens } from '../../../docs/examples/csrf/tokens.ts'
import { build as websocket } from '../../../docs/examples/csrf/websocket.ts'
import { CONTENT_TYPE, formBody } from '../../lib/files/form-body.ts'
import { png } from '../../lib/files/samples.ts'
import { examplesOf, inject, startProgram } from './example.ts'

const { folder, compiled, show, nothingLeftOut } = examplesOf('csrf')

const FORM = 'application/x-www-form-urlencoded'
const OWN = { 'sec-fetch-site': 'same-origin' }
const CROSS = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }

const fieldIn = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)![1]!
const cookieOf = (reply: LightMyRequestResponse): string => reply.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'), { ORIGIN: 'https://app.test' })
  const page = await fetch(address)
  const token = fieldIn(await page.text())
  const cookie = page.headers.getSetCookie()[0]!.split(';')[0]!
  const send = async (headers: Record<string, string>) => await fetch(`${address}/entries`, { method: 'POST', headers: { ...headers, cookie, 'content-type': FORM }, body: `_csrf=${token}&text=hello` })
  t.same(await (await send({ origin: 'https://app.test' })).json(), { text: 'hello' })
  t.same(await (await send({})).json(), { text: 'hello' }, 'by the token alone')
  t.equal((await send({ origin: 'https://evil.test' })).status, 403)
})

show('tokens.ts', async (t) => {
  const app = await tokens()
  const [page, script, photo] = await inject(t, app, '/profile', '/profile.js', '/photo')
  const headers = { origin: 'null', cookie: cookieOf(page!) }
  t.same((await app.inject({ method: 'POST', url: '/profile', headers: { ...headers, 'content-type': FORM }, payload: `_csrf=${fieldIn(page!.body)}&name=a` })).json(), { name: 'a' })
  const meta = /<meta name="csrf-token" content="([^"]+)">/.exec(page!.body)![1]!
  t.same((await app.inject({ method: 'POST', url: '/profile', headers: { ...headers, 'x-csrf-token': meta }, payload: { name: 'b' } })).json(), { name: 'b' })
  t.match(script!.body, "'x-csrf-token': content")
  const payload = formBody({ name: '_csrf', data: fieldIn(photo!.body) }, { name: 'photo', filename: 'a.png', data: png() })
  const upload = { method: 'POST', url: '/photo', headers: { origin: 'null', cookie: cookieOf(photo!), 'content-type': CONTENT_TYPE }, payload } as const
  t.same((await app.inject(upload)).json(), { bytes: png().length })
  t.equal((await app.inject({ ...upload, headers: { ...upload.headers, cookie: '' } })).statusCode, 403)
})

show('route-settings.ts', async (t) => {
  const app = await routeSettings()
  t.teardown(() => app.close())
  const status = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>) => (await app.inject({ method, url, headers })).statusCode
  t.equal(await status('POST', '/login/return', { ...CROSS, origin: 'https://id.example' }), 200)
  t.equal(await status('POST', '/login/return', CROSS), 403)
  t.equal(await status('POST', '/webhooks/payment', CROSS), 200)
  t.equal(await status('GET', '/unsubscribe', CROSS), 403)
  t.equal(await status('GET', '/unsubscribe', OWN), 200)
  t.equal(await status('POST', '/account/delete', OWN), 403)
})

show('report.ts', async (t) => {
  const events: CsrfEvent[] = []
  const app = await report((event) => events.push(event))
  t.teardown(() => app.close())
  t.equal((await app.inject({ method: 'POST', url: '/', headers: CROSS })).statusCode, 200)
  t.match(events, [{ name: 'malicious_cors', reason: 'cross-site', refused: false, route: '/' }])
})

show('on-refused.ts', async (t) => {
  const app = await onRefused()
  const [page] = await inject(t, app, '/letters')
  const send = async (token: string, cookie: string, headers: Record<string, string> = { origin: 'null' }) => await app.inject({ method: 'POST', url: '/letters', headers: { ...headers, cookie, 'content-type': FORM }, payload: new URLSearchParams({ _csrf: token, text: 'Dear "you" <b>' }).toString() })
  const refused = await send(fieldIn(page!.body), 'session=over')
  t.equal(refused.statusCode, 403)
  t.match(refused.body, '<textarea name="text">Dear &#34;you&#34; &#60;b&#62;</textarea>')
  t.equal((await send(fieldIn(refused.body), cookieOf(refused))).body, 'sent', 'and the fresh form works')
  t.equal((await send(fieldIn(page!.body), cookieOf(page!), CROSS)).json().code, 'BULWARK_ERR_CSRF_REFUSED')
})

show('cors.ts', async (t) => {
  const app = await cors()
  t.teardown(() => app.close())
  for (const [origin, allowed] of [['https://admin.app.test', true], ['https://evil.test', false]] as const) {
    const headers = { origin, 'sec-fetch-site': 'same-site' }
    const preflight = await app.inject({ method: 'OPTIONS', url: '/', headers: { ...headers, 'access-control-request-method': 'POST' } })
    t.equal(preflight.headers['access-control-allow-origin'] === origin, allowed, origin)
    t.equal((await app.inject({ method: 'POST', url: '/', headers })).statusCode, allowed ? 200 : 403, origin)
  }
})

show('single-page.ts', async (t) => {
  const app = await singlePage()
  const [before] = await inject(t, app, '/api/session')
  const send = async (url: string, headers: Record<string, string>): Promise<LightMyRequestResponse> => await app.inject({ method: 'POST', url, headers: { ...OWN, ...headers } })
  const order = async (token: string, cookie: string): Promise<number> => (await send('/api/orders', { 'x-csrf-token': token, cookie })).statusCode
  const { token } = before!.json<{ token: string }>()
  t.equal(before!.headers['cache-control'], 'no-store')
  t.equal(await order(token, cookieOf(before!)), 200)
  const login = cookieOf(await send('/api/login', {}))
  t.equal(await order(token, `${cookieOf(before!)}; ${login}`), 403, 'a token from before the login')
  const after = (await app.inject({ url: '/api/session', headers: { cookie: login } })).json<{ user: string, token: string }>()
  t.equal(after.user, '42')
  t.equal(await order(after.token, login), 200)
})

show('websocket.ts', async (t) => {
  const app = await websocket()
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const open = async (origin: string): Promise<number | undefined> => {
    const request = httpRequest({ port, path: '/live', agent: false, headers: { origin, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } })
    request.end()
    return await new Promise((resolve) => {
      request.on('response', (response: IncomingMessage) => { response.resume(); resolve(response.statusCode) })
      request.on('upgrade', (response, socket) => { socket.destroy(); resolve(response.statusCode) })
    })
  }
  t.equal(await open('https://app.test'), 101)
  t.equal(await open('https://evil.test'), 403)
})

show('new-cookie-at-login.ts', async (t) => {
  const app = await newCookieAtLogin()
  const [page] = await inject(t, app, '/login')
  const login = await app.inject({ method: 'POST', url: '/login', headers: { ...OWN, cookie: `a=1; ${cookieOf(page!)}` } })
  t.equal(login.statusCode, 303)
  t.match(login.cookies, [{ name: page!.cookies[0]!.name, value: '', maxAge: 0 }])
})

const migrationBefore = async (): Promise<FastifyInstance> => {
  const { build } = await import(new URL('migration-before.mjs', folder).href) as { build: () => Promise<FastifyInstance> }
  return await build()
}

for (const file of ['migration-before.mjs', 'migration-after.ts']) {
  show(file, async (t) => {
    const isOurs = file.endsWith('.ts')
    const app = await (isOurs ? migrationAfter() : migrationBefore())
    const [page] = await inject(t, app, '/form')
    const send = async (headers: Record<string, string>, token = fieldIn(page!.body)) =>
      await app.inject({ method: 'POST', url: '/form', headers: { cookie: cookieOf(page!), 'content-type': FORM, ...headers }, payload: `_csrf=${token}&text=a` })
    t.same((await send({})).json(), { text: 'a' })
    t.equal((await send({}, 'x')).statusCode, 403)
    t.equal((await send(CROSS)).statusCode, isOurs ? 403 : 200)
  })
}

nothingLeftOut()
