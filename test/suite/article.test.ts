import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { openDatabase } from '../../docs/demo/database.ts'
import { build } from '../../docs/examples/from-flask/app.ts'
import type { Site } from '../../docs/examples/from-flask/site.ts'
import { generateKey } from '../../lib/keys.ts'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { formBody, CONTENT_TYPE } from '../lib/files/form-body.ts'
import { html as markup, png } from '../lib/files/samples.ts'
import { cert, key, listen } from './raw-http.ts'

// The article from end to end: one application, built only of what docs/from-flask.md shows, and every claim of the page asked of
// it over sockets, in the order of the page. The titles of the tests are the headings of the page.

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const article = read('docs/from-flask.md')
const examples = 'docs/examples/from-flask/'

const ORIGIN = 'https://app.example'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const PAGE = { accept: 'text/html' }
const OWN = { 'sec-fetch-site': 'same-origin' }

// ---- the application, on two ports

interface Reply { readonly status: number, readonly headers: IncomingHttpHeaders, readonly body: string }
interface Ask { readonly method?: string, readonly headers?: Readonly<Record<string, string>>, readonly body?: string | Buffer }

interface World {
  readonly site: Site
  readonly secure: number
  readonly plain: number
  readonly passwords: Map<string, string>
}

/** One reply, over https unless `port` is that of plain http. Redirects are not followed. */
function ask ({ secure }: World, url: string, { method = 'GET', headers = {}, body }: Ask = {}, port: number = secure): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url, method, headers: { host: 'app.example', connection: 'close', ...headers } }
    const request = port === secure ? httpsRequest({ ...options, ca: cert, servername: 'localhost' }) : httpRequest(options)
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
    request.end(body)
  })
}

/** A browser: it keeps cookies, and says that requests come from the own pages. */
class Browser {
  readonly jar = new Map<string, string>()
  readonly #world: World

  constructor (world: World) {
    this.#world = world
  }

  async send (url: string, { headers = {}, ...given }: Ask = {}): Promise<Reply> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await ask(this.#world, url, { ...given, headers: { ...OWN, ...headers, ...cookie !== '' && { cookie } } })
    for (const text of reply.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!
      if (text.includes('Max-Age=0')) this.jar.delete(name!)
      else this.jar.set(name!, value!)
    }
    return reply
  }

  async post (url: string, values: Record<string, string>): Promise<Reply> {
    return await this.send(url, { method: 'POST', headers: FORM, body: new URLSearchParams(values).toString() })
  }

  async signIn (more: Record<string, string> = {}): Promise<Reply> {
    return await this.post('/login', { name: 'Anna', password: 'plum umbrella fence', ...more })
  }
}

const folder = await mkdtemp(join(tmpdir(), 'article-'))
t.teardown(() => rm(folder, { recursive: true }))
const world = await start()

async function start (): Promise<World> {
  const database = openDatabase()
  t.teardown(() => database.close())
  const passwords = new Map([['1', 'plum umbrella fence']])
  const site: Site = {
    origin: ORIGIN,
    keys: { session: [generateKey()], csrf: [generateKey()] },
    store: memoryStore(),
    uploads: folder,
    database: { all: (sql, values) => database.all(sql, values as string[]) },
    users: {
      signIn: async (name, password) => name === 'Anna' && passwords.get('1') === password ? '1' : undefined,
      isPassword: async (id, password) => passwords.get(id) === password,
      changePassword: async (id, password) => { passwords.set(id, password) }
    }
  }
  const on = async (app: FastifyInstance): Promise<number> => await listen(t, app)
  return { site, passwords, secure: await on(await build({ ...site, tls: { key, cert } })), plain: await on(await build(site)) }
}

const cookieIn = (reply: Reply, name: string): string => (reply.headers['set-cookie'] ?? []).find((text) => text.startsWith(`${name}=`)) ?? ''
const fieldIn = (page: string, name: string): string => new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(page)?.[1] ?? ''
const policyOf = ({ headers }: Reply): string => String(headers['content-security-policy'])

