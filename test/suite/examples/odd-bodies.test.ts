import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { generateKey } from '../../../lib/keys.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { startProgram } from './example.ts'

// What people copy must hold on the open network: to every route of every example that takes a body, bodies are sent that its
// author did not think of. None may be the fault of the server, and each is answered. Routes are read from the sources, so
// that an example that is added is tried as well.

const root = new URL('../../../../', import.meta.url)
const examples = new URL('docs/examples/', root)

const METHODS = ['post', 'put', 'patch', 'delete']

interface Route { readonly method: string, readonly url: string }

/** The routes of a program that take a body, by their declarations: `app.post('/a', …)` and `{ method: ['POST'], url: '/a' }`. */
function routesOf (source: string): Route[] {
  const routes: Route[] = []
  const text = (node: ts.Node | undefined): string[] => node === undefined ? [] : ts.isStringLiteral(node) ? [node.text] : ts.isArrayLiteralExpression(node) ? node.elements.flatMap(text) : []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && METHODS.includes(node.expression.name.text)) {
      routes.push(...text(node.arguments[0]).filter((url) => url.startsWith('/')).map((url) => ({ method: (node.expression as ts.PropertyAccessExpression).name.text, url })))
    }
    if (ts.isObjectLiteralExpression(node)) {
      const value = (name: string): string[] => text(node.properties.filter(ts.isPropertyAssignment).find((property) => property.name.getText() === name)?.initializer)
      for (const url of value('url')) routes.push(...value('method').map((method) => ({ method: method.toLowerCase(), url })))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('example.ts', source, ts.ScriptTarget.Latest, true))
  return routes.filter(({ method }) => METHODS.includes(method))
}

const JSON_TYPE = 'application/json'
const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=b'
const part = (disposition: string, data: string): string => `--b\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${data}\r\n--b--\r\n`

/** What, type, text. */
const BODIES: ReadonlyArray<readonly [string, string | undefined, string | undefined]> = [
  ['nothing', undefined, undefined],
  ...['', 'null', '[]', '[null]', '{}', '0', 'true', '"text"', '{', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":1}}',
    '{"password":null,"userId":{},"next":[],"text":1,"remember":"x","email":[],"title":{},"username":{"toString":1}}',
    '{"password":"","userId":"","next":"","text":"","email":"","title":"","username":""}'
  ].map((text) => [`JSON ${text}`, JSON_TYPE, text] as const),
  ...['', 'a', '&&==', 'next[]=1&next=2&password[a]=1&userId=%00', 'next=%ff%fe&password=%&text=%E0%A4%A', `next=${'/'.repeat(3000)}`, '__proto__[a]=1&constructor=2'].map((text) => [`form ${text.slice(0, 40)}`, FORM, text] as const),
  ['multipart without a boundary', 'multipart/form-data', 'x'],
  ['multipart that is none', MULTIPART, 'x'],
  ['multipart with a field', MULTIPART, part('name="password"', 'x')],
  ['multipart with a file', MULTIPART, part('name="avatar"; filename="a.png"', 'x')],
  ['multipart that is cut off', MULTIPART, '--b\r\ncontent-disposition: form-data; name="avatar"; filename="a.png"\r\n\r\nx'],
  ['text', 'text/plain', 'x'],
  ['a type that nobody knows', 'a/b', 'x'],
  ['a type that is none', ';;', 'x']
]

const key = generateKey()

type Send = (route: Route, headers: Record<string, string>, body: string | undefined) => Promise<{ status: number, cookies: string[] }>

/** A log-in that fits every example that has one. */
const LOGIN = JSON.stringify({ userId: '42', name: 'Anna', password: 'right' })

async function bombard (t: Test, routes: readonly Route[], send: Send): Promise<void> {
  const urls = routes.map((route) => ({ ...route, url: route.url.replace(/:\w+/g, 'a') }))
  // A browser of the own site, and one that has logged in.
  const own = { 'sec-fetch-site': 'same-origin' }
  const login = urls.find(({ method, url }) => method === 'post' && url === '/login')
  const { cookies } = login === undefined ? { cookies: [] } : await send(login, { ...own, 'content-type': JSON_TYPE }, LOGIN)
  const visitors = [{}, own, ...cookies.length === 0 ? [] : [{ ...own, cookie: cookies.join('; ') }]]
  const statuses: number[] = []
  for (const visitor of visitors) {
    for (const route of urls) {
      for (const [what, type, body] of BODIES) {
        const { status } = await send(route, { ...visitor, ...type !== undefined && { 'content-type': type } }, body)
        statuses.push(status)
        if (!(status >= 200 && status < 500)) t.fail(`${route.method} ${route.url} with ${what}: ${status}`)
      }
    }
  }
  t.equal(statuses.length, visitors.length * urls.length * BODIES.length, 'each was answered')
}

