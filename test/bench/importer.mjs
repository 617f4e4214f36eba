// Imports the modules of one row, in a process that has loaded nothing else: node importer.mjs <row> <module>...
const [, , , ...modules] = process.argv
const used = process.cpuUsage()
const started = performance.now()

for (const module of modules) await import(module)

const time = (performance.now() - started) * 1000
const { user, system } = process.cpuUsage(used)
process.on('disconnect', () => { process.exit() })
process.send({ cpu: user + system, time })
