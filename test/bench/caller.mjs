// Calls the function of one row, over and over: node caller.mjs <row>
import { loadRow } from './suites.mjs'

const { row, plugin } = await loadRow(process.argv[2])
const call = await row.prepare(plugin)
// What nobody looks at, a compiler leaves out.
let last

process.on('message', calls => {
  const used = process.cpuUsage()
  const started = performance.now()
  for (let left = calls; left > 0; left--) last = call()
  const time = (performance.now() - started) * 1000
  const { user, system } = process.cpuUsage(used)
  process.send({ cpu: (user + system) / calls, time: time / calls, last: typeof last })
})
process.on('disconnect', () => { process.exit() })
process.send({})