// ---- the sections of the page

const SECTIONS: Readonly<Record<string, (t: Test) => Promise<void>>> = {
  'The application': async (t) => {
    const quoted = new Set([...article.matchAll(/^```\w+ (docs\/\S+)$/gm)].map(([, source]) => source!))
    for (const name of readdirSync(new URL(examples, root), { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => entry.name)) {
      const regions = [...read(`${examples}${name}`).matchAll(/#region (\w+)/g)].map(([, region]) => `${examples}${name}#${region!}`)
      for (const source of regions.length > 0 ? regions : [`${examples}${name}`]) t.ok(quoted.has(source), `the page shows ${source}`)
    }
    const imports = readdirSync(new URL(examples, root)).filter((name) => name.endsWith('.ts')).flatMap((name) => [...read(`${examples}${name}`).matchAll(/ from '([^']+)'/g)].map(([, source]) => source!))
    t.same([...new Set(imports)].filter((source) => !/^(?:fastify-bulwark\/|\.\/|@fastify\/(?:static|multipart)$|node:path$|fastify$|typebox$)/.test(source)), [], 'and it is built of nothing else')
    t.equal((await ask(world, '/account')).status, 200)
  },

  HTTPS: async (t) => {
    const page = await ask(world, '/account?a=1', { headers: PAGE }, world.plain)
    t.match(page, { status: 308, headers: { location: 'https://app.example/account?a=1' } }, 'a page is led to https')
    t.notOk('strict-transport-security' in page.headers, 'which is not said over http, where browsers do not listen')
    const secret = await ask(world, '/login', { method: 'POST', headers: JSON_TYPE, body: '{"name":"Anna","password":"plum umbrella fence"}' }, world.plain)
    t.equal(secret.status, 403, 'a program that sends a password over http is refused')
    t.notOk('location' in secret.headers || 'set-cookie' in secret.headers, 'and neither led on nor signed in')
    const over = await ask(world, '/account', { headers: PAGE })
    t.equal(over.headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
    const proxied = await ask(world, '/account', { headers: { ...PAGE, 'x-forwarded-proto': 'https' } }, world.plain)
    t.equal(proxied.status, 200, 'what the proxy says of the scheme counts')
    t.equal(proxied.headers['strict-transport-security'], over.headers['strict-transport-security'])
    for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-host': 'evil.example' }]) t.equal((await ask(world, '/account', { headers })).status, 421, `${JSON.stringify(headers)} is not ours`)
  },

  'Forms and validation': async (t) => {
    const browser = new Browser(world)
    const { body: blank } = await browser.send('/account', { headers: PAGE })
    const activation = fieldIn(blank, 'activation_key')
    t.match(activation, /^[0-9a-f-]{36}$/, 'the hidden field is filled')
    t.match(blank, 'name="username" type="text" required minlength="3" maxlength="25"', 'the browser is told the same rules')
    const values = { username: 'anna', email: 'new@example.com', activation_key: activation }
    const send = async (more: Record<string, string>): Promise<Reply> => await browser.send('/account', { method: 'POST', headers: { ...FORM, ...PAGE }, body: new URLSearchParams({ ...values, ...more }).toString() })
    for (const [more, message, what] of [
      [{ username: '' }, 'This field is required.', 'a name is required'],
      [{ username: 'ab' }, 'at least 3', 'of 3 characters'],
      [{ username: 'a'.repeat(26) }, 'at most 25', 'and 25 at most'],
      [{ username: '1anna' }, 'Usernames must have only letters, numbers, dots or underscores.', 'that begins with a letter'],
      [{ email: 'nobody' }, 'e-mail address', 'an address is one'],
      [{ email: 'taken@example.com' }, 'This email is taken.', 'which the database does not have']
    ] as const) {
      const reply = await send(more)
      t.equal(reply.status, 422, what)
      t.match(reply.body, message, what)
      t.equal(fieldIn(reply.body, 'activation_key'), activation, 'what was right is still there')
    }
    t.equal((await send({ activation_key: 'changed' })).status, 422, 'a hidden field is checked like any other')
    const script = await send({ username: '"><script>alert(1)</script>' })
    t.match(script.body, 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"', 'what was entered comes back as text')
    const asJson = async (body: object): Promise<Reply> => await browser.send('/account', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
    const problem = await asJson({ ...values, email: 'taken@example.com' })
    t.match(problem, { status: 422, headers: { 'content-type': /^application\/problem\+json/ } })
    t.same((JSON.parse(problem.body) as { errors: object }).errors, { email: ['This email is taken.'] }, 'a program uses the same address')
    t.same(JSON.parse((await asJson(values)).body), { welcome: 'anna' })
    t.equal((await asJson({ ...values, admin: true })).status, 422, 'a field that nobody meant is refused')
    t.equal((await asJson({ ...values, username: ['anna'] })).status, 422, 'and nothing is turned into something else')
    t.equal((await browser.send('/account', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify(values) })).status, 415)
  },

  'SQL injection': async (t) => {
    const names = async (query: Record<string, string>): Promise<string[]> => (JSON.parse((await ask(world, `/people?${new URLSearchParams(query).toString()}`)).body) as Array<{ name: string }>).map(({ name }) => name)
    t.same(await names({ name: 'Anna' }), ['Anna'])
    t.same(await names({ name: "Pat O'Neil" }), ["Pat O'Neil"], 'a quote is a letter')
    for (const name of ["' OR '1'='1", "x' UNION SELECT sql FROM sqlite_master --"]) t.same(await names({ name }), [], `${name} is a name that nobody has`)
    t.same(await names({ by: 'newest' }), ['Anna', "Pat O'Neil", 'Taken'])
    t.same(await names({ like: '%' }), [], 'a percent sign that was typed stands for itself')
    t.equal((await ask(world, '/people?by=id;DROP TABLE users'.replaceAll(' ', '%20'))).status, 400, 'a column comes from a list')
    t.equal((await ask(world, '/people?name=a&name=b')).status, 400)
  },

  'Security headers': async (t) => {
    const page = await ask(world, '/account')
    const expected = { 'strict-transport-security': /max-age=31536000/, 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'strict-origin-when-cross-origin', 'content-security-policy': /frame-ancestors 'none'/ }
    t.match(page.headers, { ...expected, 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' })
    for (const [url, status] of [['/address', 200], ['/nowhere', 404], ['/%zz', 400], ['/people?by=x', 400]] as const) {
      const reply = await ask(world, url)
      t.equal(reply.status, status)
      t.match(reply.headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': /frame-ancestors 'none'/ }, `${url} has them, too`)
    }
    t.match((await ask(world, '/address')).headers, { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }, 'JSON gets what it needs')
    t.notOk('x-xss-protection' in page.headers)
    t.notOk('server' in page.headers || 'x-powered-by' in page.headers)
  },

  'Content Security Policy and the nonce': async (t) => {
    const [first, second] = [await ask(world, '/account'), await ask(world, '/account')]
    const nonceOf = (reply: Reply): string => /script-src 'nonce-([\w-]+)' 'strict-dynamic'/.exec(policyOf(reply))![1]!
    t.not(nonceOf(first), nonceOf(second), 'a nonce is for one reply')
    t.ok(Buffer.from(nonceOf(first), 'base64url').length >= 16, 'of 128 bits')
    t.same([...first.body.matchAll(/<script nonce="([^"]+)"/g)].map(([, nonce]) => nonce), [nonceOf(first), nonceOf(first)], 'and stands where the template says')
    for (const directive of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"]) t.match(policyOf(first), directive)
    t.notMatch(policyOf(first), /script-src[^;]*(?:cdn\.example|'unsafe-inline'|'self')/, 'no host is trusted with scripts')
    const injected = await ask(world, '/account', { method: 'POST', headers: { ...OWN, ...FORM, ...PAGE }, body: 'username=<script>alert(1)</script>' })
    t.equal(injected.body.split(nonceOf(injected)).length - 1, 2, 'what a visitor wrote gets no nonce')
    t.notMatch(injected.body, '<script>')
  },

  'Subresource Integrity': async (t) => {
    const { body } = await ask(world, '/account')
    const hashOf = (bytes: string): string => `sha384-${createHash('sha384').update(bytes).digest('base64')}`
    for (const url of ['/public/app.js', '/public/site.css']) {
      const served = await ask(world, url)
      t.equal(served.status, 200)
      t.match(body, `"${url}" integrity="${hashOf(served.body)}" crossorigin`, `${url} is what was served`)
    }
    const { assets } = JSON.parse(read(`${examples}sri-lock.json`)) as { assets: Record<string, { integrity: string }> }
    for (const [url, { integrity }] of Object.entries(assets)) t.match(body, `"${url}" integrity="${integrity}" crossorigin`, `${url} is what was locked`)
    t.equal(Object.keys(assets).length, 1)
    t.equal([...body.matchAll(/<(?:script|link)\b/g)].length, [...body.matchAll(/integrity="sha384-/g)].length, 'no tag is without')
  },

  'Cookies and the session': async (t) => {
    const browser = new Browser(world)
    const signedIn = await browser.signIn()
    t.match(signedIn, { status: 303, headers: { location: `${ORIGIN}/me` } })
    const cookie = cookieIn(signedIn, '__Host-session')
    t.match(cookie, /; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    t.notMatch(cookie, /Domain|Max-Age|Expires/i)
    const value = browser.jar.get('__Host-session')!
    t.notMatch(Buffer.from(value, 'base64').toString('latin1') + value, /user|"1"/, 'nobody reads what is in it')
    const me = await browser.send('/me')
    t.same(JSON.parse(me.body), { user: '1', remembered: false })
    t.match(me.headers, { 'cache-control': 'no-store', vary: 'Cookie' }, 'and no cache keeps the page')
    const changed = await ask(world, '/me', { headers: { cookie: `__Host-session=${value.slice(0, -2)}AA` } })
    t.equal(changed.status, 401, 'a cookie that was changed is none')
    await browser.signIn()
    t.not(browser.jar.get('__Host-session'), value, 'a login makes a new one')
    t.equal((await ask(world, '/me', { headers: { cookie: `__Host-session=${value}` } })).status, 401, 'and ends the one before')
    const last = browser.jar.get('__Host-session')!
    const out = await browser.send('/logout', { method: 'POST' })
    t.match(out.headers, { 'clear-site-data': '"cache", "storage"' })
    t.equal((await ask(world, '/me', { headers: { cookie: `__Host-session=${last}` } })).status, 401, 'after the logout a copy of the cookie is dead')
    t.match(await ask(world, '/me', { headers: PAGE }), { status: 302, headers: { location: '/login?next=%2Fme' } }, 'a page asks to sign in')
    const wrong = await browser.signIn({ password: 'wrong' })
    t.equal(wrong.status, 422)
    t.notMatch(wrong.body, 'wrong"', 'a password never comes back')
  },

  'Remember-me': async (t) => {
    const [browser, thief] = [new Browser(world), new Browser(world)]
    t.notOk(cookieIn(await browser.signIn(), '__Host-remember'), 'nobody is remembered who did not ask')
    const signedIn = await browser.signIn({ remember: 'on' })
    t.match(cookieIn(signedIn, '__Host-remember'), /; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    const token = browser.jar.get('__Host-remember')!
    browser.jar.delete('__Host-session')
    t.same(JSON.parse((await browser.send('/me')).body), { user: '1', remembered: true }, 'the device signs in again')
    t.not(browser.jar.get('__Host-remember'), token, 'and gets another token')
    const json = (url: string, password: string): Promise<Reply> => browser.send(url, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ password }) })
    t.equal((await json('/password', 'fence umbrella plum')).status, 401, 'who is only remembered changes no password')
    t.equal((await json('/confirm', 'not it')).status, 422)
    t.equal((await json('/confirm', world.passwords.get('1')!)).status, 200)
    await thief.signIn({ remember: 'on' })
    t.equal((await json('/password', 'passwordpassword')).status, 422, 'a password that everybody knows is refused')
    const changed = await json('/password', 'fence umbrella plum')
    t.ok((JSON.parse(changed.body) as { ended: number }).ended >= 1)
    t.equal((await thief.send('/me')).status, 401, 'a new password ends every other session and device')
    t.equal((await browser.send('/me')).status, 200)
    world.passwords.set('1', 'plum umbrella fence')
    await browser.send('/logout', { method: 'POST' })
    t.notOk(browser.jar.has('__Host-remember'), 'a logout forgets the device')
  },

  'Cross-site request forgery': async (t) => {
    const browser = new Browser(world)
    const { body: page } = await browser.send('/login')
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    t.match([...browser.jar.keys()], [/^__Host-csrf-/])
    const post = (headers: Record<string, string>, more: Record<string, string> = {}): Promise<Reply> => ask(world, '/login', { method: 'POST', headers: { ...FORM, ...headers }, body: new URLSearchParams({ name: 'Anna', password: 'plum umbrella fence', ...more }).toString() })
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { referer: 'https://evil.example/' }, { origin: 'null' }] as Array<Record<string, string>>) {
      t.equal((await post({ ...headers, cookie })).status, 403, `${JSON.stringify(headers)} is refused`)
      t.equal((await ask(world, '/language', { method: 'POST', headers: { ...headers, cookie, 'content-type': 'text/plain' }, body: 'x' })).status, 403, 'whatever the kind of the body')
    }
    t.equal((await post({ 'sec-fetch-site': 'same-origin' })).status, 303, 'the own pages need no token where the browser says so')
    const token = { _csrf: fieldIn(page, '_csrf') }
    t.equal((await post({ cookie, origin: 'null' }, token)).status, 303, 'and where it does not, the token does')
    t.equal((await post({ origin: 'null' }, token)).status, 403, 'the token is worth nothing without its cookie')
    t.equal((await post({ cookie, origin: 'null' }, { _csrf: `${token._csrf.slice(0, -2)}AA` })).status, 403)
    t.not(fieldIn((await browser.send('/login')).body, '_csrf'), token._csrf, 'it is another text on every page')
  },

  Uploads: async (t) => {
    const browser = new Browser(world)
    const send = (data: Buffer, filename: string, headers: Record<string, string> = PAGE): Promise<Reply> => browser.send('/pictures', { method: 'POST', headers: { 'content-type': CONTENT_TYPE, ...headers }, body: formBody({ name: 'title', data: 'Me' }, { name: 'picture', filename, data }) })
    t.equal((await send(png(), 'me.png', {})).status, 401, 'strangers send nothing')
    await browser.signIn()
    const stored = JSON.parse((await send(png(), '../../me.png')).body) as { id: string, name: string, type: string }
    t.match(stored, { id: /^[0-9a-f]{32}\.png$/, name: 'me.png', type: 'image/png' })
    t.same(await readdir(folder), [stored.id], 'it is stored under a name of ours')
    for (const [data, name, what] of [[markup, 'me.png', 'a page'], [Buffer.concat([png(), Buffer.from('<script>')]), 'me.png', 'a picture with a page behind it'], [png(), 'me.php', 'another name']] as const) {
      const refused = await send(data, name)
      t.equal(refused.status, 422, `${what} is no picture`)
      t.match(refused.body, '<form method="post" enctype="multipart/form-data">', 'and the form comes again')
    }
    t.equal((await send(Buffer.alloc(2_000_001), 'me.png')).status, 413)
    t.same(await readdir(folder), [stored.id], 'nothing of it is left')
    const shown = await ask(world, `/pictures/${stored.id}`)
    t.match(shown.headers, { 'content-disposition': /^attachment; filename="picture/, 'x-content-type-options': 'nosniff', 'content-security-policy': /sandbox/ })
    for (const url of ['/pictures/..%2f..%2fetc%2fpasswd', '/pictures/%2fetc%2fpasswd', '/pictures/..']) t.equal((await ask(world, url)).status, 404, url)
  },

  'Open redirects': async (t) => {
    for (const next of ['https://someothersite.org', 'file:///', '//evil.example', '/\\evil.example', '/\t/evil.example', 'https://app.example@evil.example', 'https://app.example.evil.example', 'javascript:alert(1)', 'http://app.example/me']) {
      t.equal((await ask(world, `/login?next=${encodeURIComponent(next)}`)).status, 400, `${next} is refused before anybody signs in`)
    }
    for (const [query, location] of [['?next=/people', `${ORIGIN}/people`], [`?next=${ORIGIN}/people`, `${ORIGIN}/people`], ['', `${ORIGIN}/me`]] as const) {
      const url = `/login${query}`
      t.equal((await ask(world, url)).status, 200)
      const browser = new Browser(world)
      t.match(await browser.post(url, { name: 'Anna', password: 'plum umbrella fence' }), { status: 303, headers: { location } }, `${url} leads to ${location}`)
    }
    const browser = new Browser(world)
    t.equal((await browser.signIn({ next: 'https://someothersite.org' })).headers.location, `${ORIGIN}/me`, 'a field that the form does not have leads nowhere')
  },

  'Referer and X-Forwarded-For': async (t) => {
    const { ip } = JSON.parse((await ask(world, '/address', { headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.7' } })).body) as { ip: string }
    t.equal(ip, '203.0.113.7', 'what the proxy saw, and not what the visitor wrote in front of it')
    const back = async (headers: Record<string, string>): Promise<string | undefined> => (await ask(world, '/language', { method: 'POST', headers: { ...OWN, ...headers } })).headers.location
    t.equal(await back({ referer: `${ORIGIN}/people` }), `${ORIGIN}/people`)
    for (const referer of ['https://evil.example/', 'https://app.example.evil.example/', 'javascript:alert(1)', '//evil.example']) t.equal(await back({ referer }), `${ORIGIN}/account`, `${referer} leads nowhere`)
    t.equal(await back({}), `${ORIGIN}/account`, 'and many browsers send none')
  },

  'Checking with curl -I': async (t) => {
    const [head, get] = [await ask(world, '/account', { method: 'HEAD' }), await ask(world, '/account')]
    t.equal(head.body, '')
    const shape = ({ headers }: Reply): object => Object.fromEntries(Object.entries(headers).filter(([name]) => !['date', 'set-cookie'].includes(name)).map(([name, value]) => [name, String(value).replace(/nonce-[\w-]+/g, 'nonce')]))
    t.same(shape(head), shape(get), 'HEAD has the headers of GET')
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('bin/fastify-bulwark.mjs', root)), 'headers', `https://localhost:${world.secure}/account`, '--json', '--min', 'A+'], { env: { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(new URL('test/corpora/tls-certificate.pem', root)) } })
    const { observatory } = JSON.parse(stdout) as { observatory: { grade: string } }
    t.equal(observatory.grade, 'A+', 'and the command line judges them')
  },

  'What was corrected since': async (t) => {
    const rows = [...article.slice(article.indexOf('## What was corrected since')).matchAll(/^\| .+? \|.*\[([^\]]+)\]\(#[^)]+\) \|$/gm)].map(([, section]) => section!)
    t.ok(rows.length >= 9)
    t.same(rows.filter((section) => !(section in SECTIONS)), [], 'each row names the section whose test shows it')
  }
}

for (const [title, run] of Object.entries(SECTIONS)) t.test(title, run)

t.test('the page has these sections, in this order', async (t) => {
  t.same([...article.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^## (.+)$/gm)].map(([, title]) => title), Object.keys(SECTIONS))
})
