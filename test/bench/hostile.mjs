// node test/bench/hostile.mjs       how long hostile bodies hold the event loop
//   --rounds N    requests with each body (10)
//
// Processor time of the whole process around one request, the least and the middle one of the rounds: what a busy machine takes away does not count,
// though what V8 compiles and collects beside it does. Then the delay of the event loop over a run of random ones, one at a time: for a machine
// that does nothing else. Reported, never asserted.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { ensureBuilt } from './build.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } })
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: expected a whole number from 1, received ${values.rounds}`)

await ensureBuilt([{ plugin: 'fastify-bulwark/input' }])
const { input } = await import('../../dist/plugins/input.js')
const { formBody, jsonBody, LARGE, OPTIONS, Schema } = await import('../../dist/test/suite/hostile-bodies.js')

const TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' }
const app = Fastify()
await app.register(input)
app.post('/', { schema: { body: Schema }, form: OPTIONS }, () => 'ok')
// What the same body costs Fastify and Node, which read it before anybody is asked.
const bare = Fastify()
await bare.register(formbody)
bare.post('/', () => 'ok')
await bare.ready()
await app.ready()

const send = (server, type, payload) => server.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': TYPES[type] } })

async function processorTime (server, type, payload) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    await send(server, type, payload)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000)
    await wait(1)
  }
  times.sort((a, b) => a - b)
  return { least: times[0], middle: times[times.length >> 1] }
}

const rows = []
for (const [what, type, payload] of LARGE) {
  const body = payload()
  const { statusCode } = await send(app, type, body)
  rows.push({ what, type, bytes: Buffer.byteLength(body), statusCode, ...await processorTime(app, type, body), other: (await processorTime(bare, type, body)).least })
}
rows.sort((a, b) => b.least - a.least)
console.log('Processor time of one request in ms: the least, the middle one, and the least of a route without a schema\n')
for (const { what, type, bytes, statusCode, least, middle, other } of rows) {
  console.log(`${what.padEnd(46)} ${type} ${String(bytes).padStart(8)} bytes  ${statusCode}  ${[least, middle, other].map((time) => time.toFixed(1).padStart(7)).join(' ')}`)
}

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
for (let index = 0; index < 5000; index++) {
  const isForm = index % 2 === 1
  await send(app, isForm ? 'form' : 'json', isForm ? new URLSearchParams(Object.entries(formBody()).map(([name, value]) => [name, String(value)])).toString() : JSON.stringify(jsonBody()) ?? '')
  await wait(0)
}
delay.disable()
console.log(`\nEvent loop over 5000 random requests: 99 % of the pauses below ${(delay.percentile(99) / 1e6).toFixed(1)} ms, the longest ${(delay.max / 1e6).toFixed(1)} ms`)
await Promise.all([app.close(), bare.close()])
