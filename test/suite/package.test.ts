import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import t from 'tap'
import { bytesOf, foldersOf } from './installed-size.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Outside the tree, where nothing can be found in the tree's own node_modules. */
const folder = mkdtempSync(join(tmpdir(), 'fastify-bulwark-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

interface Manifest {
  [key: string]: unknown
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly exports: Record<string, string>
}

interface Tarball {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** Whatever `files` and npm's own rules let through beyond what is meant to be published. */
function strayFiles (paths: readonly string[]): string[] {
  return paths.filter((path) => !/^(dist\/(plugins|lib)\/.+(?<!\.test)\.d\.ts|dist\/bundle\/.+\.js|bin\/fastify-bulwark\.mjs|package\.json|README\.md|LICENSE)$/.test(path))
}

const [tarball] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  shell: process.platform === 'win32'
})) as [Tarball]
const archive = join(folder, tarball.filename)

const project = join(folder, 'project')
const installed = join(project, 'node_modules/fastify-bulwark')
mkdirSync(installed, { recursive: true })
execFileSync('tar', ['-xzf', archive, '-C', installed, '--strip-components=1'])
const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest

// What npm would install for this manifest and no more, so that a dependency which is not declared is missing here too.
// Links are quicker than an installation, and need neither network nor cache.
for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), '@types/node']) {
  const link = join(project, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), link, 'junction')
}

function write (file: string, text: string): void {
  writeFileSync(join(project, file), text)
}

const USE = `
  const app = Fastify()
  app.register(headers)
  app.get('/', (request, reply) => reply.type('text/html').send('<script nonce="' + request.cspNonce + '"></script>'))
  app.inject('/').then(({ statusCode, headers: { 'content-security-policy': policy }, body }) => {
    const nonce = body.slice('<script nonce="'.length, -'"></script>'.length)
    const isCoded = new SecurityError('BULWARK_ERR_HEADERS_SENT') instanceof Error
    console.log(JSON.stringify({ statusCode, isNonced: nonce.length > 21 && policy.includes("'nonce-" + nonce + "'"), isCoded, isDefault }))
  })
`
const WORKS = { statusCode: 200, isNonced: true, isCoded: true, isDefault: true }

t.test('the tarball holds the compiled code, the manifest, the front page and the licence', async (t) => {
  const paths = tarball.files.map(({ path }) => path)
  t.same(strayFiles(paths), [])
  for (const path of ['dist/bundle/headers.js', 'dist/plugins/headers.d.ts', 'dist/bundle/errors.js', 'dist/lib/errors.d.ts', 'dist/lib/session/stores/redis.d.ts', 'bin/fastify-bulwark.mjs', 'dist/bundle/cli/main.js', 'README.md', 'LICENSE']) {
    t.ok(paths.includes(path), path)
  }
})

t.test('a file that does not belong into the tarball is found', async (t) => {
  const strays = [
    'dist/test/lib/errors.test.js', 'dist/lib/errors.test.d.ts', 'dist/lib/errors.js', 'dist/.tsbuildinfo', 'dist/lib/.tsbuildinfo', 'dist/docs/demo/server.js', 'lib/errors.ts',
    'dist/lib/errors.ts', 'dist/bundle/errors.js.map', '.ci/run', 'bin/other.mjs', 'package-lock.json', 'tsconfig.json'
  ]
  t.same(strayFiles([...strays, 'dist/bundle/errors.js', 'dist/lib/headers/nonce.d.ts', 'package.json']), strays)
})

t.test('the manifest says what the architecture page says', async (t) => {
  t.match(manifest, {
    name: 'fastify-bulwark',
    type: 'module',
    license: 'MIT',
    sideEffects: false,
    engines: { node: '>=20.19' }
  })
  t.same(manifest.peerDependencies, { fastify: '^5.12.2' })
  t.same(Object.keys(manifest.dependencies), ['@fastify/cookie', '@fastify/secure-session', 'fastify-plugin', 'typebox'])
  t.same(manifest['bin'], { 'fastify-bulwark': 'bin/fastify-bulwark.mjs' })
  t.notOk('main' in manifest, 'there is no entry beside those of `exports`')
})

const programs: [title: string, file: string, text: string][] = [
  ['an ECMAScript module imports the package', 'use.mjs', `
    import Fastify from 'fastify'
    import byDefault, { headers } from 'fastify-bulwark/headers'
    import { SecurityError } from 'fastify-bulwark/errors'
    const isDefault = byDefault === headers
    ${USE}`],
  ['a CommonJS module requires the package', 'use.cjs', `
    const Fastify = require('fastify')
    const { headers, default: byDefault } = require('fastify-bulwark/headers')
    const { SecurityError } = require('fastify-bulwark/errors')
    const isDefault = byDefault === headers
    ${USE}`]
]
for (const [title, file, text] of programs) {
  t.test(title, async (t) => {
    write(file, text)
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: project, encoding: 'utf8' })
    t.equal(status, 0, { stderr })
    t.same(JSON.parse(stdout), WORKS)
  })
}

