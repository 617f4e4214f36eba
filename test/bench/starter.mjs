// Starts the application of one row once, from Fastify() to ready, in a process that did nothing before: node starter.mjs <row>
import Fastify from 'fastify'
import { loadRow } from './suites.mjs'

const { row, plugin } = await loadRow(process.argv[2])
const used = process.cpuUsage()
const started = performance.now()

const app = Fastify()
await row.setup(app, plugin)
await app.ready()

const time = (performance.now() - started) * 1000
const { user, system } = process.cpuUsage(used)
process.on('disconnect', () => { process.exit() })
process.send({ cpu: user + system, time })
