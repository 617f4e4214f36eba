import t from 'tap'
import { build, start } from '../../docs/demo/server.ts'
import { rooms } from '../../docs/demo/rooms.ts'

const app = await build()
t.teardown(() => app.close())

const PAGES = ['/', ...rooms.map(({ path }) => path), '/headers/report-only']
const ERRORS = [
  { url: '/headers/nowhere', statusCode: 404, says: 'There is nothing here' },
  { url: '/headers/error', statusCode: 500, says: 'Something went wrong' }
]

/** What is in the page on purpose, to be blocked. */
const DELIBERATE = {
  scripts: ["ran('injected')"],
  handlers: ["onclick=\"ran('handler')\""],
  addresses: ["javascript:ran('link')"]
}

/** Links whose answer is a redirect, or is meant to be a refusal. */
const OTHER_STATUSES: Readonly<Record<string, number>> = {
  '/redirect/careless?next=/redirect/arrived': 302,
  '/redirect/careless?next=%2F%2Fevil.test': 400,
  '/redirect/careless?next=%2F%09%2Fevil.test': 400
}

function linksOf (html: string): string[] {
  return [...html.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]+)"/g)].map(([, url = '']) => url)
}

/** The text of a page without what is only shown. */
function tagsOf (html: string): string {
  return html.replaceAll(/(<script[^>]*>)[^]*?(<\/script>)/g, '$1$2')
}

for (const url of [...PAGES, ...ERRORS.map((error) => error.url)]) {
  t.test(url, async (t) => {
    const { statusCode, headers, body } = await app.inject(url)
    const reportOnly = url === '/headers/report-only'
    t.equal(statusCode, ERRORS.find((error) => error.url === url)?.statusCode ?? 200)
    t.equal(headers['content-type'], 'text/html; charset=utf-8')

    const nonces = [...body.matchAll(/nonce="([A-Za-z0-9_-]{22})"/g)].map(([, nonce = '']) => nonce)
    const policy = String(headers[reportOnly ? 'content-security-policy-report-only' : 'content-security-policy'])
    t.notOk((reportOnly ? 'content-security-policy' : 'content-security-policy-report-only') in headers)
    const hasScripts = /<script[ >]/.test(body)
    t.equal(new Set(nonces).size, hasScripts ? 1 : 0, 'one nonce where there are scripts, and none where there are not')
    t.match(policy, nonces[0] === undefined ? /script-src 'self';/ : `script-src 'nonce-${nonces[0]}' 'strict-dynamic'`)
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': /camera=\(\)/,
      'origin-agent-cluster': '?1',
      ...reportOnly ? {} : { 'x-frame-options': 'DENY' },
      ...hasScripts ? { 'cache-control': /private|no-store/ } : {}
    })

    const tags = tagsOf(body)
    t.notMatch(tags, /<style|<[^>]+\sstyle=/, 'no style in the page')
    const room = url.startsWith('/headers') && statusCode === 200
    const scripts = [...body.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text]) => text)
    t.same(scripts, room ? DELIBERATE.scripts : [], 'no script without a nonce but the injected one')
    // In a text an example may be quoted, but never with a bare `<`.
    const handlers = [...tags.matchAll(/<[a-z][^>]*?\s(on[a-z]+="[^"]*")/g)].map(([, handler]) => handler)
    t.same(handlers, room ? DELIBERATE.handlers : [], 'no handler but the deliberate one')

    for (const link of linksOf(body)) {
      if (link.startsWith('javascript:')) {
        t.ok(room && DELIBERATE.addresses.includes(link), link)
      } else if (link.startsWith('#')) {
        t.ok(body.includes(`id="${link.slice(1)}"`), link)
      } else {
        const { pathname, search } = new URL(link.replaceAll('&amp;', '&'), 'http://localhost')
        const expected = OTHER_STATUSES[pathname + search] ?? ERRORS.find((error) => error.url === pathname)?.statusCode ?? 200
        t.equal((await app.inject(pathname + search)).statusCode, expected, link)
      }
    }
  })
}

t.test('the home page links every room, and the navigation says where one is', async (t) => {
  const home = (await app.inject('/')).body
  for (const { path, title, summary } of rooms) {
    t.ok(home.includes(`<h3><a href="${path}">${title}</a></h3>`))
    t.ok(home.includes(summary))
    t.match((await app.inject(path)).body, `<a href="${path}" aria-current="true">`)
  }
})

t.test('error pages say what happened and keep the rest to themselves', async (t) => {
  for (const { url, says } of ERRORS) t.match((await app.inject(url)).body, `<h1>${says}</h1>`)
  t.notMatch((await app.inject('/headers/error')).body, /thrown on purpose|\.ts|\.js:/)
})

t.test('the headers of a reply, asked for afterwards', async (t) => {
  for (const url of ['/headers', '/headers/report-only', '/headers/nowhere', '/headers/error']) {
    const page = await app.inject(url)
    const [, id = ''] = /data-live-headers="([^"]+)"/.exec(page.body) ?? []
    const reply = await app.inject(`/live-headers/${id}`)
    const { status, headers } = reply.json<{ status: number, headers: Array<{ name: string, value: string, note: string }> }>()
    const { date, connection, ...sent } = page.headers
    t.equal(status, page.statusCode)
    t.same(Object.fromEntries(headers.map(({ name, value }) => [name, value])), sent, 'they are those that were sent')
    t.same(headers.filter(({ note }) => note === 'Set by the application.'), [], 'there is a sentence on each')
    t.equal(reply.headers['cache-control'], 'no-store')
    t.equal((await app.inject(`/live-headers/${id}`)).statusCode, 200, 'a page that is gone back to may ask again')
  }
})

