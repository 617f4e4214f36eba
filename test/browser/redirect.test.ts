import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { redirect, resolveRedirect, type RedirectOptions, type ResolveOptions } from 'fastify-bulwark/redirect'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { corpus, type Payload } from '../lib/redirect/arbitrary-target.ts'
import { makeCertificate } from './certificate.ts'
import { launch, skip } from './chromium.ts'

// The whole world is on this machine: whatever host of .test a page goes to, Chromium asks the servers below. No other one is there.

const { key, cert, fingerprint } = makeCertificate()
const RULES: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test'] }
const OPTIONS: RedirectOptions = { ...RULES, keys: [generateKey()] }
const INSIDE: readonly string[] = ['https://app.test', 'https://good.test']
const LEAST = 300
const PER_GROUP = 6

interface World {
  /** The host and the Referer of each page that was asked for. */
  readonly asked: Array<{ readonly url: string, readonly referer: string | undefined }>
  readonly rules: string
}

interface Cases { Params: { index: string } }

function routes (app: FastifyInstance, asked: World['asked']): void {
  app.addHook('onRequest', (request, _reply, next) => {
    asked.push({ url: `${request.protocol}://${request.host}${request.url}`, referer: request.headers.referer })
    next()
  })
  const seen = new Set<string>()
  for (const [path, follow] of [['safe', (reply: FastifyReply, url: string) => reply.safeRedirect(url)], ['plain', (reply: FastifyReply, url: string) => reply.redirect(url)]] as const) {
    app.get<Cases>(`/${path}/case-:index(^\\d+$)`, (request, reply) => {
      // A target may lead back here, as a fragment alone does.
      if (seen.has(request.url)) return reply.callNotFound()
      seen.add(request.url)
      return follow(reply, corpus[Number(request.params.index)]!.payload)
    })
  }
  app.get<{ Querystring: { to: string } }>('/out', (request, reply) => reply.leaveTo(request.query.to))
  app.get<{ Querystring: { next: string } }>('/go', (request, reply) => reply.redirect(request.query.next))
  app.get('/oauth', (_request, reply) => {
    reply.csp?.append('form-action', 'https://id.test')
    return reply.type('text/html').send('<!doctype html><form method="post" action="/oauth"><button>Go on</button></form>')
  })
  app.post('/oauth', { config: { security: { redirect: { hosts: ['id.test'] } } } }, (_request, reply) => reply.safeRedirect('https://id.test/authorize?client_id=demo'))
  app.get('/login', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => reply.type('text/html').send(
    `<!doctype html><form method="post" action="/login"><input type="hidden" name="token" value="${request.signNext(request.redirectTarget, { maxAge: 60 })}"><button>Log in</button></form>`))
  app.post<{ Body: { token: string } }>('/login', (request, reply) => reply.safeRedirect(request.verifyNext(request.body.token), { fallback: '/' }))
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))))
  app.setNotFoundHandler((_request, reply) => reply.code(200).type('text/html').send('<!doctype html><title>a page</title>'))
}

async function world (t: Test, { withHeaders = false } = {}): Promise<World> {
  const asked: World['asked'] = []
  const ports: number[] = []
  for (const app of [Fastify({ https: { key, cert } }) as unknown as FastifyInstance, Fastify()]) {
    if (withHeaders) await app.register(headers)
    await app.register(redirect, OPTIONS)
    routes(app, asked)
    await app.listen({ port: 0, host: '127.0.0.1' })
    ports.push((app.server.address() as AddressInfo).port)
    t.teardown(async () => {
      app.server.closeAllConnections()
      await app.close()
    })
  }
  return { asked, rules: `MAP *.test:443 127.0.0.1:${ports[0]!}, MAP *.test:80 127.0.0.1:${ports[1]!}, MAP * ~NOTFOUND` }
}

