import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'

const root = new URL('../../../', import.meta.url)

const MAY_IMPORT = {
  lib: /^(node:|typebox(\/|$))/,
  plugins: /^(fastify|fastify-plugin|@fastify\/cookie|@fastify\/secure-session|typebox)$/
}
const MOST_LINES = { lib: 300, plugins: 150 }
const NO_CONCEPT = /^(utils?|types|helpers?|common)$/
const TOP_LEVEL = [
  '.ci', '.gitignore', '.npmrc', 'LICENSE', 'README.md', 'bin', 'docs', 'eslint.config.js', 'lib', 'package-lock.json', 'package.json', 'plugins', 'test',
  'tsconfig.json'
]
const REGISTRY = 'https://registry.npmjs.org/'

type Layer = keyof typeof MAY_IMPORT

function layerOf (file: string): Layer {
  return file.startsWith('lib/') ? 'lib' : 'plugins'
}

/** Static and dynamic imports, `require`, types and module augmentations alike. */
function importsOf (text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

/** The plugin that registers the others, and the one file that imports plugins. */
const ALL_TOGETHER = 'plugins/bulwark.ts'

function wrongArrows (file: string, text: string): string[] {
  const isRight = (name: string) => name.startsWith('.')
    ? posix.join(posix.dirname(file), name).startsWith(file === ALL_TOGETHER && name.startsWith('./') ? 'plugins/' : 'lib/') && name.endsWith('.ts')
    : MAY_IMPORT[layerOf(file)].test(name)
  return importsOf(text).filter((name) => !isRight(name))
}

function twinOf (file: string): string {
  return `test/${file.replace(/\.ts$/, '.test.ts')}`
}

function isTooLong (file: string, text: string): boolean {
  return text.trimEnd().split('\n').length > MOST_LINES[layerOf(file)]
}

function namesNoConcept (file: string): boolean {
  return file.split('/').some((part) => NO_CONCEPT.test(part.replace(/\..*$/, '')))
}

function strayEntries (names: readonly string[], gitignore: string): string[] {
  const ignored = ['.git', ...gitignore.split('\n').map((line) => line.replace(/\/$/, ''))]
  const isIgnored = (name: string) => ignored.some((rule) => rule.startsWith('*') ? name.endsWith(rule.slice(1)) : name === rule)
  return names.filter((name) => !TOP_LEVEL.includes(name) && !isIgnored(name))
}

/** What is public beside the plugins: the subpath is the path within `lib`. */
const PUBLIC_LIB = ['session/conformance', 'session/stores/memory', 'session/stores/postgres', 'session/stores/redis', 'errors']

type Target = string | { readonly types: string, readonly default: string }

function subpathsOf (pluginFiles: readonly string[]): Record<string, Target> {
  const target = (folder: string, path: string): Target => ({ types: `./dist/${folder}/${path}.d.ts`, default: `./dist/bundle/${path}.js` })
  const plugins = pluginFiles.map((file) => [file === ALL_TOGETHER ? '.' : `./${basename(file, '.ts')}`, target('plugins', basename(file, '.ts'))])
  const lib = PUBLIC_LIB.map((path) => [`./${path}`, target('lib', path)])
  return { ...Object.fromEntries([...plugins, ...lib]), './package.json': './package.json' }
}

function foreignHosts (lock: string): string[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { resolved?: string }> }
  return Object.values(packages).map(({ resolved = REGISTRY }) => resolved).filter((address) => !address.startsWith(REGISTRY))
}

function read (file: string): string {
  return readFileSync(new URL(file, root), 'utf8')
}

function filesUnder (folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(fileURLToPath(root), `${entry.parentPath}/${entry.name}`))
    .sort()
}

const plugins = filesUnder('plugins')
const sources = [...plugins, ...filesUnder('lib')]
const manifest = JSON.parse(read('package.json')) as { exports: Record<string, Target> }

t.test('plugins and lib hold TypeScript only', async (t) => {
  t.same(sources.filter((file) => !file.endsWith('.ts')), [])
})

t.test('the program in bin is the first step into lib, and nothing else', async (t) => {
  const files = filesUnder('bin')
  t.same(files, ['bin/fastify-bulwark.mjs'])
  for (const file of files) {
    t.same(importsOf(read(file)), ['../dist/bundle/cli/main.js'])
    t.ok(read(file).trimEnd().split('\n').length <= 10, 'what can be tested is in lib')
  }
})

t.test('imports point down', async (t) => {
  for (const file of sources) t.same(wrongArrows(file, read(file)), [], file)
})

