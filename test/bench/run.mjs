// npm run bench                     what a request costs, as a ratio to the base of each row
// npm run bench -- --memory         how the heap grows over 200,000 requests
// npm run bench -- --start          what starting an application costs
// npm run bench -- --imports        what importing costs, in fresh processes
// npm run bench -- --calls          what one call of a function costs
//   --rows a,b    only rows named so: json, ours-nonce, headers/page/helmet ... (whole segments of the name)
//   --rounds N    comparisons per row
//   --slice ms    length of one slice
//   --json        for machines
//   --markdown f  writes the tables into the page f as well: every kind of measuring, unless one is named. Takes half an hour
// Times are shown, never asserted: the exit code tells only whether the measuring itself worked.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { measureCalls } from './calls.mjs'
import { pinClient } from './cores.mjs'
import { judge } from './goals.mjs'
import { measureMemory } from './memory.mjs'
import { renewMachine, renewPage } from './page.mjs'
import { formatCalls, formatGoals, formatMemory, formatRequests, formatStarts } from './report.mjs'
import { measureRequests } from './requests.mjs'
import { measureStarts } from './starts.mjs'
import { select } from './selection.mjs'
import { loadSuites } from './suites.mjs'
import { formatMarkdown } from './table.mjs'

const { values: options } = parseArgs({
  options: {
    memory: { type: 'boolean' },
    start: { type: 'boolean' },
    imports: { type: 'boolean' },
    calls: { type: 'boolean' },
    json: { type: 'boolean' },
    rows: { type: 'string' },
    markdown: { type: 'string' },
    rounds: { type: 'string' },
    slice: { type: 'string', default: '120' }
  }
})

function positive (name) {
  const number = Number(options[name])
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name}: expected a whole number from 1, received ${options[name]}`)
  return number
}

const slice = positive('slice')
const rounds = options.rounds === undefined ? undefined : positive('rounds')

const modes = {
  requests: {
    rows: suites => suites.rows,
    rounds: 10,
    measure: (rows, rounds) => measureRequests(rows, rounds, slice),
    format: formatRequests
  },
  start: {
    rows: suites => suites.starts,
    rounds: 25,
    measure: measureStarts,
    format: formatStarts
  },
  imports: {
    rows: suites => suites.imports,
    rounds: 25,
    measure: measureStarts,
    format: formatStarts
  },
  calls: {
    rows: suites => suites.calls,
    rounds: 25,
    measure: measureCalls,
    format: formatCalls
  },
  memory: {
    // A row that is named is measured; the page has those that are marked.
    rows: suites => options.rows && !options.markdown ? suites.rows : suites.rows.filter(row => row.memory),
    measure: measureMemory,
    format: formatMemory
  }
}

const chosen = Object.keys(modes).filter(name => options[name])
const names = chosen.length > 0 ? chosen : options.markdown ? Object.keys(modes) : ['requests']
const suites = await loadSuites()
const wanted = new Set(select(names.flatMap(name => modes[name].rows(suites)), options.rows))
await ensureBuilt([...wanted])
const cores = pinClient()

for (const name of names) {
  const mode = modes[name]
  const all = mode.rows(suites)
  const rows = all.filter(row => wanted.has(row))
  if (rows.length === 0) continue
  const load = loadavg()[0]
  const own = rounds ?? mode.rounds
  const measured = await mode.measure(rows, own)
  const goals = judge(suites.goals, measured)
  if (options.json) {
    console.log(JSON.stringify({ node: process.version, cores, load, results: measured, goals }, null, 2))
  } else {
    console.log(mode.format(measured))
    console.log(cores ? `Server on core ${cores.server}, client on core ${cores.client}.` : 'Not pinned: no taskset, or one core only.')
    console.log(`Load of the machine before: ${load.toFixed(1)}. Above 0.5 others are at work, and the quartiles show it.`)
    if (goals.length > 0) console.log('\n' + formatGoals(goals))
  }
  if (options.markdown) {
    const caption = `${new Date().toISOString().slice(0, 10)}${own === undefined ? '' : `, ${own} comparisons a row`}, load of the machine before: ${load.toFixed(1)}.`
    const page = renewMachine(readFileSync(options.markdown, 'utf8'), cores)
    const format = results => mode.format(results, formatMarkdown)
    writeFileSync(options.markdown, renewPage(page, name, { all, measured, goals, caption, format, formatGoals: goals => formatGoals(goals, formatMarkdown) }))
  }
}
