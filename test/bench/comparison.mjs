import { summarize } from './statistics.mjs'

/** The rows, collected by the row that they are compared with. */
export function groupByBase (rows) {
  const groups = new Map()
  for (const row of rows) groups.set(row.base, [...groups.get(row.base) ?? [], row])
  return groups
}

/**
 * A B A C A ...: every measurement of a row lies between two of its base, so that a machine that becomes slower or
 * faster meanwhile takes both along. It is compared with the geometric mean of the two: noise only ever lengthens a
 * measurement, and the arithmetic mean would let that favour the row. Returns [row, comparison] pairs.
 */
export async function interleave (rows, rounds, measureBase, measure) {
  const comparisons = []
  let before = await measureBase()
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const own = await measure(row)
      const after = await measureBase()
      comparisons.push([row, {
        cpu: own.cpu,
        time: own.time,
        cpuRatio: Math.sqrt(before.cpu * after.cpu) / own.cpu,
        timeRatio: Math.sqrt(before.time * after.time) / own.time
      }])
      before = after
    }
  }
  return comparisons
}

/** Ratios are base to row: 1 is as cheap as the base, less is dearer. */
export function summarizeRows (rows, comparisons) {
  return rows.map(row => {
    const own = comparisons.filter(([compared]) => compared === row).map(([, comparison]) => comparison)
    const summary = key => summarize(own.map(comparison => comparison[key]))
    return {
      name: row.name,
      base: row.base.name,
      cpuRatio: summary('cpuRatio'),
      timeRatio: summary('timeRatio'),
      cpu: summary('cpu').median,
      time: summary('time').median
    }
  })
}
