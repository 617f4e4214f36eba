import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'esbuild'
import t from 'tap'
import { rooms } from '../../docs/demo/rooms.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * What stays beside the bundle: packages with a native addon, the first for `session` (by sodium-native, and imported where no bundler looks), and one that
 * reads its program of WebAssembly from the disk. The last two are the demonstration's own.
 */
const EXTERNAL = ['@fastify/secure-session', '@node-rs/argon2', 'node-sqlite3-wasm']

/** The package says that it has no side effects, so what is not used of its files is left out. Of a package in node_modules esbuild does not speak. */
const QUIET = { 'ignored-bare-import': 'silent' } as const

/** Outside the tree, so that what is not in the bundle is missing. */
const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function link (path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  symlinkSync(join(root, path), join(folder, path), 'junction')
}
link('docs/demo')
for (const name of EXTERNAL) link(`node_modules/${name}`)

async function bundle (options: BuildOptions): Promise<void> {
  const { warnings } = await build({ bundle: true, platform: 'node', target: 'node20', external: EXTERNAL, absWorkingDir: root, logLevel: 'silent', logOverride: QUIET, ...options })
  t.same(warnings.map(({ text }) => text), [])
}

function run (program: string, text: string): unknown {
  writeFileSync(join(folder, program), text)
  const { stdout, stderr } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

t.test('the demonstration, bundled by esbuild into one ECMAScript module beside the packages that have native addons, starts and answers in every room', async (t) => {
  await bundle({
    entryPoints: ['dist/docs/demo/server.js'],
    format: 'esm',
    outfile: join(folder, 'dist/docs/demo/server.mjs'),
    // Fastify is CommonJS, and asks for Node's modules by `require`.
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" }
  })
  const paths = ['/', ...rooms.map(({ path }) => path)]
  t.same(run('start.mjs', `
    import { build } from './dist/docs/demo/server.mjs'
    const app = await build()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answers = {}
    for (const path of ${JSON.stringify(paths)}) {
      const { status, headers } = await fetch('http://127.0.0.1:' + app.server.address().port + path)
      answers[path] = [status, /'nonce-/.test(headers.get('content-security-policy'))]
    }
    app.server.closeAllConnections()
    await app.close()
    console.log(JSON.stringify(answers))`), Object.fromEntries(paths.map((path) => [path, [200, true]])))
})

t.test('the package, bundled by esbuild into one CommonJS module, gives what every subpath exports', async (t) => {
  const { exports: subpaths } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, string> }
  const names = Object.keys(subpaths).filter((subpath) => !subpath.endsWith('.json'))
  await bundle({
    stdin: { contents: names.map((subpath) => `export * as ${JSON.stringify(subpath)} from 'fastify-bulwark${subpath.slice(1)}'`).join('\n'), resolveDir: root },
    format: 'cjs',
    outfile: join(folder, 'package.cjs')
  })
  const exported = await Promise.all(names.map(async (subpath): Promise<[string, string[]]> => [subpath, Object.keys(await import(`fastify-bulwark${subpath.slice(1)}`) as object).sort()]))
  t.same(run('list.cjs', "console.log(JSON.stringify(Object.fromEntries(Object.entries(require('./package.cjs')).map(([subpath, module]) => [subpath, Object.keys(module).sort()]))))"),
    Object.fromEntries(exported))
})
