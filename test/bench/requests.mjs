import { startChild } from './child.mjs'
import { groupByBase, interleave, summarizeRows } from './comparison.mjs'
import { measureSlice, sendRequests } from './load.mjs'

// How well a process is compiled and laid out in memory differs from start to start, so that no median may come
// from one set of processes.
const ROUNDS_PER_SET = 5
// Counted in requests, because that is what the compiler counts: a fresh server takes 5 to 10 times as long for each.
const WARM_UP_REQUESTS = 10_000

async function startServers (rows) {
  const servers = []
  for (const row of rows) {
    const server = await startChild('./server.mjs', row)
    await sendRequests(server, row, row.warmUp ?? WARM_UP_REQUESTS)
    servers.push(server)
  }
  return servers
}

async function measureSet (base, rows, rounds, slice) {
  // The base has as many processes as there are rows, and they take turns. One that served every second slice would
  // be better compiled and warmer in the caches than the rows: copies of the base came out at 0.7 of it.
  const baseServers = await startServers(rows.map(() => base))
  // If the base is also a row, that is one more process of it: what it differs from 1 is the error of the others.
  const servers = await startServers(rows)
  let turn = 0
  const comparisons = await interleave(rows, rounds,
    () => measureSlice(baseServers[turn++ % baseServers.length], base, slice),
    row => measureSlice(servers[rows.indexOf(row)], row, slice))
  await Promise.all([...baseServers, ...servers].map(server => server.stop()))
  return comparisons
}

export async function measureRequests (rows, rounds, slice) {
  const comparisons = []
  for (let left = rounds; left > 0; left -= ROUNDS_PER_SET) {
    for (const [base, group] of groupByBase(rows)) {
      comparisons.push(...await measureSet(base, group, Math.min(left, ROUNDS_PER_SET), slice))
    }
  }
  return summarizeRows(rows, comparisons)
}
