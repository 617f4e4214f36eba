import t, { type Test } from 'tap'
import { build } from '../../docs/demo/server.ts'
import { launch, skip } from './chromium.ts'
import { listen, visit, waitFor } from './headers-sites.ts'

t.test('the room of headers in Chromium', { skip }, async (t) => {
  const browser = await launch()
  t.teardown(() => browser.close())
  const { url } = await listen(t, await build())
  const { page, messages } = await visit(t, browser)

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
