import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import t from 'tap'
import { build } from '../../docs/demo/server.ts'
import { launch, skip } from './chromium.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

t.test('forms in Chromium', { skip }, async (t) => {
  const app = await build()
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const browser = await launch()
  t.teardown(async () => {
    await browser.close()
    app.server.closeAllConnections()
    await app.close()
  })

  await t.test('without JavaScript', async (t) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    t.teardown(() => context.close())
    const page = await context.newPage()
    await page.goto(`${url}/forms`)
    t.equal(await page.locator('[aria-invalid]').count(), 0)
    await page.fill('#username', '1st "<b>')
    await page.fill('#email', 'taken@example.com')
    await page.fill('#password', 'hunter2 hunter2')
    await page.check('#news')
    await page.click('text=Create the account')
    t.equal(await page.inputValue('#username'), '1st "<b>', 'what was typed is kept')
    t.equal(await page.inputValue('#email'), 'taken@example.com')
    t.equal(await page.inputValue('#password'), '', 'but never the password')
    t.ok(await page.isChecked('#news'))
    t.notMatch(await page.content(), 'hunter2')
    const field = page.locator('#username')
    t.equal(await field.getAttribute('aria-invalid'), 'true')
    t.equal(await field.getAttribute('aria-describedby'), 'username-error')
    t.match(await page.textContent('#username-error'), 'Usernames must have only letters')
    t.equal(await page.locator('#email').getAttribute('aria-invalid'), null, 'a database is asked when the rest is right')
    await page.fill('#username', 'carla')
    await page.fill('#password', 'hunter2 hunter2')
    await page.click('text=Create the account')
    t.equal(await page.textContent('#email-error'), 'This email is taken.')
    await page.fill('#email', 'carla@example.com')
    await page.fill('#password', 'hunter2 hunter2')
    await page.click('text=Create the account')
    // A page that is still being exchanged for the next one cannot be reloaded.
    await page.waitForURL(`${url}/forms?done=on`)
    t.equal((await page.reload())?.request().method(), 'GET', 'a reload sends nothing again')
  })

  await t.test('axe finds nothing, in light and dark, with errors and without', async (t) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width: 360, height: 800 } })
      t.teardown(() => context.close())
      const page = await context.newPage()
      const look = async (what: string): Promise<void> => {
        await page.evaluate(axeSource)
        const violations = await page.evaluate<Array<{ id: string, nodes: Array<{ html: string }> }>>('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))')
        t.same(violations, [], `${what}, ${colorScheme}`)
        t.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'), `${what} fits a telephone, ${colorScheme}`)
      }
      await page.goto(`${url}/forms`)
      await look('the form')
      await page.fill('#username', 'x')
      await page.click('text=Create the account')
      await look('the form with errors')
      await page.goto(`${url}/sql`)
      await look('the injection')
    }
  })

  await t.test('JSON beside it', async (t) => {
    const page = await browser.newPage()
    t.teardown(() => page.close())
    await page.goto(`${url}/forms`)
    await page.click('text=Send JSON')
    await page.waitForSelector('#json-answer:text("422")')
    t.match(await page.textContent('#json-answer'), '"isAdmin":["There is no such field."]')
  })
})
