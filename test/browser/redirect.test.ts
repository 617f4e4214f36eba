import Fastify from 'fastify'
import { redirect, type RedirectOptions } from 'fastify-bulwark/redirect'
import t from 'tap'
import { corpus } from '../lib/redirect/arbitrary-target.ts'
import { skip } from './chromium.ts'
import { browserIn, OPTIONS, originOf, sample, visit, world, type Cases } from './redirect-world.ts'

t.test('redirects in Chromium', { skip }, async (t) => {
  const plain = await world(t)
  const browser = await browserIn(t, plain)

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
    t.ok(followed > 30, `${followed} were followed`)
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