for (const way of ['import', 'require']) {
  t.test(`every subpath by ${way}, and an application of all plugins that is made so`, async (t) => {
    const { WORKS } = await import(new URL('../../../test/compat/application.mjs', import.meta.url).href) as { WORKS: object }
    // The one plugin of somebody else that uploads need.
    const multipart = 'node_modules/@fastify/multipart'
    symlinkSync(join(root, multipart), join(project, multipart), 'junction')
    t.teardown(() => rmSync(join(project, multipart)))
    for (const file of ['consumer.cjs', 'application.mjs']) copyFileSync(join(root, 'test/compat', file), join(project, file))
    const { stdout, stderr } = spawnSync(process.execPath, ['consumer.cjs', way], { cwd: project, encoding: 'utf8' })
    t.not(stdout, '', stderr)
    const { loaded, answers } = JSON.parse(stdout) as { loaded: object, answers: object }
    t.same(loaded, Object.fromEntries(Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json').map((subpath) => [subpath, true])))
    t.same(answers, WORKS)
  })
}

t.test('the program runs from the package, and loads an application beside it', async (t) => {
  const program = join(installed, 'bin/fastify-bulwark.mjs')
  t.equal(spawnSync(process.execPath, [program, '--version'], { cwd: project, encoding: 'utf8' }).stdout.trim(), manifest['version'])
  write('checked.mjs', `
    import Fastify from 'fastify'
    import { headers } from 'fastify-bulwark/headers'
    const app = Fastify()
    app.register(headers)
    app.get('/', (request, reply) => reply.type('text/html').send('hello'))
    export default app`)
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'check', 'checked.mjs', '--fail-on', 'info'], { cwd: project, encoding: 'utf8' })
  t.equal(status, 0, { stdout, stderr })
  t.match(stdout, /^GET \/ {2}200 text\/html\n {2}plugins {2}headers\n/)
})

t.test('nothing but the subpaths can be imported', async (t) => {
  for (const name of ['fastify-bulwark/bulwark', 'fastify-bulwark/dist/bundle/errors.js', 'fastify-bulwark/lib/options']) {
    write('refused.mjs', `await import('${name}')`)
    const { stderr } = spawnSync(process.execPath, ['refused.mjs'], { cwd: project, encoding: 'utf8' })
    t.match(stderr, 'ERR_PACKAGE_PATH_NOT_EXPORTED', name)
  }
})

t.test('one plugin loads none of the others, and the package itself loads all', async (t) => {
  const stems = readdirSync(join(root, 'plugins')).map((file) => file.slice(0, -'.ts'.length))
  const parts = stems.filter((stem) => stem !== 'bulwark')
  write('hook.mjs', 'export async function load (url, context, next) { process._rawDebug(url); return await next(url, context) }')
  write('load.mjs', "import { register } from 'node:module'; register('./hook.mjs', import.meta.url); await import(process.argv[2])")
  for (const stem of stems) {
    const name = stem === 'bulwark' ? 'fastify-bulwark' : `fastify-bulwark/${stem}`
    const { stderr } = spawnSync(process.execPath, ['load.mjs', name], { cwd: project, encoding: 'utf8' })
    const bundles = [...stderr.matchAll(/^file:.*\/dist\/bundle\/.+\.js$/gm)].map(([url]) => readFileSync(fileURLToPath(url), 'utf8'))
    // Above the code of each module the bundle says where it comes from.
    const loaded = new Set(bundles.flatMap((text) => [...text.matchAll(/^\/\/ dist\/plugins\/(\w+)\.js$/gm)]).map(([, plugin]) => plugin!))
    t.same([...loaded].sort(), stem === 'bulwark' ? [...parts, stem].sort() : [stem], name)
  }
})

t.test('the stores and their kit need no client to be installed', async (t) => {
  write('stores.mjs', `
    import { testSessionStore } from 'fastify-bulwark/session/conformance'
    import { memoryStore } from 'fastify-bulwark/session/stores/memory'
    import 'fastify-bulwark/session/stores/postgres'
    import 'fastify-bulwark/session/stores/redis'
    for (const { run } of testSessionStore({ name: 'memory', create: () => memoryStore() }).slice(0, 5)) await run()
    console.log('done')
  `)
  const { stdout, stderr } = spawnSync(process.execPath, ['stores.mjs'], { cwd: project, encoding: 'utf8' })
  t.same({ stdout, stderr }, { stdout: 'done\n', stderr: '' })
})

