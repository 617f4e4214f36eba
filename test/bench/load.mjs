import autocannon from 'autocannon'
import { setTimeout as sleep } from 'node:timers/promises'

const CONNECTIONS = 32
// Long enough to open the connections, so that a slice sees them only at work.
const LEAD_MS = 50
const FOREVER_S = 3600

function start (server, row, limit) {
  return autocannon({
    url: server.greeting.url,
    requests: [row.request],
    connections: row.connections ?? CONNECTIONS,
    // autocannon looks only so often whether it is to stop.
    sampleInt: 5,
    ...limit
  })
}

async function finish (load, row) {
  const result = await load
  const refused = result['4xx'] + result['5xx']
  if (refused + result.errors > 0) throw new Error(`${row.name}: ${refused} refused requests, ${result.errors} errors`)
}

/**
 * Microseconds a request, of the server's processor and of the clock. Both ends of the slice are one snapshot of
 * requests, processor time and clock, taken by the server itself: however slow the client may be, they belong together.
 */
export async function measureSlice (server, row, milliseconds) {
  const load = start(server, row, { duration: FOREVER_S })
  await sleep(LEAD_MS)
  const before = await server.ask('usage')
  await sleep(row.slice ?? milliseconds)
  const after = await server.ask('usage')
  load.stop()
  await finish(load, row)
  const requests = after.requests - before.requests
  return { cpu: (after.cpu - before.cpu) / requests, time: (after.time - before.time) / requests }
}

export async function sendRequests (server, row, amount) {
  await finish(start(server, row, { amount }), row)
}
