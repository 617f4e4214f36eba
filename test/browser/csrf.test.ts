import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { build } from '../../docs/demo/server.ts'
import { launch, skip } from './chromium.ts'
import { arrivals, fingerprint, HOSTS, site, type Arrival, type Initiator, type Protocol } from './csrf-sites.ts'

let cells = 0

// Some 130 requests of a browser, one after another, on a machine that may have others to serve.
t.setTimeout(300_000)

const closing: Array<() => Promise<unknown>> = []
t.teardown(async () => { for (const close of closing.reverse()) await close() })

async function serve (protocol: Protocol, withSession = true): Promise<string[]> {
  const rules: string[] = []
  for (const initiator of Object.keys(HOSTS) as Initiator[]) {
    const app = await site(initiator, protocol, { withSession })
    closing.push(async () => {
      app.server.closeAllConnections()
      await app.close()
    })
    rules.push(`MAP ${HOSTS[initiator]}:${protocol === 'https' ? 443 : 80} 127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  }
  return rules
}

async function start (rules: string[]): Promise<Browser> {
  // Three rules a browser: without third-party cookies half of the attacks would fail by themselves.
  const browser = await launch(`--host-resolver-rules=${rules.join(',')}`, `--ignore-certificate-errors-spki-list=${fingerprint}`, '--disable-features=TrackingProtection3pcd,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LocalNetworkAccessChecks')
  closing.push(async () => await browser.close())
  return browser
}

/** Runs in the page: sends one request. */
const ACT = `async ({ action, url }) => {
  const submit = (enctype, target) => {
    const form = document.createElement('form')
    Object.assign(form, { method: 'post', action: url, enctype, target })
    const field = document.createElement('input')
    Object.assign(field, { name: 'text', value: 'a' })
    form.append(field)
    document.body.append(form)
    form.submit()
  }
  const inFrame = (enctype) => {
    const frame = document.createElement('iframe')
    frame.name = 'frame' + Math.random()
    document.body.append(frame)
    submit(enctype, frame.name)
  }
  const send = (method, type, mode, body) => fetch(url, { method, mode, credentials: 'include', headers: { 'content-type': type }, body }).catch(() => {})
  const actions = {
    'form, urlencoded': () => inFrame('application/x-www-form-urlencoded'),
    'form, multipart': () => inFrame('multipart/form-data'),
    'form, text/plain': () => inFrame('text/plain'),
    'form, whole page': () => submit('application/x-www-form-urlencoded', '_self'),
    'fetch POST, text/plain': () => send('POST', 'text/plain', 'no-cors', 'a=1'),
    'fetch POST, urlencoded': () => send('POST', 'application/x-www-form-urlencoded', 'no-cors', 'a=1'),
    'fetch POST, JSON': () => send('POST', 'application/json', 'cors', '{"a":1}'),
    'fetch PUT, JSON': () => send('PUT', 'application/json', 'cors', '{"a":1}'),
    'fetch PATCH, JSON': () => send('PATCH', 'application/json', 'cors', '{"a":1}'),
    'fetch DELETE, JSON': () => send('DELETE', 'application/json', 'cors', '{"a":1}'),
    beacon: () => { navigator.sendBeacon(url, 'a=1') },
    image: () => { new Image().src = url },
    socket: () => new Promise((resolve) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'))
      socket.onmessage = socket.onerror = () => { socket.close(); resolve() }
    }),
    'sandboxed form': () => sandboxed('allow-scripts allow-forms'),
    'sandboxed form of the same origin': () => sandboxed('allow-scripts allow-forms allow-same-origin')
  }
  const sandboxed = (tokens) => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', tokens)
    frame.srcdoc = '<form method="post"><input name="a" value="1"></form><script>document.forms[0].action = ' + JSON.stringify(url) + '; document.forms[0].submit()</' + 'script>'
    document.body.append(frame)
  }
  await actions[action]()
}`

async function arrival (name: string): Promise<Arrival> {
  for (let round = 0; round < 500; round++) {
    const seen = arrivals.get(name)
    if (seen !== undefined) return seen
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { status: 0, site: undefined, origin: undefined }
}

const PATHS: Readonly<Record<string, [guarded: string, open: string]>> = { socket: ['/guarded/live', '/open/live'], image: ['/guarded/strict', '/open/strict'] }

/** Sends the same request to both routes and says what came of each. */
async function both (page: Page, target: string, action: string, wrap: (url: string) => string = (url) => url): Promise<{ guarded: Arrival, open: Arrival }> {
  const cell = String(++cells)
  const from = page.url()
  const [guardedPath, openPath] = PATHS[action] ?? ['/guarded', '/open']
  for (const path of [openPath, guardedPath]) {
    const url = wrap(`${target}${path}?cell=${cell}`)
    const leaves = action === 'form, whole page' && page.waitForURL((now) => now.href !== from)
    await page.evaluate(`(${ACT})(${JSON.stringify({ action, url })})`).catch((error: unknown) => {
      // The page is gone with its form.
      if (leaves === false) throw error
    })
    if (leaves === false) continue
    await leaves
    await page.goto(from)
  }
  return { guarded: await arrival(`${guardedPath} ${cell}`), open: await arrival(`${openPath} ${cell}`) }
}

const ACTIONS = ['form, urlencoded', 'form, multipart', 'form, text/plain', 'form, whole page', 'fetch POST, text/plain', 'fetch POST, urlencoded', 'fetch POST, JSON', 'fetch PUT, JSON', 'fetch PATCH, JSON',
  'fetch DELETE, JSON', 'beacon', 'image', 'socket']

/** 101 over what was switched. */
const served = ({ status }: Arrival): boolean => status === 200 || status === 101 || status === 415

for (const protocol of ['https', 'http'] as const) {
  t.test(`pages over ${protocol}`, { skip, timeout: 240_000 }, async (t) => {
    const browser = await start(await serve(protocol))
    const target = `${protocol}://${HOSTS.own}`
    const context = await browser.newContext()
    const login = await context.newPage()
    await login.goto(`${target}/login?as=alice`)

    const tab = await context.newPage()

    for (const initiator of Object.keys(HOSTS) as Initiator[]) {
      await tab.goto(`${protocol}://${HOSTS[initiator]}/page`)
      for (const action of ACTIONS) {
        const { guarded, open } = await both(tab, target, action)
        const title = `${initiator} page, ${action}`
        t.ok(served(open), `${title}: it arrives, ${JSON.stringify(open)}`)
        // On plain http there is no Sec-Fetch-Site, and an image has no Origin: its page is known by the Referer.
        t.match(guarded.status, initiator === 'own' ? /^(?:200|101|415)$/ : 403, `${title}: ${JSON.stringify(guarded)}`)
      }
    }

    const stranger = `${protocol}://${HOSTS.stranger}`
    const sibling = `${protocol}://${HOSTS.sibling}`
    const bouncedBy = (by: string) => (url: string): string => `${by}/bounce?to=${encodeURIComponent(url)}`
    const directly = (url: string): string => url
    const SENDING = ['form, urlencoded', 'fetch POST, text/plain']
    const others: Array<[rule: string, from: string, actions: string[], wrap: (url: string) => string, expected: boolean]> = [
      // Where the browser says neither Sec-Fetch-Site nor who it is, there is the token; see below.
      ['own page without referrer', `${target}/page?referrer=no-referrer`, ['form, urlencoded'], directly, protocol === 'https'],
      ['own page without referrer', `${target}/page?referrer=no-referrer`, ['fetch POST, text/plain'], directly, true],
      ['own page that tells its address to all', `${target}/page?referrer=unsafe-url`, SENDING, directly, true],
      ['own page, bounced by itself', `${target}/page`, SENDING, bouncedBy(target), true],
      ['own page, bounced by a stranger', `${target}/page`, SENDING, bouncedBy(stranger), false],
      ['strange page without referrer', `${stranger}/page?referrer=no-referrer`, SENDING, directly, false],
      ['sibling page without referrer', `${sibling}/page?referrer=no-referrer`, SENDING, directly, false],
      ['strange page, bounced by the own one', `${stranger}/page`, SENDING, bouncedBy(target), false],
      ['strange page, bounced by a sibling', `${stranger}/page`, SENDING, bouncedBy(sibling), false],
      ['own page', `${target}/page`, ['sandboxed form'], directly, false],
      ['own page', `${target}/page`, ['sandboxed form of the same origin'], directly, true],
      ['strange page', `${stranger}/page`, ['sandboxed form', 'sandboxed form of the same origin'], directly, false]
    ]
    for (const [rule, from, actions, wrap, expected] of others) {
      await tab.goto(from)
      for (const action of actions) {
        const { guarded, open } = await both(tab, target, action, wrap)
        t.ok(served(open), `${rule}, ${action}: it arrives, ${JSON.stringify(open)}`)
        t.equal(served(guarded), expected, `${rule}, ${action}: ${JSON.stringify(guarded)}`)
        if (action === 'sandboxed form') t.equal(open.origin, 'null')
      }
    }

    await t.test('Back to a form, and a form whose visitor logged in anew in another tab', async (t) => {
      const wanted = async (name: string): Promise<number> => {
        const { status } = await arrival(`/wanted ${name}`)
        arrivals.delete(`/wanted ${name}`)
        return status
      }
      await tab.goto(`${target}/form`)
      await tab.fill('[name=text]', 'one')
      await tab.click('button')
      t.equal(await wanted('form'), 200)
      await tab.waitForURL(/wanted/)
      await tab.goBack()
      await tab.waitForSelector('button')
      await tab.click('button')
      t.equal(await wanted('form'), 200, 'the form of before is as good')
      await tab.goto(`${target}/form`)
      const other = await context.newPage()
      await other.goto(`${target}/login?as=bob`)
      await other.goto(`${target}/form`)
      await other.click('button')
      t.equal(await wanted('form'), 200, 'the tab of the new login')
      await tab.click('button')
      t.equal(await wanted('form'), 403, 'what alice began, bob does not finish')
    })
    t.ok(cells >= 40, `${cells} cells`)
    await browser.close()
  })
}

