import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { Server, account, findProgram, skipWithout } from './server.ts'

const PATTERN = '/usr/lib/postgresql/*/bin/postgres'
const command = findProgram(PATTERN)

/** For tap's option `skip`. */
export const skip: string | false = skipWithout('PostgreSQL', 'postgresql', command)

/** How to connect to a server, as the database's owner. */
export function connectionOf ({ port }: Server): { host: string, port: number, user: string, database: string } {
  return { host: '127.0.0.1', port, user: 'bulwark', database: 'postgres' }
}

/** A PostgreSQL server that is ready, with a new cluster. It does not wait for the disk: what it acknowledged outlives it, but not the machine. */
export async function startPostgres (): Promise<Server> {
  if (command === undefined) throw new Error(`PostgreSQL is not there (${PATTERN}).`)
  const server = new Server({
    name: 'postgres',
    command,
    arguments: (folder, port) => [
      '-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'fsync=off', '-c', 'max_connections=60', '-c', 'shared_buffers=16MB'
    ],
    async ask (port) {
      const client = new pg.Client({ host: '127.0.0.1', port, user: 'bulwark', database: 'postgres' })
      try {
        await client.connect()
      } finally {
        await client.end()
      }
    },
    farewell: 'QUIT'
  })
  const made = spawnSync(join(command, '../initdb'), [
    '-D', join(server.folder, 'data'), '-U', 'bulwark', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'
  ], { cwd: server.folder, encoding: 'utf8', ...account })
  if (made.status !== 0) {
    await server.close()
    throw new Error(`initdb: ${made.error?.message ?? made.stderr}`)
  }
  await server.start()
  return server
}