t.test('an arrow that points up or sideways is found', async (t) => {
  const cases: [title: string, file: string, text: string, wrong: string[]][] = [
    ['lib imports node, typebox and lib', 'lib/headers/a.ts', "import 'node:fs'\nimport { Compile } from 'typebox/compile'\nimport Type from 'typebox'\nimport './b.ts'\nexport * from '../errors.ts'", []],
    ['lib does not import fastify', 'lib/a.ts', "import fastify from 'fastify'", ['fastify']],
    ['lib does not import a type of fastify', 'lib/a.ts', "import type { FastifyReply } from 'fastify'", ['fastify']],
    ['lib does not import fastify in a type', 'lib/a.ts', "export type A = import('fastify').FastifyReply", ['fastify']],
    ['lib does not augment fastify', 'lib/a.ts', "import 'node:fs'\ndeclare module 'fastify' {}", ['fastify']],
    ['lib does not import fastify at run time', 'lib/a.ts', "export const a = await import('fastify')", ['fastify']],
    ['lib does not import a plugin for Fastify', 'lib/a.ts', "import cookie from '@fastify/cookie'\nimport fp from 'fastify-plugin'", ['@fastify/cookie', 'fastify-plugin']],
    ['lib does not import what only begins like typebox', 'lib/a.ts', "import a from 'typebox-extra'", ['typebox-extra']],
    ['lib does not import a plugin', 'lib/headers/a.ts', "import '../../plugins/headers.ts'", ['../../plugins/headers.ts']],
    ['lib does not import a test', 'lib/a.ts', "import '../test/suite/a.ts'", ['../test/suite/a.ts']],
    ['a module of Node is named with its scheme', 'lib/a.ts', "import fs from 'fs'", ['fs']],
    ['a file is named with its extension', 'lib/a.ts', "import './b'", ['./b']],
    ['a plugin imports lib, fastify and its few packages', 'plugins/a.ts', "import '../lib/a.ts'\nimport 'fastify'\nimport 'fastify-plugin'\nimport '@fastify/cookie'\nimport '@fastify/secure-session'\nimport 'typebox'", []],
    ['a plugin augments fastify', 'plugins/a.ts', "import 'fastify'\ndeclare module 'fastify' {}", []],
    ['a plugin does not import another', 'plugins/a.ts', "import './b.ts'", ['./b.ts']],
    ['a plugin does not export another', 'plugins/a.ts', "export * from './b.ts'", ['./b.ts']],
    ['all together imports the parts, and lib', ALL_TOGETHER, "import './a.ts'\nimport '../lib/a.ts'", []],
    ['all together imports nothing else', ALL_TOGETHER, "import '../test/a.ts'\nimport '@fastify/multipart'\nimport './a'", ['../test/a.ts', '@fastify/multipart', './a']],
    ['a plugin does not import all together', 'plugins/a.ts', "import './bulwark.ts'", ['./bulwark.ts']],
    ['a plugin does not import other packages', 'plugins/a.ts', "import '@fastify/view'\nimport 'helmet'", ['@fastify/view', 'helmet']],
    ['a plugin leaves the modules of Node to lib', 'plugins/a.ts', "import 'node:http'", ['node:http']]
  ]
  for (const [title, file, text, wrong] of cases) t.same(wrongArrows(file, text), wrong, title)
})

