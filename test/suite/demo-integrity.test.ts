import t from 'tap'
import { build } from '../../docs/demo/server.ts'
import { BLOCKING_INTEGRITY } from '../../lib/integrity/metadata.ts'
import { skip, launch } from '../browser/chromium.ts'
import { matchesIntegrity } from '../lib/integrity/matches-integrity.ts'

const app = await build()
t.teardown(() => app.close())

/** What each tag of a page asks for, and the metadata that it has. */
function tagsOf (html: string): Map<string, string> {
  return new Map([...html.matchAll(/<(?:script|link)[^>]*? (?:src|href)="([^"]+)" integrity="([^"]+)" crossorigin="anonymous"/g)].map(([, url, integrity]) => [url!, integrity!]))
}

for (const [url, altered] of [['/integrity', false], ['/integrity/tampered', true]] as const) {
  t.test(url, async (t) => {
    const { body, headers, statusCode } = await app.inject(url)
    t.equal(statusCode, 200)
    t.equal(headers['integrity-policy'], 'blocked-destinations=(script)')
    const tags = tagsOf(body)
    const map = JSON.parse(/<script type="importmap"[^>]*>(.+?)<\/script>/.exec(body)![1]!) as { integrity: Record<string, string> }
    const files = new Map([...tags, ...Object.entries(map.integrity)])
    t.equal(files.size, 8)
    for (const [file, integrity] of files) {
      const { rawPayload } = await app.inject(file)
      const isRefused = file.endsWith('?tampered') || file === '/integrity/forgotten.js'
      t.equal(matchesIntegrity(rawPayload, integrity), !isRefused, file)
      t.equal(integrity === BLOCKING_INTEGRITY, file === '/integrity/forgotten.js', file)
    }
    t.equal([...files.keys()].filter((file) => file.endsWith('?tampered')).length, altered ? 3 : 0)
  })
}

t.test('the altered file differs in one byte', async (t) => {
  for (const file of ['script.js', 'part.js', 'style.css']) {
    const [one, other] = await Promise.all([app.inject(`/integrity/assets/${file}`), app.inject(`/integrity/assets/${file}?tampered`)])
    t.equal(one.rawPayload.length, other.rawPayload.length, file)
    t.equal(one.rawPayload.filter((byte, at) => byte !== other.rawPayload[at]).length, 1, file)
    t.equal(one.headers['content-type'], other.headers['content-type'])
  }
})

t.test('all pages have the policy, and their own stylesheet checked', async (t) => {
  for (const url of ['/', '/headers', '/nowhere']) {
    const { body, headers } = await app.inject(url)
    t.equal(headers['integrity-policy'], 'blocked-destinations=(script)', url)
    const integrity = tagsOf(body).get('/public/style.css')
    t.ok(integrity !== undefined && matchesIntegrity((await app.inject('/public/style.css')).rawPayload, integrity), url)
  }
})

t.test('in Chromium', { skip }, async (t) => {
  const served = await build()
  await served.listen({ port: 0, host: 'localhost' })
  const browser = await launch()
  t.teardown(async () => {
    await browser.close()
    served.server.closeAllConnections()
    await served.close()
  })
  const origin = `http://localhost:${(served.server.address() as { port: number }).port}`
  const outcomes = "[...document.querySelectorAll('.outcome')].map((outcome) => outcome.closest('li').id + ': ' + outcome.textContent + ' (' + outcome.dataset.state + ')')"
  const cases: Array<[path: string, outcomes: string[], refused: number]> = [
    ['/integrity', ['script: It ran (good)', 'style: It was loaded (good)', 'module: It ran (good)', 'bare: Refused (good)', 'forgotten: Refused (good)', 'added: Refused (good)'], 3],
    ['/integrity/tampered', ['script', 'style', 'module', 'bare', 'forgotten', 'added'].map((id) => `${id}: Refused (good)`), 6]
  ]
  for (const [path, wanted, refused] of cases) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 360, height: 800 }, colorScheme })
      const thrown: string[] = []
      page.on('pageerror', (error) => thrown.push(error.message))
      await page.goto(origin + path)
      await page.click('#added button')
      const deadline = Date.now() + 15_000
      const read = async (): Promise<string[]> => [...await page.evaluate<string[]>(outcomes), String(await page.locator('.events li').count()), String(await page.locator('table.headers tbody tr').count() > 5)]
      const all = [...wanted, String(refused), 'true']
      while ((await read()).join() !== all.join() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 25))
      t.same(await read(), all, `${path}, ${colorScheme}: outcomes, list and headers`)
      t.same(thrown, [])
      t.ok(await page.evaluate<number>('document.documentElement.scrollWidth') <= 360, 'it fits a phone')
      await page.close()
    }
  }
})
