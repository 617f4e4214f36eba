import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, runNode } from './install.mjs'

// node .ci/build.mjs     compiles plugins, lib, test and docs into dist, and bundles what is published into dist/bundle

const SOURCES = ['plugins', 'lib', 'test', 'docs']
const OUTPUT = 'dist'
const BUNDLE = 'dist/bundle'
/** What the program in bin runs, and what that starts for an application that it looks at. */
const PROGRAMS = ['main', 'inspection-process'].map((name) => [`./dist/lib/cli/${name}.js`, `./${BUNDLE}/cli/${name}.js`])
const COMPILER = 'node_modules/typescript/bin/tsc'
const INCREMENT = 'dist/.tsbuildinfo'
const STAMP = 'dist/.stamp'

/** Compiles and bundles the sources when one has changed since the last time. Says whether they compile. */
export async function build () {
  const sources = SOURCES.flatMap(filesUnder).filter((file) => /\.(ts|json)$/.test(file))
  const known = new Set(sources)
  const outputs = new Set(filesUnder(OUTPUT))
  // An output without a source would be tested, and published.
  for (const output of outputs) {
    const origin = sourceOf(output)
    if (origin !== undefined && !known.has(origin)) rmSync(join(root, output))
  }
  const isComplete = sources.every((file) => /\.d\.ts$|\.json$/.test(file) || outputs.has(`dist/${file.slice(0, -'.ts'.length)}.js`))
  const stamp = stampOf([...sources, '.ci/build.mjs', 'tsconfig.json', 'package.json', 'package-lock.json'])
  if (isComplete && outputs.has(STAMP) && readFileSync(join(root, STAMP), 'utf8') === stamp) return true
  // The incremental compiler does not write again what it believes to be there.
  if (!isComplete) rmSync(join(root, INCREMENT), { force: true })
  rmSync(join(root, STAMP), { force: true })
  if (!runNode(COMPILER, '-p', 'tsconfig.json')) return false
  await bundle()
  writeFileSync(join(root, STAMP), stamp)
  return true
}

/**
 * One file a subpath, and one for what several share, in the place of 200 modules: to find and open those took longer than to run them.
 * The packages it depends on stay outside. The manifest says what becomes of what: `types` lie beside the module that is bundled.
 */
async function bundle () {
  const { exports: subpaths } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const published = Object.values(subpaths).filter(({ types }) => types !== undefined)
  const entries = [...published.map(({ types, default: target }) => [types.replace(/d\.ts$/, 'js'), target]), ...PROGRAMS]
  // Whose names are of their content: those of the last time would be published, too.
  rmSync(join(root, BUNDLE), { recursive: true, force: true })
  // Among the packages, which whoever builds may still have had to install.
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries.map(([module, target]) => ({ in: module, out: target.slice(`./${BUNDLE}/`.length, -'.js'.length) })),
    outdir: BUNDLE,
    chunkNames: 'shared/[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19'
  })
}

function sourceOf (output) {
  const [, path, extension] = /^dist\/(?!bundle\/)(.+?)(\.d\.ts|\.js|\.js\.map|\.json)$/.exec(output) ?? []
  if (path === undefined) return undefined
  return extension === '.json' ? `${path}.json` : `${path}.ts`
}

function stampOf (files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function filesUnder (folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesUnder(path) : [path]
  }).sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await build() ? 0 : 1
