import type { AddressInfo } from 'node:net'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, requireLogin, session, type SessionOptions } from 'fastify-bulwark/session'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { makeCertificate } from './certificate.ts'
import { launch, skip } from './chromium.ts'

const { key, cert, fingerprint } = makeCertificate()

interface Site {
  readonly app: FastifyInstance
  readonly url: string
  /** What came: the path, and whether the cookie of the session was with it. */
  readonly visits: Array<readonly [path: string, hasCookie: boolean]>
}

const ICON = '<link rel="icon" href="data:,">'

async function listen (t: Test, app: FastifyInstance, host = '127.0.0.1'): Promise<Site> {
  const visits: Array<readonly [string, boolean]> = []
  app.addHook('onRequest', (request, _reply, next) => {
    visits.push([request.url, (request.headers.cookie ?? '').includes('__Host-session=')])
    next()
  })
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const scheme = app.initialConfig.https === undefined ? 'http' : 'https'
  return { app, visits, url: `${scheme}://${host}:${(app.server.address() as AddressInfo).port}` }
}

async function site (t: Test, options: Partial<SessionOptions> = {}, { https = false } = {}): Promise<Site> {
  const app: FastifyInstance = https ? Fastify({ https: { key, cert } }) as unknown as FastifyInstance : Fastify()
  await app.register(formbody)
  await app.register(session, { keys: [generateKey()], loginPath: '/login', ...options })
  app.get('/login', (_request, reply) => reply.type('text/html').send(`<!doctype html>${ICON}<title>Sign in</title><form method="post"><button>Sign in</button></form>`))
  app.post('/login', async (request, reply) => {
    await request.session.login('42')
    return reply.redirect('/private', 303)
  })
  app.get('/private', { preHandler: requireLogin }, (request, reply) => reply.type('text/html').send(
    `<!doctype html>${ICON}<title>Private</title><p>Private page of ${request.session.userId!}</p><form method="post" action="/logout"><button>Sign out</button></form>`))
  app.post('/logout', async (request, reply) => {
    await request.session.logout()
    return reply.redirect('/bye', 303)
  })
  app.get('/bye', (_request, reply) => reply.type('text/html').send(`<!doctype html>${ICON}<title>Bye</title>`))
  app.all('/target', async () => 'target')
  return await listen(t, app)
}

/** To a browser, localhost is another site than 127.0.0.1. */
async function stranger (t: Test, target: string): Promise<Site> {
  const app = Fastify() as unknown as FastifyInstance
  app.get('/', (_request, reply) => reply.type('text/html').send(
    `<!doctype html>${ICON}<title>Other site</title><img src="${target}?image"><iframe src="${target}?frame"></iframe>
     <a id="link" href="${target}?link">link</a><form method="post" action="${target}?form"><button>form</button></form>
     <script>fetch('${target}?fetch', { credentials: 'include', mode: 'no-cors' }).finally(() => { document.title = 'done' })</script>`))
  return await listen(t, app, 'localhost')
}

t.test('sessions in Chromium', { skip }, async (t) => {
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`)
  t.teardown(() => browser.close())

  async function visit (t: Test): Promise<Page> {
    const context = await browser.newContext()
    t.teardown(() => context.close())
    return await context.newPage()
  }

  async function signIn (page: Page, url: string): Promise<void> {
    await page.goto(`${url}/private`)
    await page.waitForURL(/\/login\?next=%2Fprivate$/)
    await page.click('button')
    await page.waitForURL(`${url}/private`)
  }

  for (const https of [false, true]) {
    await t.test(`ASVS 3.3.1 to 3.3.4: the cookie as the browser keeps it, over ${https ? 'https' : 'http on this machine'}`, async (t) => {
      const { url } = await site(t, {}, { https })
      const page = await visit(t)
      await signIn(page, url)
      t.equal(await page.textContent('p'), 'Private page of 42')
      const client = await page.context().newCDPSession(page)
      const { cookies } = await client.send('Network.getCookies')
      t.equal(cookies.length, 1)
      t.match(cookies[0], { name: '__Host-session', domain: '127.0.0.1', path: '/', httpOnly: true, secure: true, session: true, sameSite: 'Strict', value: /^[\w-]+\.[\w-]{32}$/ })
      t.equal(await page.evaluate('document.cookie'), '', 'no script sees it')
      await page.evaluate("document.cookie = '__Host-session=planted; Secure; Path=/'")
      t.match((await client.send('Network.getCookies')).cookies, [{ value: cookies[0]!.value }], 'and none overwrites it')
    })
  }

  await t.test('ASVS 3.3.2: other sites do not make the browser send it', async (t) => {
    const own = await site(t)
    const page = await visit(t)
    await signIn(page, own.url)
    const other = await stranger(t, `${own.url}/target`)
    await page.goto(other.url)
    await page.waitForFunction("document.title === 'done'")
    await page.click('button')
    await page.waitForURL(/\?form$/)
    await page.goto(other.url)
    await page.click('#link')
    await page.waitForURL(/\?link$/)
    const seen = Object.fromEntries(own.visits.filter(([path]) => path.startsWith('/target')))
    t.same(seen, { '/target?image': false, '/target?frame': false, '/target?fetch': false, '/target?form': false, '/target?link': false })
    await page.goto(`${own.url}/target?typed`)
    t.same(own.visits.at(-1), ['/target?typed', true])
  })

  await t.test('with sameSite lax, a link is all that carries it', async (t) => {
    const own = await site(t, { cookie: { sameSite: 'lax' } })
    const page = await visit(t)
    await signIn(page, own.url)
    const other = await stranger(t, `${own.url}/target`)
    await page.goto(other.url)
    await page.waitForFunction("document.title === 'done'")
    await page.click('#link')
    await page.waitForURL(/\?link$/)
    t.same(Object.fromEntries(own.visits.filter(([path]) => path.startsWith('/target'))), { '/target?image': false, '/target?frame': false, '/target?fetch': false, '/target?link': true })
  })

  await t.test('ASVS 14.3.1: logout empties the storage of the browser, and Back shows no private page', async (t) => {
    for (const https of [false, true]) {
      const { url } = await site(t, {}, { https })
      const page = await visit(t)
      await signIn(page, url)
      await page.evaluate("localStorage.setItem('draft', 'private')")
      await page.click('button')
      await page.waitForURL(`${url}/bye`)
      t.equal(await page.evaluate("localStorage.getItem('draft')"), null)
      t.same(await page.context().cookies(), [])
      await page.goBack()
      await page.waitForURL(/\/login/)
      t.notMatch(await page.content(), 'Private page')
    }
  })

  await t.test('a copied cookie is of no use to another browser after the logout', async (t) => {
    const { url } = await site(t)
    const owner = await visit(t)
    await signIn(owner, url)
    const thief = await visit(t)
    await thief.context().addCookies(await owner.context().cookies())
    await thief.goto(`${url}/private`)
    t.equal(await thief.textContent('p'), 'Private page of 42', 'before it, a stolen cookie is a session')
    await owner.click('button')
    await owner.waitForURL(`${url}/bye`)
    await thief.goto(`${url}/private`)
    t.equal(await thief.title(), 'Sign in')
  })
})
