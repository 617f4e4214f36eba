import { spawnSync } from 'node:child_process'

function taskset (...args) {
  return spawnSync('taskset', args, { encoding: 'utf8' }).stdout ?? ''
}

function allowedCores () {
  const list = taskset('-pc', String(process.pid)).split(': ')[1] ?? ''
  return list.trim().split(',').filter(Boolean).flatMap(range => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

// Read before this process is confined to one of them. The first core is left to the client, because it is
// usually also the one that serves interrupts.
const allowed = allowedCores()
const cores = allowed.length > 1 ? { client: allowed[0], server: allowed[1] } : null

/** Confines this process, where the load comes from, to its core; null where the machine cannot. */
export function pinClient () {
  if (cores) taskset('-apc', String(cores.client), String(process.pid))
  return cores
}

/** Options of `fork` for a child on the server's core: taskset becomes the very Node process that it starts. */
export function pinnedServer (flags) {
  if (!cores) return { execArgv: flags }
  return { execPath: 'taskset', execArgv: ['-c', String(cores.server), process.execPath, ...flags] }
}
