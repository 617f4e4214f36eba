import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { hashesOfFile, integrity, type IntegrityOptions, type IntegrityTags } from 'fastify-bulwark/integrity'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { formatLock } from '../../lib/integrity/lock.ts'
import { checkLock, lockAssets } from '../../lib/integrity/remote.ts'
import { launch, skip } from './chromium.ts'

/** First in each page: an array for the scripts to write to, one for what did not load, and one for what the browser says of its policies. */
const WATCH = `
window.ran = []
window.failed = []
window.violations = []
addEventListener('error', ({ target }) => { if (target.src || target.href) failed.push(target.getAttribute('src') ?? target.getAttribute('href')) }, true)
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => violations.push(effectiveDirective + ' ' + blockedURI))
new ReportingObserver((reports) => reports.forEach(({ type, body }) => violations.push([type, body.destination, new URL(body.blockedURL).pathname, body.reportOnly].join(' '))), { buffered: true, types: ['integrity-violation'] }).observe()`

const FILES = {
  'app.js': "ran.push('app')",
  'module.js': "import { name } from './part.js'; ran.push(name); import('./later.js')",
  'part.js': "export const name = 'part'",
  'later.js': "ran.push('later')",
  'page.css': 'body { color: rgb(1, 2, 3) }',
  'page.html': '<!doctype html>\r\n<title>Static</title>\r\n<script>\r\nwindow.ran = [\'inline\']\r\n</script>\r\n<script>if (1 < 2) ran.push("<!-- second")</script><style>body { color: rgb(4, 5, 6) }</style>'
}
type File = keyof typeof FILES

/** By one byte. */
function alter (text: string): string {
  return text.replace(/[a-z1-9](?=\W*$)/, (character) => character === '1' ? '2' : '1')
}

interface Site {
  readonly url: string
  readonly folder: string
  write (file: File, text: string): void
}

