import { formatTable } from './table.mjs'

const name = { heading: 'row', cell: result => result.name, isName: true }
const ratio = number => number.toFixed(2)
const quartiles = ({ lower, upper }) => `${ratio(lower)}-${ratio(upper)}`
const MEGABYTE = 1_000_000

function formatRatios (table, results, timeHeading, absolutes) {
  return table([
    name,
    { heading: 'cpu ratio', cell: result => ratio(result.cpuRatio.median) },
    { heading: 'quartiles', cell: result => quartiles(result.cpuRatio) },
    { heading: timeHeading, cell: result => ratio(result.timeRatio.median) },
    { heading: 'quartiles', cell: result => quartiles(result.timeRatio) },
    ...absolutes
  ], results)
}

export function formatRequests (results, table = formatTable) {
  return formatRatios(table, results, 'req/s ratio', [
    { heading: 'cpu us/req', cell: result => result.cpu.toFixed(1) },
    { heading: 'req/s', cell: result => (1e6 / result.time).toFixed(0) },
    // Less than 100 %: the client was the slower of the two, and req/s tell less than the processor ratio.
    { heading: 'busy', cell: result => `${(100 * result.cpu / result.time).toFixed(0)} %` }
  ])
}

export function formatStarts (results, table = formatTable) {
  return formatRatios(table, results, 'time ratio', [
    { heading: 'cpu ms', cell: result => (result.cpu / 1000).toFixed(1) },
    { heading: 'ms', cell: result => (result.time / 1000).toFixed(1) }
  ])
}

export function formatCalls (results, table = formatTable) {
  return formatRatios(table, results, 'time ratio', [
    { heading: 'cpu ns', cell: result => (result.cpu * 1000).toFixed(0) },
    { heading: 'ns', cell: result => (result.time * 1000).toFixed(0) }
  ])
}

export function formatMemory (results, table = formatTable) {
  const megabytes = bytes => (bytes / MEGABYTE).toFixed(2)
  return table([
    name,
    { heading: 'requests', cell: result => String(result.requests) },
    { heading: 'heap MB before', cell: result => megabytes(result.before.heapUsed) },
    { heading: 'after', cell: result => megabytes(result.after.heapUsed) },
    { heading: 'external MB before', cell: result => megabytes(result.before.external) },
    { heading: 'after', cell: result => megabytes(result.after.external) },
    { heading: 'heap bytes/request', cell: result => result.growth.toFixed(2) }
  ], results)
}

export function formatGoals (goals, table = formatTable) {
  return table([
    { heading: 'goal', cell: goal => goal.name },
    { heading: 'at least', cell: goal => ratio(goal.least) },
    { heading: 'measured', cell: goal => ratio(goal.measured) },
    { heading: 'met', cell: goal => goal.met ? 'yes' : 'no' }
  ], goals)
}