t.test('an own page over plain http cannot act on the one over https', { skip, timeout: 120_000 }, async (t) => {
  const browser = await start([...await serve('https'), ...await serve('http')])
  const context = await browser.newContext()
  const tab = await context.newPage()
  await tab.goto(`http://${HOSTS.own}/page`)
  for (const action of ['form, urlencoded', 'fetch POST, text/plain', 'beacon']) {
    const { guarded, open } = await both(tab, `https://${HOSTS.own}`, action)
    t.ok(served(open), action)
    t.equal(guarded.status, 403, action)
  }
  await browser.close()
})

t.test('without a session: the cookie is kept, and two tabs opened at once both work', { skip, timeout: 120_000 }, async (t) => {
  const browser = await start(await serve('https', false))
  const context = await browser.newContext()
  const tabs = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all(tabs.map((tab) => tab.goto(`https://${HOSTS.own}/form`)))
  t.match((await context.cookies()).map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite })), [{ name: /^__Host-csrf-/, httpOnly: true, secure: true, sameSite: 'Lax' }])
  for (const tab of tabs) {
    await tab.click('button')
    t.equal((await arrival('/wanted form')).status, 200)
    arrivals.delete('/wanted form')
  }
  await browser.close()
})

t.test('the room of the demonstration: the attacker gets nothing, the own page everything', { skip, timeout: 120_000 }, async (t) => {
  const port = await freePort()
  const app = await build({ port })
  closing.push(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port, host: 'localhost' })
  const browser = await start([])
  const page = await browser.newPage()
  const violations: string[] = []
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text()) && !/frame-ancestors/.test(message.text())) violations.push(message.text()) })
  await page.goto(`http://localhost:${port}/csrf`)
  for (const title of ['Another site', 'Another port of this host']) {
    const attacker = page.frameLocator(`iframe[title="${title}"]`)
    // No mouse: on a busy machine Chromium gives what is clicked in a frame of another process to the page, until that process has painted.
    await attacker.locator('button:enabled').dispatchEvent('click')
    await attacker.locator('#done').waitFor()
  }
  const rows = page.locator('.attempts-table tbody tr')
  // Six of each frame arrive: the preflight of the seventh is not allowed what it asks for.
  await rows.nth(11).waitFor()
  t.equal(await page.locator('.outcome[data-state=bad]').count(), 0)
  t.match(await rows.allInnerTexts(), Array.from({ length: 12 }, () => /Refused: another (?:site|origin)/))
  t.equal(await page.locator('#money').innerText(), '1000')
  await page.click('#own-fetch')
  await rows.nth(12).waitFor()
  await page.click('#own-socket')
  await rows.nth(13).waitFor()
  await page.click('form button')
  await rows.nth(14).waitFor()
  t.match((await rows.allInnerTexts()).slice(0, 3), [/own form with its token[^]*Let through \(303\)/, /own WebSocket[^]*Let through \(101\)/, /own fetch[^]*Let through \(200\)/])
  t.equal(await page.locator('#money').innerText(), '800')
  t.same(violations, [])
  await browser.close()
})

/** One that nobody has at this moment. */
async function freePort (): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
