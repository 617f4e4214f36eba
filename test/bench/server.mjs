// The server of one row: node server.mjs <row>
import Fastify from 'fastify'
import { loadRow } from './suites.mjs'

const { row, plugin } = await loadRow(process.argv[2])
const app = Fastify(row.server)
let requests = 0

// Counted below Fastify, where it costs every row the same and adds no hook to any of them.
app.server.on('request', () => { requests++ })
await row.setup(app, plugin)
await app.listen({ host: '127.0.0.1', port: 0 })

async function collectGarbage () {
  // What a first collection finalizes, a later one frees.
  for (let pass = 0; pass < 5; pass++) {
    globalThis.gc()
    await new Promise(resolve => setImmediate(resolve))
  }
}

const answers = {
  usage () {
    const { user, system } = process.cpuUsage()
    return { requests, cpu: user + system, time: performance.now() * 1000 }
  },
  async memory () {
    await collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return { requests, heapUsed, external }
  }
}

process.on('message', async question => { process.send(await answers[question]()) })
process.on('disconnect', () => { process.exit() })
process.send({ url: `http://127.0.0.1:${app.server.address().port}` })
