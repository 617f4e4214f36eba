import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from '../../.ci/build.mjs'
import { installPackages, root } from '../../.ci/install.mjs'
import { WORKS } from './application.mjs'
import { MAJORS, nodesOf } from './versions.mjs'

// npm run compat                     the twin tests and consumers of every subpath on Node 20, 22, 24 and 26, from the built package
// npm run compat -- 22 26            on these
// npm run compat -- --consumers      without the twin tests and without building, as `npm test` does

/** Processes for the twin tests of one version: much of their time is waiting. */
const PARTS = 3
/** The ways to load the package. */
const WAYS = ['import', 'require']

const args = process.argv.slice(2)
const withTwins = !args.includes('--consumers')
const majors = args.filter((arg) => arg !== '--consumers').map(Number)
if (majors.some((major) => !MAJORS.includes(major))) throw new Error(`Expected some of ${MAJORS.join(', ')}, received ${args.join(' ')}.`)
if (withTwins) {
  installPackages()
  if (!await build()) process.exit(1)
}

let most
for (const [major, node] of nodesOf(majors.length > 0 ? majors : MAJORS)) {
  const begun = Date.now()
  const [consumers, twins] = await Promise.all([
    Promise.all(WAYS.map((way) => run(node, 'consumer.cjs', way))),
    Promise.all(Array.from({ length: withTwins ? PARTS : 0 }, (_, part) => run(node, '../twins.mjs', part, PARTS)))
  ])
  const passed = twins.reduce((sum, { out }) => sum + (out.match(/^ok /gm) ?? []).length, 0)
  most ??= passed
  const problems = [
    ...consumers.filter(({ out }) => !works(out)).map(({ out, error }) => `The application gave ${out}${error}`),
    ...twins.filter(({ code }) => code !== 0).map(({ code, out, error }) => `Exit code ${code}\n${failures(out)}${error}`),
    // A file that is cut off in the middle fails in nothing.
    ...passed === most ? [] : [`There should be ${most} twin tests.`]
  ]
  console.log(`Node ${major}: ${withTwins ? `${passed} twin tests passed, ` : ''}${consumers.filter(({ out }) => works(out)).length} of ${WAYS.length} consumers work (${Math.round((Date.now() - begun) / 1000)} s)`)
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) process.exitCode = 1
}

/** Whether every subpath was loaded, and the application answered as it should. */
function works (out) {
  try {
    const { loaded, answers } = JSON.parse(out)
    return Object.values(loaded).every(Boolean) && JSON.stringify(answers) === JSON.stringify(WORKS)
  } catch {
    return false
  }
}

/** The tests of a TAP stream that failed, with what they said. */
function failures (out) {
  return out.split(/^(?=# Subtest)/m).filter((test) => /^not ok/m.test(test)).join('')
}

function run (node, program, ...args) {
  return new Promise((resolve, reject) => {
    // tap would end a process that takes longer than one test file may, and does not expect to be run by another one.
    // Another V8 counts other ranges: its coverage is none of ours.
    const { TAP, TAP_CHILD_ID, TAP_CHILD_KEY, ...env } = process.env
    const child = spawn(node, [fileURLToPath(new URL(program, import.meta.url)), ...args.map(String)], { cwd: root, env: { ...env, TAP_TIMEOUT: '0', _TAPJS_PROCESSINFO_COVERAGE_: '0' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let error = ''
    child.stdout.setEncoding('utf8').on('data', (text) => { out += text })
    child.stderr.setEncoding('utf8').on('data', (text) => { error += text })
    child.once('error', reject).once('close', (code) => resolve({ code, out, error }))
  })
}
