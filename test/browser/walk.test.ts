import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { rooms } from '../../docs/demo/rooms.ts'
import { build } from '../../docs/demo/server.ts'
import { launch, skip } from './chromium.ts'

// Every room of the demonstration, the ones to come included: what a browser and axe-core say of it, and of where its first form leads.

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What frames show is another site's. */
const axe = (options: object): string => `axe.run(document, ${JSON.stringify({ iframes: false, resultTypes: ['violations'], ...options })})
  .then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html + failureSummary)]))`
/** The rules whose answer a colour scheme can change. */
const COLOURS = { runOnly: ['color-contrast', 'link-in-text-block'] }

const WIDTHS = [1280, 360] as const
const SCHEMES = ['light', 'dark'] as const

/** Pages that no room's path leads to. */
const OTHERS = ['/headers/report-only', '/integrity/tampered', '/headers/nowhere']

/** What a page provokes on purpose. Each must be seen, and nothing else. */
const PROVOKED: Readonly<Record<string, readonly RegExp[]>> = {
  '/headers': [/inline script/, /inline event handler/, /foreign\.svg/],
  '/headers/nowhere': [/404/],
  '/integrity': [/bare\.js/, /forgotten\.js/, /added\.js/],
  '/integrity/tampered': [/script\.js/, /style\.css/, /part\.js/, /bare\.js/, /forgotten\.js/, /added\.js/]
}

/** By the type of a field, what goes through. */
const ENTRIES: Readonly<Record<string, string>> = { text: 'ada', email: 'ada@example.test', password: 'correct horse battery staple' }
const UPLOAD = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note.\n') }

async function freePort (): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Everything that a browser reports of a page: errors on its console, requests that failed or were refused, breaches of the policy. */
function listen (page: Page): string[] {
  const faults: string[] = []
  page.on('console', (message) => { if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`) })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('requestfailed', (request) => faults.push(`${request.url()} ${request.failure()?.errorText ?? ''}`))
  page.on('response', (response) => { if (response.status() >= 400) faults.push(`${response.url()} ${response.status()}`) })
  return faults
}

/** The page and its last script are there. */
async function settle (page: Page): Promise<void> {
  await page.waitForLoadState('load')
  const headers = page.locator('[data-live-headers] + table')
  if (await headers.count() > 0) await headers.waitFor({ state: 'visible', timeout: 15_000 })
}

async function examine (t: Test, page: Page, what: string): Promise<void> {
  await page.evaluate(axeSource)
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    if (width === 360) t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${what}: nothing to scroll to at the side`)
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      t.same(await page.evaluate(axe(colorScheme === 'light' ? {} : COLOURS)), [], `${what}: axe in ${colorScheme}, ${width} pixels`)
    }
  }
}

async function fill (form: Locator): Promise<void> {
  for (const field of await form.locator('input:visible').all()) {
    const type = await field.getAttribute('type') ?? 'text'
    if (type === 'file') await field.setInputFiles(UPLOAD)
    else if (type in ENTRIES && await field.inputValue() === '') await field.fill(ENTRIES[type]!)
  }
}

t.test('the demonstration in Chromium', { skip }, async (t) => {
  const port = await freePort()
  const app = await build({ port })
  await app.listen({ port, host: 'localhost' })
  const browser = await launch()
  t.teardown(async () => {
    await browser.close()
    app.server.closeAllConnections()
    await app.close()
  })
  const context = await browser.newContext({ reducedMotion: 'reduce' })

  for (const path of ['/', ...rooms.map(({ path }) => path), ...OTHERS]) {
    await t.test(path, async (t) => {
      const page = await context.newPage()
      const faults = listen(page)
      await page.goto(`http://localhost:${port}${path}`)
      await settle(page)
      await examine(t, page, path)

      const form = page.locator('main form:visible').first()
      const button = page.locator('main button:visible').first()
      if (await form.count() > 0) {
        await fill(form)
        const [response] = await Promise.all([page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() < 300), form.locator('button').first().click()])
        t.equal(response.status(), 200, 'the form leads to a page')
        await settle(page)
        await examine(t, page, `${path}, after its form`)
      } else if (await button.count() > 0) {
        await button.click()
      }

      const provoked = PROVOKED[path] ?? []
      const unseen = (): RegExp[] => provoked.filter((pattern) => !faults.some((fault) => pattern.test(fault)))
      for (const deadline = Date.now() + 15_000; unseen().length > 0 && Date.now() < deadline;) await page.waitForTimeout(25)
      t.same(unseen(), [], 'what the page provokes is seen')
      t.same(faults.filter((fault) => !provoked.some((pattern) => pattern.test(fault))), [], 'nothing else is amiss')
      await page.close()
    })
  }
})
