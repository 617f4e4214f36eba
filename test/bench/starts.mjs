import { startChild } from './child.mjs'
import { groupByBase, interleave, summarizeRows } from './comparison.mjs'

async function measureStart (row) {
  const child = await startChild(row.modules === undefined ? './starter.mjs' : './importer.mjs', row)
  await child.stop()
  return child.greeting
}

export async function measureStarts (rows, rounds) {
  const comparisons = []
  for (const [base, group] of groupByBase(rows)) {
    comparisons.push(...await interleave(group, rounds, () => measureStart(base), measureStart))
  }
  return summarizeRows(rows, comparisons)
}
