import { startChild } from './child.mjs'
import { groupByBase, interleave, summarizeRows } from './comparison.mjs'

// Far more than the compiler waits for.
const WARM_UP = 300_000
const CALLS = 200_000

async function start (row) {
  const child = await startChild('./caller.mjs', row)
  await child.ask(WARM_UP)
  return child
}

export async function measureCalls (rows, rounds) {
  const comparisons = []
  for (const [base, group] of groupByBase(rows)) {
    const baseChild = await start(base)
    const children = new Map()
    for (const row of group) children.set(row, await start(row))
    comparisons.push(...await interleave(group, rounds, () => baseChild.ask(CALLS), row => children.get(row).ask(CALLS)))
    await Promise.all([baseChild, ...children.values()].map(child => child.stop()))
  }
  return summarizeRows(rows, comparisons)
}
