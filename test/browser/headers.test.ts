import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import etag from '@fastify/etag'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { headers, type HeadersOptions } from 'fastify-bulwark/headers'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from '../../docs/demo/server.ts'
import { makeCertificate } from './certificate.ts'
import { launch, skip } from './chromium.ts'

/** What the test reads of a `securitypolicyviolation` event, or of a report. */
interface Violation {
  readonly directive: string
  readonly blocked: string
  readonly disposition: string
}

interface Site {
  readonly app: FastifyInstance
  readonly url: string
  readonly requests: string[]
  readonly reports: Violation[]
}

const { key, cert, fingerprint } = makeCertificate()

/** First in each page: an array for the attacks to write to, and one for what the browser says. */
const WATCH = `
window.ran = []
window.violations = []
addEventListener('message', ({ data }) => ran.push(data))
document.addEventListener('securitypolicyviolation', (event) => violations.push({
  directive: event.effectiveDirective, blocked: event.blockedURI, disposition: event.disposition
}))`

/** Of this site, so that no policy minds; without it the browser looks for one. */
const ICON = '<link rel="icon" href="/icon.svg">'

function html (request: FastifyRequest, body: string): string {
  return `<!doctype html><html lang="en"><title>page</title>${ICON}<script nonce="${request.cspNonce}">${WATCH}</script><body>${body}`
}