async function listen (t: Test, app: FastifyInstance): Promise<string> {
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** A site whose files are served by @fastify/static, beside the headers plugin in its default, strict form. */
async function site (t: Test, options: IntegrityOptions, body: (tags: IntegrityTags) => string, { withHeaders = true } = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'integrity-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const write = (file: File, text: string): void => writeFileSync(join(folder, file), text)
  for (const [file, text] of Object.entries(FILES)) write(file as File, text)
  const app = Fastify()
  if (withHeaders) {
    const { scripts, styles } = hashesOfFile(join(folder, 'page.html'))
    await app.register(headers, { contentSecurityPolicy: { append: { 'script-src': scripts, 'style-src': styles } } })
  }
  await app.register(fastifyStatic, { root: folder, prefix: '/assets/' })
  await app.register(integrity, { roots: [{ root: folder, prefix: '/assets/' }], ...options })
  app.get('/', (request, reply) => {
    const nonce = withHeaders ? ` nonce="${request.cspNonce}"` : ''
    return reply.type('text/html').send(`<!doctype html><html lang="en"><title>page</title><link rel="icon" href="data:,"><script${nonce}>${WATCH}</script><body>${body(app.integrity.for(request))}`)
  })
  return { url: await listen(t, app), folder, write }
}

async function until (condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`There was no ${what} within 15 seconds.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

t.test('integrity in Chromium', { skip }, async (t) => {
  const browser = await launch()
  t.teardown(() => browser.close())

  async function open (t: Test, url: string): Promise<{ page: Page, seen (name: 'ran' | 'failed' | 'violations', ...entries: string[]): Promise<void> }> {
    const context = await browser.newContext()
    t.teardown(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    return {
      page,
      async seen (name, ...entries) {
        // A browser may report one tag twice: when it looks ahead, and when it gets there.
        const read = async (): Promise<string[]> => [...new Set(await page.evaluate<string[]>(name))].sort()
        await until(async () => {
          const list = await read()
          return entries.every((entry) => list.includes(entry))
        }, `${name}: ${entries.join()}`)
        t.same(await read(), entries.toSorted(), name)
      }
    }
  }
  const colour = (page: Page): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).color')
  const page = (tags: IntegrityTags): string => [tags.stylesheetTag('/assets/page.css'), tags.scriptTag('/assets/app.js?v=1'), tags.scriptTag('/assets/module.js', { type: 'module' })].join('')

  await t.test('what was hashed is loaded, with strict-dynamic and a nonce', async (t) => {
    const { url } = await site(t, {}, page)
    const { page: shown, seen } = await open(t, url)
    await seen('ran', 'app', 'part', 'later')
    await seen('failed')
    await seen('violations')
    t.equal(await colour(shown), 'rgb(1, 2, 3)')
  })

  await t.test('what was altered by one byte on the server is not', async (t) => {
    const { url, write } = await site(t, {}, page)
    for (const file of ['app.js', 'module.js', 'page.css'] as const) write(file, alter(FILES[file]))
    const { page: shown, seen } = await open(t, url)
    await seen('failed', '/assets/app.js?v=1', '/assets/module.js', '/assets/page.css')
    await seen('ran')
    t.not(await colour(shown), 'rgb(1, 2, 3)')
  })

  await t.test('in development what was altered is hashed anew', async (t) => {
    const { url, write } = await site(t, { mode: 'development' }, page)
    write('app.js', "ran.push('new')")
    const { seen } = await open(t, url)
    await seen('ran', 'new', 'part', 'later')
    await seen('failed')
  })

  await t.test('what is not known is asked for and not run', async (t) => {
    const { url, write } = await site(t, {}, (tags) => tags.scriptTag('/assets/added.js'))
    write('added.js' as File, "ran.push('added')")
    const { seen } = await open(t, url)
    await seen('failed', '/assets/added.js')
    await seen('ran')
  })

  await t.test('modules: the import map and the preload vouch for what is imported', async (t) => {
    const cases: Array<[what: string, file: File, body: (tags: IntegrityTags) => string, ran: string[]]> = [
      ['nothing altered', 'app.js', (tags) => tags.importMapTag({ modules: 'all' }), ['part', 'later']],
      ['a static import, by the import map', 'part.js', (tags) => tags.importMapTag({ imports: { part: '/assets/part.js' } }), []],
      ['a static import, by its preload', 'part.js', (tags) => tags.modulePreloadTag('/assets/part.js'), []],
      ['a dynamic import, by the import map', 'later.js', (tags) => tags.importMapTag({ modules: ['/assets/later.js'] }), ['part']],
      ['a specifier of the import map that stands for a folder', 'part.js', (tags) => tags.importMapTag({ imports: { 'assets/': '/assets/' } }), []]
    ]
    for (const [what, file, body, ran] of cases) {
      await t.test(what, async (t) => {
        const { url, write } = await site(t, {}, (tags) => body(tags) + tags.scriptTag('/assets/module.js', { type: 'module' }))
        write(file, alter(FILES[file]))
        const { seen, page } = await open(t, url)
        await page.waitForLoadState('networkidle')
        await seen('ran', ...ran)
      })
    }
  })

  await t.test('a preload is used by the tag that follows, and not fetched twice', async (t) => {
    const { url } = await site(t, {}, (tags) => tags.preloadTag('/assets/app.js') + tags.preloadTag('/assets/page.css') + tags.scriptTag('/assets/app.js') + tags.stylesheetTag('/assets/page.css'))
    const { page: shown, seen } = await open(t, url)
    await seen('ran', 'app')
    t.equal(await shown.evaluate<number>("performance.getEntriesByType('resource').length"), 2)
    await seen('violations')
  })

  await t.test('an asset of another site is loaded as it was locked, and not when it was altered', async (t) => {
    let text = FILES['app.js']
    const other = Fastify()
    other.get('/lib@1.2.3/lib.js', (_request, reply) => reply.header('access-control-allow-origin', '*').type('text/javascript').send(text))
    const address = `${await listen(t, other)}/lib@1.2.3/lib.js`
    const { lock, problems } = await lockAssets([address])
    t.same(problems, [])
    const folder = mkdtempSync(join(tmpdir(), 'integrity-lock-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'sri-lock.json'), formatLock(lock))
    const { url } = await site(t, { lock: join(folder, 'sri-lock.json') }, (tags) => tags.scriptTag(address))

    const first = await open(t, url)
    await first.seen('ran', 'app')
    await first.seen('failed')
    text = alter(text)
    t.match(await checkLock(lock), [{ state: 'changed' }])
    const second = await open(t, url)
    await second.seen('failed', address)
    await second.seen('ran')
  })

  const MIXED = (tags: IntegrityTags): string => `${tags.scriptTag('/assets/app.js')}<script src="/assets/later.js" nonce="${/nonce="(.+?)"/.exec(tags.scriptTag('/assets/app.js'))![1]!}"></script>`

  await t.test('Integrity-Policy blocks a tag without integrity', async (t) => {
    const { url } = await site(t, { integrityPolicy: {} }, MIXED)
    const { seen } = await open(t, url)
    await seen('failed', '/assets/later.js')
    await seen('ran', 'app')
    await seen('violations', 'integrity-violation script /assets/later.js false')
  })

  await t.test('Integrity-Policy-Report-Only reports it and lets it run', async (t) => {
    const { url } = await site(t, { integrityPolicyReportOnly: {} }, MIXED)
    const { seen } = await open(t, url)
    await seen('ran', 'app', 'later')
    await seen('failed')
    await seen('violations', 'integrity-violation script /assets/later.js true')
  })

  await t.test('under Integrity-Policy all helpers pass, imports by the import map', async (t) => {
    const { url } = await site(t, { integrityPolicy: {} }, (tags) => tags.importMapTag({ modules: 'all' }) + tags.preloadTag('/assets/app.js') + page(tags))
    const { page: shown, seen } = await open(t, url)
    await seen('ran', 'app', 'part', 'later')
    await seen('violations')
    t.equal(await colour(shown), 'rgb(1, 2, 3)')
  })

  await t.test('without the headers plugin', async (t) => {
    const { url, write } = await site(t, {}, page, { withHeaders: false })
    const first = await open(t, url)
    await first.seen('ran', 'app', 'part', 'later')
    write('app.js', alter(FILES['app.js']))
    const second = await open(t, url)
    await second.seen('failed', '/assets/app.js?v=1')
  })

  await t.test('the inline scripts and styles of a static file run by their hashes', async (t) => {
    const { url, write } = await site(t, {}, page)
    const first = await open(t, `${url}/assets/page.html`)
    await first.seen('ran', 'inline', '<!-- second')
    t.equal(await colour(first.page), 'rgb(4, 5, 6)')
    write('page.html', FILES['page.html'].replace('second', 'altered'))
    const second = await open(t, `${url}/assets/page.html`)
    await second.seen('ran', 'inline')
  })
})
