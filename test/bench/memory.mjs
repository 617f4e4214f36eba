import { startChild } from './child.mjs'
import { sendRequests } from './load.mjs'

// Enough that what is made once (compiled code, pools, caches) is there before the first reading.
const WARM_UP = 20_000
const REQUESTS = 200_000

async function measureGrowth (row) {
  const server = await startChild('./server.mjs', row, ['--expose-gc'])
  await sendRequests(server, row, WARM_UP)
  const before = await server.ask('memory')
  await sendRequests(server, row, REQUESTS)
  const after = await server.ask('memory')
  await server.stop()
  const requests = after.requests - before.requests
  return { name: row.name, requests, before, after, growth: (after.heapUsed - before.heapUsed) / requests }
}

export async function measureMemory (rows) {
  const results = []
  for (const row of rows) results.push(await measureGrowth(row))
  return results
}
