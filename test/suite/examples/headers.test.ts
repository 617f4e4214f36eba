import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { build as articlePreset } from '../../../docs/examples/headers/article-preset.ts'
import { build as cdnHost } from '../../../docs/examples/headers/cdn-host.ts'
import { build as childScope } from '../../../docs/examples/headers/child-scope.ts'
import { build as hashes } from '../../../docs/examples/headers/hashes.ts'
import { build as merge } from '../../../docs/examples/headers/merge.ts'
import { build as migrationAfter } from '../../../docs/examples/headers/migration-after.ts'
import { build as nonceInHandler } from '../../../docs/examples/headers/nonce-in-handler.ts'
import { build as nonceInStream } from '../../../docs/examples/headers/nonce-in-stream.ts'
import { build as nonceInView } from '../../../docs/examples/headers/nonce-in-view.ts'
import { build as oauthLogin } from '../../../docs/examples/headers/oauth-login.ts'
import { build as reportOnly } from '../../../docs/examples/headers/report-only.ts'
import { build as routeSettings } from '../../../docs/examples/headers/route-settings.ts'
import { build as serverOptions } from '../../../docs/examples/headers/server-options.ts'
import { build as serverSentEvents } from '../../../docs/examples/headers/server-sent-events.ts'
import { build as trustedTypes } from '../../../docs/examples/headers/trusted-types.ts'
import { examplesOf, inject, startProgram } from './example.ts'

const { folder, compiled, show, nothingLeftOut } = examplesOf('headers')

type Headers = Readonly<Record<string, number | string | string[] | undefined>>
type Directives = Readonly<Record<string, string[] | undefined>>

/** The directives of a policy, each with its sources. */
function directivesOf (headers: Headers, name = 'content-security-policy'): Directives {
  const value = headers[name]
  if (typeof value !== 'string') return {}
  return Object.fromEntries(value.split('; ').map((directive) => directive.split(' ')).map(([name, ...sources]) => [name!, sources]))
}

