import Fastify from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { requireLogin, session, type SessionStore } from '../../plugins/session.ts'
import { postgresStore } from '../../lib/session/stores/postgres.ts'
import { redisStore } from '../../lib/session/stores/redis.ts'

// One process of an application that has several. Its parent tells it where the store is, and what time it is.

/** What the parent sends first. */
export interface Assignment {
  readonly name: string
  readonly key: string
  readonly store: 'Redis' | 'PostgreSQL'
  readonly port: number
  readonly time: number
}

async function storeOf ({ store, port }: Assignment): Promise<SessionStore> {
  if (store === 'PostgreSQL') {
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'bulwark', database: 'postgres', connectionTimeoutMillis: 2000 })
    return postgresStore(pool.on('error', () => {}))
  }
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true })
  client.on('error', () => {})
  await client.connect()
  return redisStore(client)
}

let time = 0

async function start (assignment: Assignment): Promise<void> {
  time = assignment.time
  const app = Fastify()
  await app.register(session, { keys: [assignment.key], store: await storeOf(assignment), cacheSeconds: 5, now: () => time })
  app.addHook('onSend', async (_request, reply) => { reply.header('x-process', assignment.name) })
  app.post('/login', async (request) => {
    await request.session.login('42')
    return {}
  })
  app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
  app.get('/strict', { config: { security: { session: { login: true, strict: true } } } }, async (request) => ({ user: request.session.userId }))
  app.get('/devices', { preHandler: requireLogin }, async () => ({ count: await app.sessions.count('42') }))
  app.post('/logout', async (request) => {
    await request.session.logout()
    return {}
  })
  app.post('/end-others', { preHandler: requireLogin }, async (request) => {
    await app.sessions.revokeUser('42', { except: request.session.id! })
    return {}
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  process.send!({ port: (app.server.address() as { port: number }).port })
}

process.on('message', (message: Assignment | { readonly time: number }) => {
  if ('key' in message) {
    start(message)
  } else {
    time = message.time
    process.send!({ time })
  }
})
process.once('disconnect', () => process.exit())
