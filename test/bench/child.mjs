import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinnedServer } from './cores.mjs'

/** A process of its own for a row. It speaks first, when it is ready; after that it answers what it is asked. */
export async function startChild (script, row, flags = []) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [row.name, ...row.modules ?? []], {
    ...pinnedServer(flags),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })

  function answer () {
    return new Promise((resolve, reject) => {
      const ended = code => { reject(new Error(`${row.name}: the process ended early, with code ${code}`)) }
      child.once('exit', ended)
      child.once('error', reject)
      child.once('message', message => {
        child.off('exit', ended)
        child.off('error', reject)
        resolve(message)
      })
    })
  }

  return {
    greeting: await answer(),
    ask (question) {
      child.send(question)
      return answer()
    },
    async stop () {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}
