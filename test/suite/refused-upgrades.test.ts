import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { csrf } from '../../plugins/csrf.ts'
import { generateKey, requireLogin, session } from '../../plugins/session.ts'
import { transport } from '../../plugins/transport.ts'

// @fastify/websocket takes the connection of every upgrade from the server, and knows of it from its own onRequest hook on. What refuses before that has to end it.

const keys = [generateKey()]
const guards: ReadonlyArray<readonly [name: string, register: (app: FastifyInstance) => unknown, status: number]> = [
  ['csrf', (app) => app.register(csrf, { keys, origin: 'https://app.test' }), 403],
  ['session', (app) => app.register(session, { keys }), 401],
  ['transport', (app) => app.register(transport, { hosts: ['app.test'], https: false }), 421]
]

for (const [name, register, status] of guards) {
  for (const allowHalfOpen of [false, true]) {
    t.test(`${name}: a refused WebSocket leaves no connection${allowHalfOpen ? ', even where the client does not end its side' : ''}`, async (t) => {
      const app = Fastify()
      t.teardown(() => app.close())
      await register(app)
      await app.register(websocket)
      app.get('/live', { websocket: true, config: { security: name === 'session' ? { session: requireLogin } : {} } }, (socket) => socket.close())
      await app.listen({ port: 0, host: '127.0.0.1' })
      const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen })
      t.teardown(() => socket.destroy())
      socket.on('error', () => {})
      socket.write('GET /live HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
      t.match(String((await once(socket, 'data'))[0]), new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nconnection: close\r\n`))
      const connections = promisify(app.server.getConnections.bind(app.server))
      while (await connections() > 0) await sleep(5)
    })
  }
}