t.test('no file asks URL.canParse', async (t) => {
  // In Node 20 and 22 it errs on texts beyond ASCII once the call is optimised: parse-url.ts says how.
  const asks = /\bcanParse\s*\(/
  t.same([...sources, ...filesUnder('docs/demo')].filter((file) => asks.test(read(file))), [])
  t.match("const ok = URL.canParse('a')", asks)
})

t.test('every file has a twin test', async (t) => {
  t.same(sources.filter((file) => !existsSync(new URL(twinOf(file), root))), [])
  t.equal(twinOf('lib/headers/nonce.ts'), 'test/lib/headers/nonce.test.ts')
})

t.test('every file can be imported on its own', async (t) => {
  // This also shows a file that no other test loads to the count of coverage, which sees nothing but what was loaded.
  for (const file of sources) {
    await t.resolves(import(new URL(`dist/${file.replace(/ts$/, 'js')}`, root).href), file)
  }
})

t.test('a plugin is exported by its name and as the default', async (t) => {
  for (const file of plugins) {
    const exported: Record<string, unknown> = await import(new URL(`dist/${file.replace(/ts$/, 'js')}`, root).href)
    t.type(exported['default'], 'function', file)
    t.equal(exported[basename(file, '.ts')], exported['default'], file)
  }
})

t.test('no file is too long', async (t) => {
  t.same(sources.filter((file) => isTooLong(file, read(file))), [])
  t.notOk(isTooLong('plugins/a.ts', 'a\n'.repeat(150)), '150 lines make a plugin')
  t.ok(isTooLong('plugins/a.ts', 'a\n'.repeat(151)), '151 lines do not')
  t.notOk(isTooLong('lib/a.ts', 'a\n'.repeat(300)), '300 lines make a file of lib')
  t.ok(isTooLong('lib/a.ts', 'a\n'.repeat(301)), '301 lines do not')
})

t.test('no program or test has more than 300 lines', async (t) => {
  const others = ['.ci', 'docs', 'test'].flatMap(filesUnder).filter((file) => /\.(?:ts|mjs|cjs|js|css|eta)$/.test(file) && !file.startsWith('test/corpora/'))
  t.ok(others.length > 400)
  t.same(others.filter((file) => read(file).trimEnd().split('\n').length > 300), [])
})

t.test('every file is named for a concept', async (t) => {
  t.same(sources.filter(namesNoConcept), [])
  for (const file of ['lib/utils.ts', 'lib/headers/types.ts', 'lib/helpers/nonce.ts', 'plugins/common.ts', 'lib/types.d.ts']) {
    t.ok(namesNoConcept(file), `${file} is refused`)
  }
  t.notOk(namesNoConcept('lib/media-type.ts'), 'a word that is part of a name is not')
})

t.test('the top level holds what the architecture names', async (t) => {
  const gitignore = read('.gitignore')
  t.same(strayEntries(readdirSync(root), gitignore), [])
  t.same(strayEntries(['lib', 'src', '.git', 'dist', 'a.tgz', 'notes.md'], 'dist/\n*.tgz\n'), ['src', 'notes.md'])
})

t.test('the package exports one subpath a plugin, the stores and their kit, the errors and its manifest', async (t) => {
  t.same(manifest.exports, subpathsOf(plugins))
  for (const file of Object.values(manifest.exports).flatMap((target) => typeof target === 'string' ? target : Object.values(target))) {
    t.ok(existsSync(new URL(file, root)), `${file} exists`)
  }
  t.same(subpathsOf([ALL_TOGETHER, 'plugins/csrf.ts']), {
    '.': { types: './dist/plugins/bulwark.d.ts', default: './dist/bundle/bulwark.js' },
    './csrf': { types: './dist/plugins/csrf.d.ts', default: './dist/bundle/csrf.js' },
    './session/conformance': { types: './dist/lib/session/conformance.d.ts', default: './dist/bundle/session/conformance.js' },
    './session/stores/memory': { types: './dist/lib/session/stores/memory.d.ts', default: './dist/bundle/session/stores/memory.js' },
    './session/stores/postgres': { types: './dist/lib/session/stores/postgres.d.ts', default: './dist/bundle/session/stores/postgres.js' },
    './session/stores/redis': { types: './dist/lib/session/stores/redis.d.ts', default: './dist/bundle/session/stores/redis.js' },
    './errors': { types: './dist/lib/errors.d.ts', default: './dist/bundle/errors.js' },
    './package.json': './package.json'
  })
})

t.test('what is left out of coverage fits into one variable of the environment, so that the tests run in a checkout under a long path', async (t) => {
  // tap hands it to each test as one text of absolute paths. Linux admits 128 KiB for one; beyond that no test starts (E2BIG).
  const fromRun = createRequire(createRequire(createRequire(import.meta.url).resolve('tap')).resolve('@tapjs/run/package.json'))
  const { globSync } = fromRun('glob') as { globSync: (patterns: readonly string[], options: object) => string[] }
  const { tap } = JSON.parse(read('package.json')) as { tap: Record<'include' | 'coverage-exclude', string[]> }
  const paths = [...tap['coverage-exclude'], ...tap.include].flatMap((pattern) => globSync([pattern], { cwd: fileURLToPath(root) }))
  t.ok(paths.includes('dist/test/suite/whole.js'), 'what helps tests is left out')
  t.ok(paths.join('\n').length + paths.length * 100 < 131_072, `${paths.length} paths, each behind the 100 characters of a checkout`)
})

t.test('the lock file names no other registry', async (t) => {
  t.same(foreignHosts(read('package-lock.json')), [])
  const lock = (resolved: string) => JSON.stringify({ packages: { '': {}, 'node_modules/a': { resolved } } })
  for (const address of ['https://registry.example/a.tgz', 'http://registry.npmjs.org/a.tgz', 'git+ssh://git@github.com/a/a.git', '../a']) {
    t.same(foreignHosts(lock(address)), [address])
  }
  t.same(foreignHosts(lock(`${REGISTRY}a/-/a-1.0.0.tgz`)), [])
})
