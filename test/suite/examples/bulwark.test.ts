import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey } from 'fastify-bulwark'
import { PARTS } from '../../../lib/bulwark/parts.ts'
import { build as oneByOne } from '../../../docs/examples/bulwark/one-by-one.ts'
import { build as parts } from '../../../docs/examples/bulwark/parts.ts'
import { build as scopes } from '../../../docs/examples/bulwark/scopes.ts'
import { plain } from '../raw-http.ts'
import { examplesOf, inject, startProgram } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('bulwark')

const secure = (host: string) => ({ headers: { host, 'x-forwarded-proto': 'https' }, remoteAddress: '10.0.0.1' })

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'), { ORIGIN: 'https://app.test', PASSWORD: 'correct horse' })
  const get = async (path: string, headers: Record<string, string> = {}) => await fetch(address + path, { redirect: 'manual', headers: { accept: 'text/html', ...headers } })

  const { port } = new URL(address)
  const ask = async (...lines: string[]) => await plain(Number(port), ['GET / HTTP/1.1', ...lines, 'accept: text/html', 'connection: close', '', ''].join('\r\n'))
  const stranger = await ask(`host: localhost:${port}`)
  t.equal(stranger.status, 302, 'a stranger has to log in')
  const next = /^\/login\?next=([\w.-]+)$/.exec(stranger.headers['location']![0]!)![1]!
  t.match(await ask('host: app.test'), { status: 308, headers: { location: ['https://app.test/'] } }, 'over https')
  t.equal((await ask('host: evil.test')).status, 421)
  const page = await get('/login?next=%2F')
  const token = /name="_csrf" value="([\w-]{86})"/.exec(await page.text())![1]!
  const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]!).join('; ')
  const logIn = async (password: string, headers: Record<string, string>, next = '/') => await fetch(`${address}/login?next=${encodeURIComponent(next)}`, {
    method: 'POST', redirect: 'manual', headers: { accept: 'text/html', cookie, ...headers }, body: new URLSearchParams({ _csrf: token, password })
  })
  const own = { 'sec-fetch-site': 'same-origin' }

  t.equal((await logIn('correct horse', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' })).status, 403, 'not from another site')
  const wrong = await logIn('wrong', own)
  t.equal(wrong.status, 422)
  t.match(await wrong.text(), 'This is not the password.')
  t.equal((await logIn('correct horse', own, '//evil.test')).status, 400, 'not to another site')
  const entered = await logIn('correct horse', {}, next)
  t.equal(entered.status, 303, 'the token is enough where a browser does not say where a request comes from')
  t.equal(entered.headers.get('location'), 'https://app.test/', 'and the visitor is where they wanted to be')

  const session = entered.headers.getSetCookie().find((line) => line.startsWith('__Host-session='))!
  t.match(session, /; Secure/)
  const home = await get('/', { cookie: session.split(';')[0]! })
  const nonce = /nonce="([\w-]{22})"/.exec(await home.text())![1]!
  t.match(home.headers.get('content-security-policy'), `'nonce-${nonce}'`)
})

show('one-by-one.ts', async (t) => {
  const keys = [generateKey()]
  const [reply] = await inject(t, await oneByOne('https://app.example', keys), '/')
  t.equal(reply!.headers['x-content-type-options'], 'nosniff')
})

show('parts.ts', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-bulwark-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.js'), '1')
  const app = await parts(generateKey(), generateKey(), folder)
  app.post('/', () => '')
  app.get('/to', (request, reply) => reply.safeRedirect((request.query as { next: string }).next))
  const [page] = await inject(t, app, '/')
  t.same(PARTS.filter((part) => !app.hasPlugin(`fastify-bulwark/${part}`)), ['input'])
  t.match(app.integrity('/public/a.js'), /^sha384-/)
  t.equal(page!.statusCode, 404)
  t.equal((await app.inject({ url: '/to?next=https://shop.example/' })).headers.location, 'https://shop.example/')
  t.equal((await app.inject({ url: '/to?next=https://tenant.app.example/' })).statusCode, 400, 'the hosts of the application are none that a redirect leads to')
  for (const [origin, status] of [['https://shop.example', 200], ['https://evil.example', 403]] as const) {
    t.equal((await app.inject({ method: 'POST', url: '/', headers: { origin, cookie: 'a=b' } })).statusCode, status, origin)
  }
})

show('scopes.ts', async (t) => {
  const app = await scopes([generateKey()])
  t.teardown(() => app.close())
  t.equal((await app.inject({ url: '/', ...secure('app.example') })).statusCode, 200)
  t.equal((await app.inject({ url: '/', ...secure('api.example') })).statusCode, 421)
  t.equal((await app.inject({ url: '/api', ...secure('api.example') })).statusCode, 200)
  t.equal((await app.inject({ url: '/api', ...secure('app.example') })).statusCode, 421)
})

nothingLeftOut()
