import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Server, skipWithout } from './server.ts'

const PATH = '/usr/bin/redis-server'
const command = existsSync(PATH) ? PATH : undefined

/** For tap's option `skip`. */
export const skip: string | false = skipWithout('Redis', 'redis-server', command)

/** A Redis server that is ready. Without persistence, unless `settings` ask for it. */
export async function startRedis (...settings: string[]): Promise<Server> {
  if (command === undefined) throw new Error(`Redis is not there (${PATH}).`)
  const server = new Server({
    name: 'redis',
    command,
    arguments: (folder, port) => ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction', ...settings],
    ask,
    farewell: 'KILL'
  })
  await server.start()
  return server
}

/** As long as it reads its data from the disk, a server answers with an error. */
async function ask (port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write('PING\r\n')
    const [answer] = await once(socket, 'data') as [Buffer]
    if (answer.toString() !== '+PONG\r\n') throw new Error(answer.toString())
  } finally {
    socket.destroy()
  }
}
