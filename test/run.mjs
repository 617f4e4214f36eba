import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { build } from '../.ci/build.mjs'
import { installDebianPackages, installPackages, root, runNode } from '../.ci/install.mjs'
import { writeParts } from './twins.mjs'

// npm test                                  everything: build, lint, all tests with coverage (package.json, "tap")
// npm test -- test/lib/errors.test.ts       these files or folders only, without lint and coverage
// npm test -- test/plugins --grep=nonce     what begins with a hyphen goes to tap

const PROGRAMS = [
  { name: 'Chromium', package: 'chromium', provides: '/usr/bin/chromium', needed: 'the tests in test/browser' },
  { name: 'Redis', package: 'redis-server', provides: '/usr/bin/redis-server', needed: 'the tests of Redis in test/services' },
  // A machine may have the client's programs only, and each release of Debian has another version.
  { name: 'PostgreSQL', package: 'postgresql', provides: '/usr/lib/postgresql/*/bin/postgres', needed: 'the tests of PostgreSQL in test/services' }
]

/** Processes for the tests of lib. */
const PARTS = 24

const counts = { passed: 0, failed: 0, skipped: 0 }
const failures = []

try {
  await run(process.argv.slice(2))
} catch (error) {
  fail(error.message)
}
if (failures.length > 0) console.log(['\nWhat failed:', ...failures].join('\n  '))
process.exitCode = counts.failed === 0 ? 0 : 1
console.log(`\n${counts.passed} passed, ${counts.failed} failed${counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`}`)

async function run (args) {
  installPackages()
  installDebianPackages(PROGRAMS)
  const filters = args.filter((arg) => !arg.startsWith('-'))
  const options = args.filter((arg) => arg.startsWith('-'))
  if (!await build()) fail('The sources do not compile.')
  if (filters.length > 0) {
    // The compiler writes what it can: an error in a file that is being written elsewhere is no reason not to run this one.
    await runTap([...filters.map(compiled), '--disable-coverage', ...options])
    return
  }
  if (counts.failed > 0) return
  if (!runNode('node_modules/eslint/bin/eslint.js', '.', '--cache', '--cache-location=node_modules/.cache/eslint/', '--cache-strategy=content')) {
    fail('ESLint objects to the style.')
  }
  writeParts(['lib'], PARTS)
  await runTap(options)
}

/** Every failure counts, so that the closing line never says 0 where the exit code says 1. */
function fail (sentence) {
  counts.failed++
  failures.push(sentence)
  console.error(sentence)
}

/** The compiled twin of a test file, or of a folder with tests. */
function compiled (filter) {
  const source = resolve(filter)
  if (!existsSync(source)) throw new Error(`There is no ${filter}.`)
  const path = relative(root, source).replaceAll(sep, '/')
  if (statSync(source).isDirectory()) return `dist/${path}/**/*.test.js`
  if (!path.startsWith('test/') || !path.endsWith('.test.ts')) throw new Error(`${filter} is no test file.`)
  return `dist/${path.replace(/ts$/, 'js')}`
}

async function runTap (args) {
  // The parser that tap itself counts with.
  const fromTap = createRequire(createRequire(resolve(root, 'package.json')).resolve('tap'))
  const fromCore = createRequire(fromTap.resolve('@tapjs/core'))
  const { Parser } = await import(pathToFileURL(fromCore.resolve('tap-parser')))
  const parser = new Parser()
  const before = counts.failed
  parser.on('result', (result) => {
    if (result.skip || result.todo) {
      counts.skipped++
      console.log(`  skip  ${title(result)}: ${[result.skip, result.todo].find((reason) => typeof reason === 'string') ?? 'no reason given'}`)
    } else if (result.ok) {
      counts.passed++
    } else {
      counts.failed++
      failures.push(title(result))
      console.log(description(result))
    }
  })
  // One for each test file, when it has ended.
  parser.on('assert', ({ ok, name, time }) => console.log(`${ok ? 'ok  ' : 'FAIL'}  ${sourceName(name)}${time ? `  ${Math.round(time)} ms` : ''}`))
  // The table of coverage, and what a test prints.
  parser.on('extra', (text) => process.stdout.write(text))
  parser.on('bailout', (reason) => fail(`A test bailed out: ${reason}`))

  const tap = spawn(process.execPath, [
    'node_modules/tap/dist/esm/run.mjs', 'run', '--reporter=tap', '--no-color', `--jobs=${Math.max(2, availableParallelism() - 1)}`, ...args
  ], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  tap.stdout.setEncoding('utf8').on('data', (text) => parser.write(text))
  const [exitCode] = await new Promise((resolve, reject) => {
    tap.once('error', reject).once('close', (...how) => resolve(how))
  })
  parser.end()

  if (exitCode === 0 || counts.failed > before) return
  if (counts.passed === 0) fail('tap ran no test.')
  else if (exitCode === null) fail('tap was ended by a signal.')
  else if (args.includes('--disable-coverage')) fail(`tap ended with the exit code ${exitCode}.`)
  else fail('The tests do not cover all of plugins/ and lib/: see the table.')
}

function sourceName (name) {
  return name.replace(/^dist\/(.+)\.js$/, '$1.ts')
}

function title (result) {
  return result.fullname.split(' > ').map(sourceName).join(' > ')
}

function description (result) {
  const { at, diff, source, stack, found, wanted, exitCode, signal, ...others } = result.diag ?? {}
  const parts = [
    at && `${at.fileName}:${at.lineNumber}:${at.columnNumber}`,
    diff ?? ((found !== undefined || wanted !== undefined) && inspect({ found, wanted }, { depth: 6 })),
    source,
    stack,
    // What tap says of a test file as a process is how it was started, and no use.
    exitCode === undefined ? Object.keys(others).length > 0 && inspect(others, { depth: 6 }) : `exit code ${exitCode}, signal ${signal}`
  ]
  const lines = parts.filter(Boolean).flatMap((part) => part.trimEnd().split('\n'))
  return [`  FAIL  ${title(result)}`, ...lines.map((line) => `        ${line}`)].join('\n')
}
