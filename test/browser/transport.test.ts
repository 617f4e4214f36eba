import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { transport } from 'fastify-bulwark/transport'
import t, { type Test } from 'tap'
import { makeCertificate } from './certificate.ts'
import { launch, skip } from './chromium.ts'

const { key, cert, fingerprint } = makeCertificate()

/** What reached a handler: scheme, method, address and cookies. */
const seen: string[] = []

/** A site that sets a cookie on every reply; over http, a browser would keep it as well. */
async function listen (t: Test, server: object): Promise<number> {
  const app = Fastify({ forceCloseConnections: true, ...server }) as unknown as FastifyInstance
  app.addHook('onRequest', async (_request, reply) => { reply.header('set-cookie', 'session=secret; Path=/') })
  await app.register(transport, { hosts: ['app.test'] })
  await app.register(headers, { strictTransportSecurity: false, contentSecurityPolicy: false })
  app.get('/icon.svg', (_request, reply) => reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  app.get('/health', { config: { security: { transport: false } } }, (_request, reply) => reply.type('text/html').send('<!doctype html><title>well</title><link rel="icon" href="/icon.svg">'))
  app.all('/*', (request, reply) => {
    seen.push(`${request.protocol} ${request.method} ${request.url} ${request.headers.cookie ?? '-'}`)
    return reply.type('text/html').send('<!doctype html><title>page</title><link rel="icon" href="/icon.svg">')
  })
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

t.test('a browser', { skip }, async (t) => {
  const [http, https] = [await listen(t, {}), await listen(t, { https: { key, cert } })]
  const hosts = ['app.test', 'evil.test'].flatMap((host) => [`MAP ${host}:80 127.0.0.1:${http}`, `MAP ${host}:443 127.0.0.1:${https}`])
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`, `--host-resolver-rules=${hosts.join(',')}`, '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable')
  t.teardown(() => browser.close())
  const context = await browser.newContext()
  const page = await context.newPage()

  await page.goto('http://app.test/health')
  t.equal(page.url(), 'http://app.test/health', 'a route that is exempted is served over http')
  t.same(await context.cookies(), [], 'and no cookie came along')
  t.same(seen, [])

  const statuses = await page.evaluate(`(async () => {
    const get = async (init) => (await fetch('/api', init).catch(() => ({ status: 'none' }))).status
    const socket = new Promise((resolve) => {
      const socket = new WebSocket('ws://app.test/socket')
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })
    return [await get(), await get({ method: 'POST', body: 'a=b' }), await get({ headers: { accept: 'text/html' } }), await socket]
  })()`)
  t.same(statuses, [403, 403, 'none', 'refused'], 'what scripts ask for is refused; a redirect to another origin is as good as none')
  t.same(seen.filter((line) => line.startsWith('http ')), [], 'and reaches no handler')

  seen.length = 0
  await page.goto('http://app.test/a/../b?c=%2F%2Fevil.test&d=%C3%A9#e')
  t.equal(page.url(), 'https://app.test/b?c=%2F%2Fevil.test&d=%C3%A9#e', 'a page is led to https, path, query and fragment kept')
  await page.goto('http://app.test//evil.test/%5c')
  t.equal(page.url(), 'https://app.test//evil.test/%5c', 'a path that looks like a host is none')
  t.same(seen.map((line) => line.split(' ').slice(0, 3).join(' ')), ['https GET /b?c=%2F%2Fevil.test&d=%C3%A9', 'https GET //evil.test/%5c'], 'the handler ran over https only')
  t.equal((await context.cookies()).length, 1, 'there the cookie was set')

  await page.goto('http://app.test/health')
  await page.setContent('<form method="post" action="http://app.test/form"><button>Send</button></form>')
  const [form] = await Promise.all([page.waitForResponse('http://app.test/form'), page.click('button')])
  t.equal(form.status(), 403, 'a form over http is refused and not sent on')

  for (const scheme of ['http', 'https']) {
    if (scheme === 'https') t.same(await context.cookies('http://evil.test'), [])
    const reply = await page.goto(`${scheme}://evil.test/`)
    t.match({ status: reply!.status(), url: page.url() }, { status: 421, url: `${scheme}://evil.test/` }, 'another name for this server is refused')
  }
})