const noncesIn = (text: string): string[] => [...text.matchAll(/nonce[-=]"?([\w-]{22})/g)].map(([, nonce]) => nonce!)

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'))

  const page = await fetch(address)
  const [nonce] = noncesIn(await page.text())
  t.same(directivesOf(Object.fromEntries(page.headers))['script-src'], [`'nonce-${nonce!}'`, "'strict-dynamic'"])
  const json = await fetch(`${address}/api/time`)
  t.type((await json.json() as { now: number }).now, 'number')
  t.equal(json.headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
  t.ok([...json.headers].length < [...page.headers].length, 'the JSON reply has a shorter set')
  const lines = readFileSync(new URL('quick-start.ts', folder), 'utf8').trimEnd().split('\n')
  t.ok(lines.filter((line) => line !== '').length <= 15, 'it has 15 lines')
})

show('nonce-in-handler.ts', async (t) => {
  const [page, plain] = await inject(t, await nonceInHandler(), '/', '/plain')
  const nonces = noncesIn(page!.body)
  t.equal(nonces.length, 3)
  t.equal(new Set(nonces).size, 1, 'every read gives the same value')
  const directives = directivesOf(page!.headers)
  t.same(directives['script-src'], [`'nonce-${nonces[0]!}'`, "'strict-dynamic'"])
  t.same(directives['style-src'], ["'self'", `'nonce-${nonces[0]!}'`])
  t.equal(page!.headers['cache-control'], 'private')
  t.same(directivesOf(plain!.headers)['script-src'], ["'self'"])
  t.notOk('cache-control' in plain!.headers)
})

show('nonce-in-view.ts', async (t) => {
  const [page, plain] = await inject(t, await nonceInView(), '/with', '/without')
  t.match(page!.body, '<h1>With a script</h1>')
  t.same(noncesIn(page!.body), noncesIn(directivesOf(page!.headers)['script-src']![0]!))
  t.match(plain!.body, '<h1>Without</h1>')
  t.same(directivesOf(plain!.headers)['script-src'], ["'self'"])
})

show('nonce-in-stream.ts', async (t) => {
  const [page] = await inject(t, await nonceInStream(), '/')
  t.same(noncesIn(page!.body), noncesIn(directivesOf(page!.headers)['script-src']![0]!))
  t.equal(noncesIn(page!.body).length, 1)
})

show('commonjs.cjs', async (t) => {
  const program = `require(${JSON.stringify(fileURLToPath(new URL('commonjs.cjs', folder)))}).inject('/').then(({ headers, body }) => console.log(JSON.stringify({ headers, body })))`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  t.equal(status, 0, { stderr })
  const { headers, body } = JSON.parse(stdout) as { headers: Headers, body: string }
  t.same(noncesIn(body), noncesIn(directivesOf(headers)['script-src']![0]!))
})

show('article-preset.ts', async (t) => {
  const [page] = await inject(t, await articlePreset(), '/')
  const [nonce] = noncesIn(page!.body)
  t.same(directivesOf(page!.headers)['script-src'], ["'self'", `'nonce-${nonce!}'`, 'https://cdn.example'])
  t.match(page!.headers, { 'x-frame-options': 'SAMEORIGIN', 'x-xss-protection': '0' })
})

show('merge.ts', async (t) => {
  const [page] = await inject(t, await merge(), '/')
  const directives = directivesOf(page!.headers)
  t.same(directives['img-src'], ["'self'"])
  t.notOk('manifest-src' in directives)
  t.same(directives['frame-ancestors'], ["'self'"])
  t.same(directives['script-src-elem'], ["'self'", 'https://cdn.example'], 'it starts from script-src')
  t.equal(page!.headers['x-frame-options'], 'SAMEORIGIN')
})

show('cdn-host.ts', async (t) => {
  const [page] = await inject(t, await cdnHost(), '/')
  const directives = directivesOf(page!.headers)
  t.same(directives['img-src'], ["'self'", 'data:', 'https://cdn.example'])
  t.same(directives['media-src'], ['https://cdn.example'], "'none' of default-src gave way")
  t.ok(directives['style-src']!.includes('https://cdn.example/styles/'))
  t.same(directives['script-src'], [`'nonce-${noncesIn(page!.body)[0]!}'`, "'strict-dynamic'"])
})

show('route-settings.ts', async (t) => {
  const [home, map, raw] = await inject(t, await routeSettings(), '/', '/map', '/raw')
  t.same(directivesOf(map!.headers)['img-src'], [...directivesOf(home!.headers)['img-src']!, 'https://tiles.example'])
  t.match(map!.headers['permissions-policy'], 'geolocation=(self)')
  t.match(home!.headers['permissions-policy'], 'geolocation=()')
  t.same(Object.keys(raw!.headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
})

show('child-scope.ts', async (t) => {
  const [home, clock] = await inject(t, await childScope(), '/', '/widgets/clock')
  t.same(directivesOf(home!.headers)['frame-ancestors'], ["'none'"])
  t.equal(home!.headers['x-frame-options'], 'DENY')
  t.same(directivesOf(clock!.headers)['frame-ancestors'], ['https://partner.example'])
  t.equal(clock!.headers['cross-origin-resource-policy'], 'cross-origin')
  t.notOk('x-frame-options' in clock!.headers || 'permissions-policy' in clock!.headers)
})

show('oauth-login.ts', async (t) => {
  const app = await oauthLogin()
  const [page] = await inject(t, app, '/login')
  t.same(directivesOf(page!.headers)['form-action'], ["'self'", 'https://id.example'])
  const redirect = await app.inject({ method: 'POST', url: '/login' })
  t.equal(redirect.statusCode, 303)
  t.equal(redirect.headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
})

show('report-only.ts', async (t) => {
  const [page] = await inject(t, await reportOnly(), '/')
  const enforced = directivesOf(page!.headers)
  const tried = directivesOf(page!.headers, 'content-security-policy-report-only')
  t.same(tried, { ...enforced, 'img-src': ["'self'"] }, 'the one differs from the other in what was tried')
  t.same(enforced['report-to'], ['csp'])
  t.same(enforced['report-uri'], ['https://reports.example/csp'])
  t.equal(page!.headers['reporting-endpoints'], 'csp="https://reports.example/csp"')
  t.match(tried['script-src']![0], noncesIn(page!.body)[0])
})

show('trusted-types.ts', async (t) => {
  const [first] = await inject(t, await trustedTypes(1), '/')
  t.notOk('require-trusted-types-for' in directivesOf(first!.headers))
  t.same(directivesOf(first!.headers, 'content-security-policy-report-only')['require-trusted-types-for'], ["'script'"])
  const [second] = await inject(t, await trustedTypes(2), '/')
  t.same(directivesOf(second!.headers)['require-trusted-types-for'], ["'script'"])
  t.same(directivesOf(second!.headers)['trusted-types'], ['sanitizer'])
  t.notOk('content-security-policy-report-only' in second!.headers)
})

show('hashes.ts', async (t) => {
  const [page] = await inject(t, await hashes(), '/')
  t.match(directivesOf(page!.headers)['script-src']!.at(-1), /^'sha384-[\w+/]{64}'$/)
  t.equal(page!.headers['cache-control'], 'public, max-age=3600')
})

show('server-sent-events.ts', async (t) => {
  const app = await serverSentEvents()
  t.teardown(() => app.close())
  const ending = new AbortController()
  const reply = await fetch(`${await app.listen({ port: 0 })}/events`, { signal: ending.signal })
  t.equal(reply.headers.get('content-type'), 'text/event-stream')
  t.equal(reply.headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
  const { value } = await reply.body!.getReader().read() as { value: Uint8Array }
  t.match(new TextDecoder().decode(value), 'data: hello')
  ending.abort()
})

show('server-options.ts', async (t) => {
  const app = await serverOptions()
  const [found, malformed, long] = await inject(t, app, '/items/1', '/items/%zz', `/items/${'1'.repeat(200)}`)
  t.equal(malformed!.statusCode, 400)
  t.equal(long!.statusCode, 414)
  for (const { headers } of [malformed!, long!]) {
    for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy']) t.equal(headers[name], found!.headers[name], name)
  }
  await app.listen({ port: 0 })
  const socket = connect((app.server.address() as { port: number }).port, 'localhost')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => { answer += text })
  socket.end('no request\r\n\r\n')
  await once(socket, 'close')
  t.match(answer, /^HTTP\/1\.1 400 [\s\S]*x-content-type-options: nosniff\r\n/)
})

show('lint-policy.ts', async (t) => {
  const run = (...args: string[]) => spawnSync(process.execPath, [compiled('lint-policy.js'), ...args], { encoding: 'utf8' })
  const weak = run("script-src 'unsafe-inline'")
  t.equal(weak.status, 1)
  t.match(weak.stdout, 'high unsafe-inline (script-src): ')
  const strong = run("default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
  t.match(strong, { status: 0, stdout: /^$/ })
})

show('lint-in-a-test.ts', async (t) => {
  // A runner of tests tells its children by this variable, which changes what they print.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout, status } = spawnSync(process.execPath, [compiled('lint-in-a-test.js')], { encoding: 'utf8', env })
  t.equal(status, 0)
  t.match(stdout, /pass 1\n/)
})

const migrationBefore = async (): Promise<FastifyInstance> => {
  const { build } = await import(new URL('migration-before.mjs', folder).href) as { build: () => Promise<FastifyInstance> }
  return await build()
}

for (const file of ['migration-before.mjs', 'migration-after.ts']) {
  show(file, async (t) => {
    const [page, widget, raw] = await inject(t, await (file.endsWith('.mjs') ? migrationBefore() : migrationAfter()), '/', '/widget', '/raw')
    const value = String(page!.headers['content-security-policy'])
    t.match(value, /script-src [^;]*'self'[^;]* https:\/\/cdn\.example/)
    t.match(value, /frame-ancestors 'self'/)
    const nonces = [...page!.body.matchAll(/nonce="([^"]+)"/g)].map(([, nonce]) => nonce!)
    t.equal(nonces.length, 2)
    for (const nonce of nonces) t.match(value, `'nonce-${nonce}'`)
    t.match(page!.headers, { 'cross-origin-resource-policy': 'same-site', 'referrer-policy': 'same-origin', 'x-frame-options': 'SAMEORIGIN' })
    t.equal(widget!.headers['cross-origin-resource-policy'], 'cross-origin')
    t.notOk('content-security-policy' in raw!.headers)
  })
}

nothingLeftOut()