t.test('TypeScript accepts the package under strict, the declarations of the libraries included', async (t) => {
  write('package.json', '{ "type": "module" }')
  write('tsconfig.json', JSON.stringify({
    compilerOptions: { module: 'nodenext', target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, skipLibCheck: false, noEmit: true },
    files: ['consumer.ts', 'consumer.cts']
  }))
  write('consumer.ts', `
    import Fastify from 'fastify'
    import byDefault, { headers } from 'fastify-bulwark/headers'
    import { SecurityError } from 'fastify-bulwark/errors'
    import { requireLogin, session } from 'fastify-bulwark/session'
    import { testSessionStore } from 'fastify-bulwark/session/conformance'
    import { memoryStore } from 'fastify-bulwark/session/stores/memory'
    import { postgresStore } from 'fastify-bulwark/session/stores/postgres'
    import { redisStore } from 'fastify-bulwark/session/stores/redis'

    export const cases: string[] = testSessionStore({ name: 'memory', create: () => memoryStore() }).map(({ title }) => title)
    // @ts-expect-error: no client
    redisStore({})
    // @ts-expect-error: no pool
    postgresStore({})

    const app = Fastify()
    app.register(session, { keys: [] })
    app.get('/me', { preHandler: requireLogin }, async (request): Promise<string | undefined> => request.session.userId)
    // @ts-expect-error: keys are required
    app.register(session)
    app.register(headers)
    app.register(byDefault, {})
    app.get('/', async (request) => {
      const nonce: string = request.cspNonce
      return nonce
    })
    // @ts-expect-error: the nonce is no number
    app.get('/wrong', async (request): Promise<number> => request.cspNonce)
    // @ts-expect-error: no option has this name
    app.register(headers, { noSuchOption: true })

    const error = new SecurityError('BULWARK_ERR_HEADERS_SENT')
    const isKnown: boolean = error.code === 'BULWARK_ERR_HEADERS_SENT'
    // @ts-expect-error: no error has this code
    new SecurityError('BULWARK_ERR_NO_SUCH_CODE')
    export { isKnown }
  `)
  write('consumer.cts', `
    import Fastify = require('fastify')
    import plugin = require('fastify-bulwark/headers')

    const app = Fastify()
    app.register(plugin.headers)
    app.register(plugin.default)
    app.get('/', async (request): Promise<string> => request.cspNonce)
  `)
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--listFiles'], { cwd: project, encoding: 'utf8' })
  const lines = stdout.trimEnd().split('\n')
  const files = lines.filter((line) => isAbsolute(line) && /\.[cm]?ts$/.test(line))
  t.same(lines.filter((line) => !files.includes(line)), [])
  t.equal(status, 0)
  // Its 350 declarations take this compiler five times as long as all others together.
  t.same(files.filter((file) => file.includes('/typebox/')), [], 'the declarations do not lead to those of TypeBox')
})

t.test('publint has no objection', async (t) => {
  const { buffer, byteOffset, byteLength } = readFileSync(archive)
  const { messages } = await publint({ level: 'suggestion', pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) } })
  t.same(messages, [])
})

t.test('the front page says how much is installed', async (t) => {
  const ofFastify = new Set(foldersOf(['fastify']))
  const sets: Record<string, string[]> = {
    '`fastify-bulwark`': Object.keys(manifest.dependencies),
    '`@fastify/helmet`': ['@fastify/helmet'],
    '`@fastify/helmet`, `@fastify/secure-session`, `@fastify/csrf-protection`, `@fastify/formbody`': ['@fastify/helmet', '@fastify/secure-session', '@fastify/csrf-protection', '@fastify/formbody']
  }
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const near = (quoted: string | undefined, unit: number, bytes: number, what: string): void => {
    // A tenth either way, or what rounding takes.
    t.ok(Math.abs(Number(quoted) * unit - bytes) <= Math.max(bytes / 10, unit / 10), `${what}: ${String(quoted)} is said, and it is ${(bytes / unit).toFixed(2)}`)
  }
  for (const [what, names] of Object.entries(sets)) {
    const folders = foldersOf(names).filter((folder) => !ofFastify.has(folder))
    const own = names === sets['`fastify-bulwark`'] ? 1 : 0
    const [, packages, megabytes] = new RegExp(`^\\| ${what.replaceAll('/', '\\/')} \\| (\\d+) \\| ([\\d.]+) \\|$`, 'm').exec(readme) ?? []
    t.equal(Number(packages), folders.length + own, `packages of ${what}`)
    near(megabytes, 1_000_000, folders.reduce((sum, folder) => sum + bytesOf(folder), own * tarball.unpackedSize), `megabytes of ${what}`)
  }
  const [, packed, unpacked] = /The package itself is (\d+) kB to fetch and ([\d.]+) MB on disk/.exec(readme) ?? []
  near(packed, 1000, tarball.size, 'kilobytes to fetch')
  near(unpacked, 1_000_000, tarball.unpackedSize, 'megabytes on disk')
})
