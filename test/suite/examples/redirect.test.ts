import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build as inHandler } from '../../../docs/examples/redirect/in-handler.ts'
import { build as localOnly } from '../../../docs/examples/redirect/local-only.ts'
import { build as oauthLogin } from '../../../docs/examples/redirect/oauth-login.ts'
import { build as routeSettings } from '../../../docs/examples/redirect/route-settings.ts'
import { build as signedNext } from '../../../docs/examples/redirect/signed-next.ts'
import { generateKey } from '../../../lib/keys.ts'
import { examplesOf, inject, startProgram } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('redirect')

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'))
  const ask = async (next: string): Promise<[number, string | null]> => {
    const { status, headers } = await fetch(`${address}/login?next=${next}`, { redirect: 'manual' })
    return [status, headers.get('location')]
  }
  t.same(await ask('https://someothersite.org'), [400, null])
  t.same(await ask('file:///'), [400, null])
  t.same(await ask('/home'), [302, 'https://app.example/home'])
  t.same(await ask('https://app.example/home'), [302, 'https://app.example/home'])
})

show('route-settings.ts', async (t) => {
  const upstream = createServer((_request, response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end()).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  t.teardown(() => upstream.close())
  const app = await routeSettings(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`)
  const [shop, pay, sub, evil] = await inject(t, app, '/shop', '/shop?to=https://pay.example/1', '/shop?to=https://a.shop.example/', '/shop?to=https://evil.example/')
  t.equal(shop!.headers.location, 'https://app.example/')
  t.equal(pay!.headers.location, 'https://pay.example/1')
  t.equal(sub!.headers.location, 'https://a.shop.example/')
  t.equal(evil!.statusCode, 400)
  const login = async (next: string): Promise<unknown> => (await app.inject({ method: 'POST', url: '/login', payload: { next } })).headers.location
  t.equal(await login('https://docs.example/a'), 'https://docs.example/a')
  t.equal(await login('https://pay.example/'), 'https://app.example/start')
  t.equal((await app.inject('/proxy')).headers.location, 'https://elsewhere.example/')
})

show('in-handler.ts', async (t) => {
  const app = await inHandler()
  const [good, bad, out, own, safe, unsafe] = await inject(t, app, '/go?to=/home', '/go?to=//evil.example', '/out?to=https://evil.example', '/out?to=/home', '/api/next?to=/home', '/api/next?to=javascript:alert(1)')
  t.equal(good!.headers.location, 'https://app.example/home')
  t.equal(bad!.headers.location, 'https://app.example/start')
  t.match(out!.body, 'You are leaving this site')
  t.equal(own!.headers.location, 'https://app.example/home')
  t.same(safe!.json(), { next: '/home' })
  t.same(unsafe!.json(), { next: '/' })
  const back = await app.inject({ method: 'POST', url: '/language', headers: { referer: 'https://app.example/page' } })
  t.match(back, { statusCode: 303, headers: { location: 'https://app.example/page' } })
  t.match(await app.inject({ method: 'POST', url: '/login' }), { statusCode: 303, headers: { location: 'https://id.example/authorize?client_id=demo' } })
})

show('signed-next.ts', async (t) => {
  const app = await signedNext([generateKey()])
  const [page, bad] = await inject(t, app, '/login?next=/account', '/login?next=//evil.example')
  t.equal(bad!.statusCode, 400)
  const [, token = ''] = /value="([^"]+)"/.exec(page!.body) ?? []
  const post = async (next: string): Promise<unknown> => (await app.inject({ method: 'POST', url: '/login', headers: FORM, payload: `next=${next}` })).headers.location
  t.equal(await post(token), 'https://app.example/account')
  t.equal(await post(`${token}A`), 'https://app.example/')
  t.equal(await post('/account'), 'https://app.example/')
})

show('oauth-login.ts', async (t) => {
  const app = await oauthLogin()
  const [page] = await inject(t, app, '/login')
  t.match(page!.headers['content-security-policy'], "form-action 'self' https://id.example")
  t.match(await app.inject({ method: 'POST', url: '/login' }), { statusCode: 303, headers: { location: 'https://id.example/authorize?client_id=demo' } })
})

show('without-server.ts', async (t) => {
  const { stdout, status } = spawnSync(process.execPath, [compiled('without-server.js')], { encoding: 'utf8' })
  t.equal(status, 0)
  t.equal(stdout, 'https://app.example/account?tab=1 same\nfalse\n')
})

show('local-only.ts', async (t) => {
  const [path, host] = await inject(t, await localOnly(), '/go?next=/home', '/go?next=https://app.example/home')
  t.equal(path!.headers.location, '/home')
  t.equal(host!.headers.location, '/')
})

nothingLeftOut()