const pairOf = (text: string): string => text.split(';')[0]!

const injected = (app: FastifyInstance): Send => async ({ method, url }, headers, payload) => {
  const reply = await app.inject({ method: method as 'POST', url, headers, ...payload !== undefined && { payload } })
  return { status: reply.statusCode, cookies: [reply.headers['set-cookie'] ?? []].flat().map(pairOf) }
}

const fetched = (address: string): Send => async ({ method, url }, headers, body) => {
  const reply = await fetch(`${address}${url}`, { method: method.toUpperCase(), headers, body: body ?? null, redirect: 'manual', signal: AbortSignal.timeout(20_000) })
  await reply.arrayBuffer()
  return { status: reply.status, cookies: reply.headers.getSetCookie().map(pairOf) }
}

async function folder (t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'odd-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

/** What the builders are given. */
const ARGUMENTS: Readonly<Record<string, (t: Test) => Promise<unknown[]> | unknown[]>> = {
  'csrf/report.ts': () => [() => {}],
  'files/documents.ts': async (t) => [await folder(t), []],
  'from-flask/app.ts': async (t) => [{
    origin: 'https://app.example',
    keys: { session: [key], csrf: [key] },
    store: memoryStore(),
    uploads: await folder(t),
    database: { all: () => [] },
    users: { signIn: async () => '42', isPassword: async () => true, changePassword: async () => {} }
  }],
  'input/sign-up.ts': () => [{ exists: async () => false, create: async () => {} }, async () => ''],
  'redirect/route-settings.ts': () => ['http://127.0.0.1:9/'],
  'redirect/signed-next.ts': () => [[generateKey()]],
  'remember/devices.ts': () => [{ isPassword: async () => true, setPassword: async () => {}, remove: async () => {} }, () => {}],
  'session/key-rotation.ts': () => [generateKey()],
  'session/requirements.ts': () => [async (password: string) => password.toLowerCase() === 'right']
}

/** Applications in several files: what builds them, by their folder. */
const BUILT_BY: Readonly<Record<string, string>> = { 'from-flask': 'from-flask/app.ts' }

/** Examples that need a server of another kind; their routes are those of `session/migration-after.ts`. */
const ELSEWHERE = ['session/with-redis.ts']

const files = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(new URL(`${name}/`, examples)).filter((file) => /\.[mc]?[tj]s$/.test(file)).map((file) => `${name}/${file}`)).sort()

const sourceOf = (file: string): string => readFileSync(new URL(file, examples), 'utf8')
const programs = new Map<string, Route[]>()
for (const file of files) {
  const routes = routesOf(sourceOf(file))
  if (routes.length === 0 || ELSEWHERE.includes(file)) continue
  const program = BUILT_BY[file.split('/')[0]!] ?? file
  programs.set(program, [...programs.get(program) ?? [], ...routes])
}

for (const [file, routes] of programs) {
  const source = sourceOf(file)
  t.test(`${file}: ${routes.map(({ method, url }) => `${method} ${url}`).join(', ')}`, async (t) => {
    const compiled = new URL(file.endsWith('.ts') ? `dist/docs/examples/${file.replace(/ts$/, 'js')}` : `docs/examples/${file}`, root)
    if (source.includes('.listen(')) {
      const address = await startProgram(t, compiled.pathname, {}, await folder(t))
      return await bombard(t, routes, fetched(address))
    }
    // What the example reads from the environment, in the notation of its time.
    process.env['SESSION_KEY'] = file.endsWith('.mjs') ? Buffer.from(key, 'base64url').toString('hex') : key
    const { build } = await import(compiled.href) as { build (...values: unknown[]): Promise<FastifyInstance> }
    const app = await build(...await ARGUMENTS[file]?.(t) ?? [])
    t.teardown(() => app.close())
    await bombard(t, routes, injected(app))
  })
}

t.test('a route is found in either way of declaring it', async (t) => {
  t.same(routesOf("app.post<{ Body: X }>('/a', { schema }, f); app.get('/b', f); set.delete('b'); app.route({ method: ['GET', 'POST'], url: '/c' }); app.route({ method: 'PUT', url: '/d' })"),
    [{ method: 'post', url: '/a' }, { method: 'post', url: '/c' }, { method: 'put', url: '/d' }])
  t.same(Object.keys(ARGUMENTS).filter((file) => !programs.has(file)), [], 'no argument for an example that is gone')
})
