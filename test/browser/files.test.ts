import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { BrowserContext, Page } from 'playwright-core'
import t from 'tap'
import { FILE_SAMPLES } from '../../docs/demo/file-samples.ts'
import { build } from '../../docs/demo/server.ts'
import { launch, skip } from './chromium.ts'

async function listen (app: FastifyInstance): Promise<string> {
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** What a careless site sends: the file as what it claims, to be guessed at. */
async function careless (): Promise<string> {
  const app = Fastify({ forceCloseConnections: true })
  const types: Readonly<Record<string, string>> = { 'page.html': 'text/html', 'drawing.svg': 'image/svg+xml', 'feed.xml': 'application/xml', 'both.gif': 'text/javascript' }
  app.get<{ Params: { name: string } }>('/:name', (request, reply) => reply.type(types[request.params.name]!).send(FILE_SAMPLES.find(({ name }) => name === request.params.name)!.bytes))
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>careless</title><script src="/both.gif"></script>'))
  return await listen(app)
}

/** Everything that a script of the samples would do. */
async function watch (context: BrowserContext): Promise<{ readonly page: Page, readonly ran: string[] }> {
  const ran: string[] = []
  const onPage = (page: Page): void => {
    page.on('console', (message) => { if (message.text() === 'ran') ran.push(page.url()) })
    page.on('dialog', (dialog) => {
      ran.push(page.url())
      dialog.dismiss().catch(() => {})
    })
  }
  context.on('page', onPage)
  return { page: await context.newPage(), ran }
}

t.test('uploaded files in a browser', { skip }, async (t) => {
  const [site, other] = [await listen(await build()), await careless()]
  const browser = await launch()
  t.teardown(() => browser.close())

  await t.test('each of them runs where nobody takes care', async (t) => {
    const { page, ran } = await watch(await browser.newContext())
    for (const path of ['page.html', 'drawing.svg', 'feed.xml', '']) {
      ran.length = 0
      await page.goto(`${other}/${path}`)
      t.ok(ran.length > 0, path)
    }
  })

  // Without the policy of the page, since what is tried must not fail for that reason.
  const { page, ran } = await watch(await browser.newContext({ bypassCSP: true, acceptDownloads: true }))
  const strict = await watch(await browser.newContext())
  for (const { name, bytes } of FILE_SAMPLES.filter(({ name }) => !['page.png', 'tail.png', 'flood.png'].includes(name))) {
    await t.test(name, async (t) => {
      await page.goto(`${site}/files`)
      await page.setInputFiles('#file', { name, mimeType: 'text/html', buffer: bytes })
      await page.click('button[type=submit]')
      await page.waitForSelector('#facts')
      t.equal(await page.textContent('#facts tr:nth-child(2) td code'), 'text/html', 'what the browser claimed')
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')])
      t.equal(download.suggestedFilename(), name, 'it is offered to be saved')

      const link = String(await page.getAttribute('#show', 'href'))
      const loaded = await page.evaluate(`(async () => {
        const outcomes = {}
        for (const [tag, attribute] of [['script', 'src'], ['img', 'src'], ['object', 'data'], ['embed', 'src'], ['iframe', 'src']]) {
          const element = document.createElement(tag)
          element[attribute] = ${JSON.stringify(link)}
          outcomes[tag] = await new Promise((resolve) => {
            element.onload = () => resolve('load')
            element.onerror = () => resolve('error')
            setTimeout(() => resolve('nothing'), 1000)
            document.body.append(element)
          })
        }
        outcomes.module = await import(${JSON.stringify(link)}).then(() => 'load', () => 'error')
        outcomes.worker = await new Promise((resolve) => {
          const worker = new Worker(${JSON.stringify(link)})
          worker.onerror = () => resolve('error')
          setTimeout(() => resolve('nothing'), 500)
        })
        return outcomes
      })()`) as Record<string, string>
      t.match(loaded, { script: 'error', module: 'error', worker: 'error' }, 'it is no script')

      const opened = strict.page
      const shown = await opened.goto(`${site}${link}`).catch(() => null)
      const isShown = ['picture.png', 'both.gif', 'note.txt'].includes(name)
      t.equal(shown !== null, isShown, 'pictures and plain texts are shown, all else is saved')
      if (name === 'note.txt') {
        t.equal(await opened.evaluate('document.contentType'), 'text/plain', 'a text is not guessed at')
        t.equal(await opened.evaluate('origin'), 'null', 'and has no origin')
      }
      t.same([...ran, ...strict.ran], [])
    })
  }
})
