import { readFileSync } from 'node:fs'
import etag from '@fastify/etag'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers, type HeadersOptions } from 'fastify-bulwark/headers'
import type { Page } from 'playwright-core'
import t from 'tap'
import { launch, skip } from './chromium.ts'
import { fingerprint, ATTACKS, html, ICON, listen, REPORT_URI, site, stranger, until, visit, waitFor, type Site, type Violation } from './headers-sites.ts'

t.test('headers in Chromium', { skip }, async (t) => {
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`, '--short-reporting-delay')
  t.teardown(() => browser.close())

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
    const { page } = await visit(t, browser)
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
    const { page } = await visit(t, browser)
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
    const { page, messages } = await visit(t, browser)
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
    const { page } = await visit(t, browser)
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
    const { page } = await visit(t, browser)
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
    const { page } = await visit(t, browser)

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
        const { page, messages } = await visit(t, browser)

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
        const { page, messages } = await visit(t, browser)
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
    const { page, messages } = await visit(t, browser)
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
})