t.test('they are forgotten in time', async (t) => {
  const [, id = ''] = /data-live-headers="([^"]+)"/.exec((await app.inject('/headers')).body) ?? []
  for (let i = 0; i < 200; i++) await app.inject('/headers/nowhere')
  t.equal((await app.inject(`/live-headers/${id}`)).statusCode, 404)
})

t.test('a cookie is not handed to scripts', async (t) => {
  const app = await build()
  app.addHook('onRequest', (_request, reply, next) => {
    reply.header('set-cookie', 'session=secret; HttpOnly')
    next()
  })
  t.teardown(() => app.close())
  const [, id = ''] = /data-live-headers="([^"]+)"/.exec((await app.inject('/nowhere')).body) ?? []
  const { body } = await app.inject(`/live-headers/${id}`)
  t.notMatch(body, /secret/)
  t.match(body, /not shown to scripts/)
})

t.test('data have the shorter set', async (t) => {
  const { headers } = await app.inject('/headers/data')
  t.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
  t.equal(headers['referrer-policy'], 'no-referrer')
  t.notOk('permissions-policy' in headers)
})

t.test('the foreign picture minds nobody who embeds it', async (t) => {
  const { headers } = await app.inject('/headers/foreign.svg')
  t.match(headers, { 'content-type': /^image\/svg\+xml/, 'cross-origin-resource-policy': 'cross-origin' })
  for (const [host, foreign] of [['localhost:3000', '127.0.0.1:3000'], ['127.0.0.1:3000', 'localhost:3000'], ['demo.test', 'localhost']]) {
    t.match((await app.inject({ url: '/headers', headers: { host } })).body, `src="http://${foreign}/headers/foreign.svg"`)
  }
})

t.test('reports are counted, whatever they are', async (t) => {
  const payloads = [
    { type: 'application/csp-report', payload: '{"csp-report":{}}' },
    { type: 'application/reports+json', payload: '[]' },
    { type: 'application/csp-report', payload: 'not JSON \0' },
    { type: 'application/csp-report', payload: '' }
  ]
  for (const { type, payload } of payloads) {
    t.equal((await app.inject({ method: 'POST', url: '/headers/reports', headers: { 'content-type': type }, payload })).statusCode, 204)
  }
  t.same((await app.inject('/headers/reports')).json(), { reports: payloads.length })
  const long = await app.inject({ method: 'POST', url: '/headers/reports', headers: { 'content-type': 'application/csp-report' }, payload: 'x'.repeat(20_000) })
  t.equal(long.statusCode, 413)
  t.match(long.body, 'larger than this site accepts')
})

t.test('odd requests are refused, and none is a fault of the server', async (t) => {
  const odd = [
    { url: '/%', statusCode: 400 },
    { url: '/public/..%2f..%2fpackage.json', statusCode: 404 },
    { url: '/public/%00', statusCode: 403 },
    { url: '/live-headers/constructor', statusCode: 404 },
    { url: '/live-headers/' + 'x'.repeat(500), statusCode: 414 },
    { url: '/headers?' + 'a=1&'.repeat(1000), statusCode: 200 },
    { url: '/headers', headers: { host: 'evil"><script>alert(1)</script>' }, statusCode: 200 },
    { url: '/headers', headers: { host: ':::999999999999' }, statusCode: 200 },
    { url: '/headers', headers: { host: '' }, statusCode: 200 },
    { url: '/headers/nowhere', headers: { accept: 'application/json', cookie: ';;;=\u00ff' }, statusCode: 404 },
    { method: 'POST', url: '/headers', payload: '{', headers: { 'content-type': 'application/json' }, statusCode: 400 },
    { method: 'POST', url: '/headers/reports', payload: '{', headers: { 'content-type': 'application/json' }, statusCode: 400 },
    { method: 'POST', url: '/headers/reports', payload: 'x', headers: { 'content-type': 'text/html' }, statusCode: 415 },
    { method: 'HEAD', url: '/headers', statusCode: 200 },
    { method: 'DELETE', url: '/', statusCode: 404 }
  ] as const
  for (const { statusCode, ...request } of odd) {
    const reply = await app.inject(request)
    t.equal(reply.statusCode, statusCode, JSON.stringify(request).slice(0, 100))
    t.match(reply.headers['content-security-policy'], "default-src 'none'", 'the headers are there')
    t.notMatch(reply.body, '<script>alert', 'nothing of it is in the page')
  }
})

t.test('start', async (t) => {
  const said = t.capture(console, 'log')
  const running = await start({ port: 0 })
  t.teardown(() => running.close())
  const [message] = said()[0]?.args ?? []
  const [url = ''] = /http:\/\/localhost:\d+$/.exec(String(message)) ?? []
  t.equal((await fetch(url)).status, 200)
  const addresses = running.addresses().map((address) => typeof address === 'string' ? address : address.address)
  t.same(addresses.filter((address) => !['127.0.0.1', '::1'].includes(address)), [], 'for this machine only')
})
