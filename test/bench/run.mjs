// npm run bench                     what a request costs, as a ratio to the base of each row
// npm run bench -- --memory         how the heap grows over 200,000 requests
// npm run bench -- --start          what starting an application costs
// npm run bench -- --calls          what one call of a function costs
//   --rows a,b    only rows named so: json, ours-nonce, headers/page/helmet ... (whole segments of the name)
//   --rounds N    comparisons per row
//   --slice ms    length of one slice
//   --json        for machines
// Times are shown, never asserted: the exit code tells only whether the measuring itself worked.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { measureCalls } from './calls.mjs'
import { pinClient } from './cores.mjs'
import { judge } from './goals.mjs'
import { measureMemory } from './memory.mjs'
import { formatCalls, formatGoals, formatMemory, formatRequests, formatStarts } from './report.mjs'
import { measureRequests } from './requests.mjs'
import { measureStarts } from './starts.mjs'
import { select } from './selection.mjs'
import { loadSuites } from './suites.mjs'

const { values: options } = parseArgs({
  options: {
    memory: { type: 'boolean' },
    start: { type: 'boolean' },
    calls: { type: 'boolean' },
    json: { type: 'boolean' },
    rows: { type: 'string' },
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
    measure: rows => measureRequests(rows, rounds ?? 10, slice),
    format: formatRequests
  },
  memory: {
    rows: suites => options.rows ? suites.rows : suites.rows.filter(row => row.memory),
    measure: measureMemory,
    format: formatMemory
  },
  start: {
    rows: suites => suites.starts,
    measure: rows => measureStarts(rows, rounds ?? 25),
    format: formatStarts
  },
  calls: {
    rows: suites => suites.calls,
    measure: rows => measureCalls(rows, rounds ?? 25),
    format: formatCalls
  }
}

const mode = options.memory ? modes.memory : options.start ? modes.start : options.calls ? modes.calls : modes.requests
const suites = await loadSuites()
const rows = select(mode.rows(suites), options.rows)
ensureBuilt(rows)
const cores = pinClient()
const load = loadavg()[0]
const results = await mode.measure(rows)
const goals = judge(suites.goals, results)

if (options.json) {
  console.log(JSON.stringify({ node: process.version, cores, load, results, goals }, null, 2))
} else {
  console.log(mode.format(results))
  console.log(cores ? `Server on core ${cores.server}, client on core ${cores.client}.` : 'Not pinned: no taskset, or one core only.')
  console.log(`Load of the machine before: ${load.toFixed(1)}. Above 0.5 others are at work, and the quartiles show it.`)
  if (goals.length > 0) console.log('\n' + formatGoals(goals))
}