async function listen (t: Test, app: FastifyInstance): Promise<Site> {
  const requests: string[] = []
  const reports: Violation[] = []
  app.addHook('onRequest', (request, _reply, next) => {
    requests.push(request.url)
    next()
  })
  app.addContentTypeParser(['application/csp-report', 'application/reports+json'], { parseAs: 'string' }, (_request, body, done) => done(null, JSON.parse(String(body))))
  app.post('/reports', (request, reply) => {
    reports.push(...violationsIn(request.body))
    reply.code(204).send()
  })
  app.get('/icon.svg', (_request, reply) => reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  // A browser keeps its connections, and a test does not wait for them.
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const scheme = app.initialConfig.https === undefined ? 'http' : 'https'
  return { app, url: `${scheme}://127.0.0.1:${(app.server.address() as AddressInfo).port}`, requests, reports }
}

interface OldReport { 'csp-report': { 'effective-directive': string, 'blocked-uri': string, disposition: string } }
type NewReports = Array<{ body: { effectiveDirective: string, blockedURL: string, disposition: string } }>

/** The two shapes of reports: the one that `report-uri` gets, and the one that `report-to` gets. */
function violationsIn (body: unknown): Violation[] {
  if (Array.isArray(body)) {
    return (body as NewReports).map(({ body }) => ({ directive: body.effectiveDirective, blocked: body.blockedURL, disposition: body.disposition }))
  }
  const report = (body as OldReport)['csp-report']
  return [{ directive: report['effective-directive'], blocked: report['blocked-uri'], disposition: report.disposition }]
}

async function site (t: Test, options: HeadersOptions, routes: (app: FastifyInstance) => void, { https = false } = {}): Promise<Site> {
  const app: FastifyInstance = https ? Fastify({ https: { key, cert } }) as unknown as FastifyInstance : Fastify()
  await app.register(headers, { lint: 'off', ...options })
  routes(app)
  return listen(t, app)
}

/** Another site, to a browser: its script and its frame write to the array of the page. */
async function stranger (t: Test): Promise<Site> {
  const app = Fastify()
  app.get('/script.js', (_request, reply) => reply.type('text/javascript').send("ran.push('attack')"))
  app.get('/frame', (_request, reply) => reply.type('text/html').send("<!doctype html><script>parent.postMessage('attack', '*')</script>"))
  app.get<{ Querystring: { page: string } }>('/framing', (request, reply) => reply.type('text/html').send(
    `<!doctype html>${ICON}<script>ran = []; addEventListener('message', ({ data }) => ran.push(data))</script><iframe src="${request.query.page}"></iframe>`
  ))
  return listen(t, app)
}

interface Attack {
  readonly name: string
  readonly body: (other: Site, nonce: string) => string
  readonly act?: (page: Page) => Promise<void>
  readonly directive: string
  readonly blocked: (other: Site) => string
  /** What must not be asked of the stranger. */
  readonly asks?: string
}

const inline = (): string => 'inline'

const ATTACKS: readonly Attack[] = [
  {
    name: 'an injected inline script',
    body: () => "<script>ran.push('attack')</script>",
    directive: 'script-src-elem',
    blocked: inline
  },
  {
    name: 'an inline handler',
    body: () => "<button onclick=\"ran.push('attack')\">Press</button>",
    act: (page) => page.click('button'),
    directive: 'script-src-attr',
    blocked: inline
  },
  {
    name: 'eval',
    body: (_other, nonce) => `<script nonce="${nonce}">try { eval("ran.push('attack')") } catch {}</script>`,
    directive: 'script-src',
    blocked: () => 'eval'
  },
  {
    name: 'a javascript: address',
    body: () => "<a href=\"javascript:void ran.push('attack')\">Follow</a>",
    act: (page) => page.click('a'),
    directive: 'script-src-elem',
    blocked: inline
  },
  {
    name: 'a foreign script',
    body: ({ url }) => `<script src="${url}/script.js"></script>`,
    directive: 'script-src-elem',
    blocked: ({ url }) => `${url}/script.js`,
    asks: '/script.js'
  },
  {
    name: 'a foreign page in a frame',
    body: ({ url }) => `<iframe src="${url}/frame"></iframe>`,
    directive: 'frame-src',
    // The address of a frame is the frame's secret.
    blocked: ({ url }) => url,
    asks: '/frame'
  }
]

const REPORT_URI = { set: { 'report-uri': ['/reports'] } } as const

async function until (condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`There was no ${what} within 15 seconds.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Playwright's `waitForFunction` looks again by `eval` in the page, which is what the policy is there to forbid. */
async function waitFor (page: Page, expression: string): Promise<void> {
  await until(() => page.evaluate<boolean>(expression), expression)
}

t.test('headers in Chromium', { skip }, async (t) => {
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`, '--short-reporting-delay')
  t.teardown(() => browser.close())

  /** A page of a visitor who has never been here. */
  async function visit (t: Test): Promise<{ page: Page, messages: string[] }> {
    const context = await browser.newContext()
    t.teardown(() => context.close())
    const page = await context.newPage()
    const messages: string[] = []
    page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => messages.push(`thrown: ${error.message}`))
    return { page, messages }
  }

  const ranIn = (page: Page): Promise<string[]> => page.evaluate<string[]>('ran')
  const violationsOf = (page: Page): Promise<Violation[]> => page.evaluate<Violation[]>('violations')

  function attackRoutes (other: () => Site): (app: FastifyInstance) => void {
    return (app) => {
      for (const [index, { body }] of ATTACKS.entries()) {
        app.get(`/${index}`, (request, reply) => reply.type('text/html').send(html(request, body(other(), request.cspNonce))))
      }
    }
  }

  await t.test('the default set: what it blocks', async (t) => {
    const other = await stranger(t)
    const { url, reports } = await site(t, { contentSecurityPolicy: REPORT_URI }, attackRoutes(() => other))
    const { page } = await visit(t)
    for (const [index, { name, act, directive, blocked, asks }] of ATTACKS.entries()) {
      await page.goto(`${url}/${index}`)
      await act?.(page)
      await waitFor(page, 'violations.length > 0')
      const expected = { directive, blocked: blocked(other), disposition: 'enforce' }
      t.match(await violationsOf(page), [expected], `${name}: the browser says so`)
      t.same(await ranIn(page), [], `${name}: nothing ran`)
      if (asks !== undefined) t.notOk(other.requests.includes(asks), `${name}: nothing was asked for`)
      await until(() => reports.length > 0, `report of ${name}`)
      t.equal(reports[0]?.directive, directive, `${name}: it was reported`)
      reports.length = 0
    }
  })

  await t.test('the default set: what it lets run', async (t) => {
    const { url } = await site(t, {}, (app) => {
      app.get('/', (request, reply) => reply.type('text/html').send(html(request, `
        <script nonce="${request.cspNonce}">ran.push('inline')</script>
        <script nonce="${request.cspNonce}" src="/own.js"></script>
        <style nonce="${request.cspNonce}">body { color: rgb(1, 2, 3) }</style>`)))
      app.get('/own.js', (_request, reply) => reply.type('text/javascript').send(`
        ran.push('own file')
        const script = document.createElement('script')
        script.src = '/loaded.js'
        document.body.append(script)`))
      app.get('/loaded.js', (_request, reply) => reply.type('text/javascript').send("ran.push('loaded by it')"))
    })
    const { page } = await visit(t)
    await page.goto(url)
    await waitFor(page, 'ran.length === 3')
    t.same(await ranIn(page), ['inline', 'own file', 'loaded by it'])
    t.equal(await page.evaluate<string>('getComputedStyle(document.body).color'), 'rgb(1, 2, 3)')
    t.same(await violationsOf(page), [])
  })

  await t.test('no other site shows a page in a frame', async (t) => {
    const other = await stranger(t)
    const routes = (app: FastifyInstance): void => {
      app.get('/', (request, reply) => reply.type('text/html').send(html(request, `<script nonce="${request.cspNonce}">parent.postMessage('shown', '*')</script>`)))
    }
    const enforced = await site(t, { contentSecurityPolicy: REPORT_URI }, routes)
    const { page, messages } = await visit(t)
    await page.goto(`${other.url}/framing?page=${encodeURIComponent(enforced.url)}`)
    await until(() => enforced.reports.length > 0, 'report')
    t.match(enforced.reports, [{ directive: 'frame-ancestors', disposition: 'enforce' }])
    t.match(messages.join('\n'), /frame-ancestors 'none'/)
    t.same(await ranIn(page), [])

    const reported = await site(t, { contentSecurityPolicy: false, contentSecurityPolicyReportOnly: REPORT_URI }, routes)
    await page.goto(`${other.url}/framing?page=${encodeURIComponent(reported.url)}`)
    await waitFor(page, 'ran.length > 0')
    t.same(await ranIn(page), ['shown'])
    await until(() => reported.reports.length > 0, 'report')
    t.match(reported.reports, [{ directive: 'frame-ancestors', disposition: 'report' }])
  })

  await t.test('report-only blocks nothing and reports', async (t) => {
    const other = await stranger(t)
    const { url, reports } = await site(t, { contentSecurityPolicy: false, contentSecurityPolicyReportOnly: REPORT_URI }, attackRoutes(() => other))
    const { page } = await visit(t)
    for (const [index, { name, act, directive, blocked, asks }] of ATTACKS.entries()) {
      await page.goto(`${url}/${index}`)
      await act?.(page)
      await waitFor(page, 'ran.length > 0 && violations.length > 0')
      t.same(await ranIn(page), ['attack'], `${name}: it ran`)
      t.match(await violationsOf(page), [{ directive, blocked: blocked(other), disposition: 'report' }], `${name}: the browser says what it would have done`)
      if (asks !== undefined) t.ok(other.requests.includes(asks), `${name}: it was asked for`)
      await until(() => reports.length > 0, `report of ${name}`)
      t.match(reports[0], { directive, disposition: 'report' }, `${name}: it was reported`)
      reports.length = 0
    }
  })

  await t.test('the option `reporting` over https: both policies report, the stricter one alone blocks nothing', async (t) => {
    const { url, reports } = await site(t, {
      reporting: { endpoints: { main: '/reports' } },
      contentSecurityPolicyReportOnly: { set: { 'img-src': ["'none'"] } }
    }, (app) => {
      app.get('/', (request, reply) => reply.type('text/html').send(html(request, `
        <script>ran.push('attack')</script>
        <img alt="" src="/image.svg">`)))
      app.get('/image.svg', (_request, reply) => reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'))
    }, { https: true })
    const { page } = await visit(t)
    await page.goto(url)
    t.same(await ranIn(page), [])
    t.equal(await page.evaluate<number>('document.images[0].naturalWidth'), 7, 'the picture that only the report-only policy minds')
    await until(() => reports.length >= 3, 'third report')
    t.ok(reports.some(({ directive, disposition }) => directive === 'script-src-elem' && disposition === 'enforce'))
    t.ok(reports.some(({ directive, disposition }) => directive === 'script-src-elem' && disposition === 'report'), 'the same nonce is in both')
    t.ok(reports.some(({ directive, blocked, disposition }) => directive === 'img-src' && disposition === 'report' && blocked === `${url}/image.svg`))
  })

  await t.test('Trusted Types', async (t) => {
    const routes = (app: FastifyInstance): void => {
      app.get('/', (request, reply) => reply.type('text/html').send(html(request, `<p></p><script nonce="${request.cspNonce}">
        try {
          document.querySelector('p').innerHTML = '<b>text</b>'
          ran.push('assigned')
        } catch (error) {
          ran.push(error.name)
        }</script>`)))
    }
    const { page } = await visit(t)

    const enforced = await site(t, { trustedTypes: { mode: 'enforce' } }, routes)
    await page.goto(enforced.url)
    t.same(await ranIn(page), ['TypeError'])
    t.equal(await page.innerHTML('p'), '')
    t.match(await violationsOf(page), [{ directive: 'require-trusted-types-for', blocked: 'trusted-types-sink', disposition: 'enforce' }])

    const reported = await site(t, { trustedTypes: { mode: 'report-only' }, reporting: { endpoints: { main: '/reports' } } }, routes, { https: true })
    await page.goto(reported.url)
    t.same(await ranIn(page), ['assigned'])
    t.equal(await page.innerHTML('p'), '<b>text</b>')
    t.match(await violationsOf(page), [{ directive: 'require-trusted-types-for', blocked: 'trusted-types-sink', disposition: 'report' }])
    await until(() => reported.reports.length > 0, 'report')
    t.match(reported.reports, [{ directive: 'require-trusted-types-for', disposition: 'report' }])
  })

  await t.test('Back, Forward and reload', async (t) => {
    const kinds: Record<string, (app: FastifyInstance) => Promise<void>> = {
      'without @fastify/etag': async (app) => { await app.register(headers) },
      'with @fastify/etag registered before': async (app) => {
        await app.register(etag)
        await app.register(headers)
      },
      'with @fastify/etag registered after': async (app) => {
        await app.register(headers)
        await app.register(etag)
      }
    }
    for (const [kind, register] of Object.entries(kinds)) {
      await t.test(kind, async (t) => {
        const app = Fastify()
        await register(app)
        app.get<{ Params: { name: string } }>('/page/:name', (request, reply) => reply.type('text/html').send(
          html(request, `<script nonce="${request.cspNonce}">document.title = '${request.params.name === 'one' ? 'one ran' : 'two ran'}'</script>`)))
        // No nonce: this one has a validator.
        app.get('/static', (_request, reply) => reply.type('text/html').send(
          `<!doctype html>${ICON}<title>static</title><script src="/own.js"></script>`))
        app.get('/own.js', (_request, reply) => reply.type('text/javascript').send("document.title = 'static ran'"))
        const { url } = await listen(t, app)
        const { page, messages } = await visit(t)

        await page.goto(`${url}/page/one`)
        t.equal(await page.title(), 'one ran')
        await page.goto(`${url}/page/two`)
        t.equal(await page.title(), 'two ran')
        await page.goBack()
        t.equal(await page.title(), 'one ran', 'Back')
        await page.goForward()
        t.equal(await page.title(), 'two ran', 'Forward')
        t.equal((await page.reload())?.status(), 200)
        t.equal(await page.title(), 'two ran', 'reload')
        t.same(await violationsOf(page), [])

        await page.goto(`${url}/static`)
        t.equal(await page.title(), 'static ran')
        await page.reload()
        t.equal(await page.title(), 'static ran', 'reload of a page without a nonce')
        await page.goBack()
        t.equal(await page.title(), 'two ran', 'Back to the page with one')
        t.same(messages, [])
      })
    }
  })

  await t.test('the console stays empty', async (t) => {
    const routes = (app: FastifyInstance): void => {
      app.get('/nonce', (request, reply) => reply.type('text/html').send(html(request, '')))
      app.get('/none', (_request, reply) => reply.type('text/html').send(`<!doctype html>${ICON}<title>page</title>`))
      app.get('/data', async () => ({ data: true }))
    }
    const sets: Record<string, HeadersOptions> = {
      'the default set': {},
      'the preset of the article': { preset: 'article' },
      'every header': {
        crossOriginEmbedderPolicy: 'require-corp',
        xXssProtection: '0',
        trustedTypes: { mode: 'enforce', policies: ['own', 'allow-duplicates'] },
        reporting: { endpoints: { main: '/reports', other: '/reports?other' } },
        contentSecurityPolicyReportOnly: { append: { 'img-src': ['https:'] } },
        strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true, preload: true }
      }
    }
    for (const [name, options] of Object.entries(sets)) {
      for (const https of [false, true]) {
        const { url } = await site(t, options, routes, { https })
        const { page, messages } = await visit(t)
        // Data name no icon, and the browser looks for one.
        await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
        for (const path of ['/nonce', '/none', '/data']) {
          await page.goto(url + path)
        }
        t.same(messages, [], `${name} over ${https ? 'https' : 'http'}`)
      }
    }
  })

  await t.test('every feature of Permissions-Policy', async (t) => {
    // The table is no export, and the plugin's types say nothing at run time.
    const source = readFileSync(new URL('../../../lib/headers/permissions-policy.ts', import.meta.url), 'utf8')
    const [, table = ''] = /FEATURES(?:: [^=]+)? = \[([^\]]+)\]/.exec(source) ?? []
    const names = [...table.matchAll(/'([a-z-]+)'/g)].map(([, name = '']) => name)
    t.ok(names.length > 50, 'the table was found')

    const { url } = await site(t, { permissionsPolicy: Object.fromEntries(names.map((name) => [name, []])) }, (app) => {
      app.get('/', (request, reply) => reply.type('text/html').send(html(request, '')))
    })
    const { page, messages } = await visit(t)
    await page.goto(url)
    // Some names are of other browsers, of operating systems or of trials. A browser skips these and takes the rest.
    const skipped = messages.map((message) => /^warning: Error with Permissions-Policy header: (?:Unrecognized feature|Origin trial controlled feature not enabled): '([a-z-]+)'\.$/.exec(message)?.[1] ?? message)
    t.same(skipped.filter((name) => !names.includes(name)), [], 'no other message')
    t.ok(names.length - skipped.length > 50, 'most of the table is in force')
    t.comment(`${browser.version()} skips ${skipped.length} of ${names.length}: ${skipped.join(', ')}`)
    for (const name of ['camera', 'geolocation', 'microphone', 'usb']) {
      t.notOk(skipped.includes(name))
      t.notOk(await page.evaluate<boolean>(`document.featurePolicy.allowsFeature('${name}')`), `${name} is off`)
    }
  })

  await t.test('the room of the demonstration', async (t) => {
    const { url } = await listen(t, await build())
    const { page, messages } = await visit(t)

    /** The table in the page against what came over the wire. */
    async function showsItsHeaders (t: Test, path: string): Promise<void> {
      const response = await page.goto(url + path)
      await page.waitForSelector('[data-live-headers] + table tbody tr')
      const rows = await page.evaluate<Array<[string, string]>>(
        "[...document.querySelectorAll('[data-live-headers] + table tbody tr')].map((row) => [row.cells[0].textContent, row.cells[1].textContent.replaceAll(';\\n', '; ')])")
      const { date, connection, 'keep-alive': keepAlive, ...sent } = await response?.allHeaders() ?? {}
      t.ok(date !== undefined && connection !== undefined && keepAlive !== undefined, 'what Node.js adds')
      t.same(Object.fromEntries(rows), sent, `${path} shows the headers that it was sent with`)
    }

    async function attempt (): Promise<string[]> {
      await page.click('#handler button')
      await page.click('#eval button')
      await page.click('#link a')
      await waitFor(page, "document.querySelectorAll('.outcome[data-state=waiting]').length === 0")
      return page.locator('.outcome').allTextContents()
    }

    await showsItsHeaders(t, '/headers')
    t.same(await attempt(), ['It ran', 'Blocked', 'Blocked', 'Blocked', 'Blocked', 'Blocked'])
    const events = await page.locator('.events li').allTextContents()
    t.same(events.toReversed().map((text) => text.split(' ', 2).join(' ')), [
      'script-src-elem blocked', 'img-src blocked', 'script-src-attr blocked', 'script-src blocked', 'script-src-elem blocked'
    ])
    await page.click('#fetch-data')
    await page.waitForSelector('#data-headers tbody tr')
    t.match(await page.textContent('#data-headers'), /default-src 'none';\nframe-ancestors 'none'/)

    await showsItsHeaders(t, '/headers/report-only')
    t.same(await attempt(), ['It ran', 'It ran', 'It ran', 'It was loaded', 'It ran', 'It ran'])
    t.match((await page.locator('.events li').allTextContents()).join('\n'), /script-src would have blocked eval/)
    await waitFor(page, "Number(document.getElementById('reports').textContent) >= 5")

    await showsItsHeaders(t, '/headers/nowhere')
    await showsItsHeaders(t, '/headers/error')
    await page.goBack()
    await page.waitForSelector('[data-live-headers] + table tbody tr')
    t.same(messages.filter((message) => message.startsWith('thrown: ')), [])
  })
})