async function browserIn (t: Test, { rules }: World): Promise<Browser> {
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`, `--host-resolver-rules=${rules}`, '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable')
  t.teardown(() => browser.close())
  return browser
}

/** A visitor who has never been here. */
async function visit (t: Test, browser: Browser): Promise<{ page: Page, visited: string[] }> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const visited: string[] = []
  page.on('request', (request) => { if (request.isNavigationRequest()) visited.push(request.url()) })
  return { page, visited }
}

/** A sample with every label, every reason of ours and every `why`: so many of each group, the same ones at every run. */
function sample (perGroup: number): Array<{ readonly index: number, readonly line: Payload }> {
  const groups = new Map<string, Array<{ index: number, line: Payload }>>()
  for (const [index, line] of corpus.entries()) {
    const resolution = resolveRedirect(line.payload, RULES)
    const group = [line.label, line.why, line.benign, resolution.ok ? resolution.kind : resolution.reason].join()
    groups.set(group, [...groups.get(group) ?? [], { index, line }])
  }
  let seed = 42
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648)
  return [...groups.values()].flatMap((group) => {
    const left = [...group]
    return Array.from({ length: Math.min(perGroup, left.length) }, () => left.splice(random() % left.length, 1)[0]!)
  })
}

const originOf = (url: string): string => URL.canParse(url) ? new URL(url).origin : url

t.test('redirects in Chromium', { skip }, async (t) => {
  const plain = await world(t)
  const browser = await browserIn(t, plain)

  await t.test('a sample of the corpus: no redirect of the guard leads elsewhere', async (t) => {
    const cases = sample(PER_GROUP)
    t.ok(cases.length >= LEAST, `${cases.length} targets`)
    t.same([...new Set(corpus.map(({ why }) => why))].filter((why) => !cases.some(({ line }) => line.why === why)), [], 'one of every kind at least')
    const { page, visited } = await visit(t, browser)
    const faults: unknown[] = []
    let followed = 0
    for (const { index, line } of cases) {
      // Some by a handler that looks, the others by one that does not.
      for (const path of resolveRedirect(line.payload, RULES).ok && index % 3 === 0 ? ['safe', 'plain'] : [index % 3 === 1 ? 'safe' : 'plain']) {
        visited.length = 0
        const response = await page.goto(`https://app.test/${path}/case-${index}`, { waitUntil: 'commit' })
        const left = visited.filter((url) => !INSIDE.includes(originOf(url)))
        if (left.length > 0 || !INSIDE.includes(originOf(page.url()))) faults.push({ line, path, left, at: page.url() })
        const wanted = resolveRedirect(line.payload, RULES).ok ? 200 : 400
        if (response?.status() !== wanted) faults.push({ line, path, status: response?.status(), at: page.url() })
        if (wanted === 200) followed++
      }
    }
    t.same(faults, [])
    t.ok(followed > 50, `${followed} of them were followed`)
    t.same(plain.asked.filter(({ url }) => !INSIDE.includes(originOf(url))), [], 'no other host was asked for anything')
  })

  await t.test('what is safe as it is stays, when a script follows it from a page of either scheme', async (t) => {
    const own: RedirectOptions = { ...OPTIONS, requireHttps: false }
    const app = Fastify()
    await app.register(redirect, own)
    app.get<Cases>('/:index', (request) => request.isSafeRedirect(corpus[Number(request.params.index)]!.payload))
    const { page, visited } = await visit(t, browser)
    const faults: unknown[] = []
    let followed = 0
    for (const { index, line } of sample(5)) {
      if (line.label === 'error' || (await app.inject(`/${index}`)).body !== 'true') continue
      for (const start of ['https://app.test/a/b', 'http://app.test/a/b']) {
        await page.goto(start, { waitUntil: 'commit' })
        visited.length = 0
        await Promise.all([page.waitForEvent('framenavigated'), page.evaluate((target) => { (globalThis as unknown as { location: string }).location = target }, line.payload)])
        followed++
        if (visited.some((url) => !/^https?:\/\/app\.test$|^https:\/\/good\.test$/.test(originOf(url)))) faults.push({ line, start, visited: [...visited] })
      }
    }
    t.same(faults, [])
    t.ok(followed > 50, `${followed} were followed`)
    await app.close()
  })

  await t.test('a path beyond ASCII leads to the right page', async (t) => {
    const { page } = await visit(t, browser)
    for (const next of ['/日本', '/café', '/🦊?q=é']) {
      await page.goto(`https://app.test/go?next=${encodeURIComponent(next)}`)
      t.equal(decodeURI(page.url()), `https://app.test${next}`)
    }
  })

  const headed = await world(t, { withHeaders: true })
  const headedBrowser = await browserIn(t, headed)

  for (const withHeaders of [false, true]) {
    await t.test(`the page before leaving, ${withHeaders ? 'with' : 'without'} the headers plugin`, async (t) => {
      const site = withHeaders ? headed : plain
      site.asked.length = 0
      const { page } = await visit(t, withHeaders ? headedBrowser : browser)
      const messages: string[] = []
      page.on('console', (message) => messages.push(message.text()))
      await page.goto('https://app.test/out?to=https://xn--80ak6aa92e.test/a%3Fb=c')
      t.equal(await page.textContent('strong'), 'xn--80ak6aa92e.test')
      t.equal(await page.evaluate<string>("getComputedStyle(document.querySelector('strong')).display"), 'block', 'its style is applied')
      await page.waitForTimeout(300)
      t.match(page.url(), /^https:\/\/app\.test\/out/, 'it goes nowhere by itself')
      await page.click('a[rel]')
      await page.waitForURL('https://xn--80ak6aa92e.test/a?b=c')
      t.same(site.asked.filter(({ url }) => url.includes('.test/a?b')), [{ url: 'https://xn--80ak6aa92e.test/a?b=c', referer: undefined }], 'the other site does not learn from where')
      t.same(messages.filter((text) => /Content Security Policy/.test(text)), [])
    })
  }

  await t.test('an OAuth start page: CSP lets the form follow the redirect to the provider', async (t) => {
    const { page } = await visit(t, headedBrowser)
    await page.goto('https://app.test/oauth')
    await page.click('button')
    await page.waitForURL('https://id.test/authorize?client_id=demo')
    t.equal(page.url(), 'https://id.test/authorize?client_id=demo')
  })

  await t.test('a login form keeps its target, signed', async (t) => {
    const { page } = await visit(t, headedBrowser)
    await page.goto(`https://app.test/login?next=${encodeURIComponent('/konto/日本')}`)
    await page.click('button')
    await page.waitForURL('https://app.test/konto/**')
    t.equal(decodeURI(page.url()), 'https://app.test/konto/日本')
    await page.goto('https://app.test/login?next=/account')
    await page.evaluate("document.querySelector('input').value = document.querySelector('input').value.replace(/^\\d/, '9')")
    await page.click('button')
    await page.waitForURL('https://app.test/')
    t.equal(page.url(), 'https://app.test/', 'a token that was changed leads to the fallback')
  })
})
