import { once } from 'node:events'
import { Agent, request as ask, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { postgresStore } from '../../lib/session/stores/postgres.ts'
import { redisStore } from '../../lib/session/stores/redis.ts'
import { requireLogin, session, type SessionEvent, type SessionOptions } from '../../plugins/session.ts'
import { connectionOf, skip as skipPostgres, startPostgres } from './postgres-server.ts'
import { skip as skipRedis, startRedis } from './redis-server.ts'
import type { Server } from './server.ts'
import type { Connect } from './shared-cases.ts'

const IN_FLIGHT = 500

/** What an answer said. */
interface Answer {
  readonly status: number
  readonly cookie: string
  readonly body: string
}

/** An application of one process, and what it told of its store. */
interface Site {
  readonly app: FastifyInstance
  readonly events: SessionEvent[]
  send (method: string, path: string, cookie?: string): Promise<Answer>
}

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

async function serve (t: Test, connect: Connect, key: string, options: Partial<SessionOptions> = {}): Promise<Site> {
  const { store, close } = await connect()
  const events: SessionEvent[] = []
  const app = Fastify()
  // Every request asks the store.
  await app.register(session, { keys: [key], store, cacheSeconds: 0, onEvent: (event) => events.push(event), ...options })
  let users = 0
  app.post('/login', async (request) => {
    await request.session.login(`user ${++users}`)
    return {}
  })
  app.post('/logout', async (request) => {
    await request.session.logout()
    return {}
  })
  app.get('/me', async (request) => ({ isSignedIn: request.session.userId !== undefined }))
  app.get('/private', { preHandler: requireLogin }, async () => ({}))
  app.get('/strict', { config: { security: { session: { login: true, strict: true } } } }, async () => ({}))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  t.teardown(async () => {
    agent.destroy()
    await app.close()
    await close()
  })
  const { port } = app.server.address() as { port: number }
  return {
    app,
    events,
    async send (method, path, cookie) {
      const request = ask({ host: '127.0.0.1', port, method, path, agent, headers: cookie === undefined ? {} : { cookie } }).end()
      const [response] = await once(request, 'response') as [IncomingMessage]
      return { status: response.statusCode!, cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '', body: await text(response) }
    }
  }
}

async function signIn (site: Site, count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => site.send('POST', '/login')))
  return answers.map(({ cookie }) => cookie)
}

/** On a busy machine, ten thousand writes take their time. */
const PATIENCE = 60_000

async function until (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; !await isSo(); await wait(20)) {
    if (Date.now() > end) throw new Error(`${what}: it did not come to that.`)
  }
}

/** Asks until the store has answered again, and until it has been told what it is owed. */
async function untilSettled (site: Site, cookie: string): Promise<void> {
  await until('the store is up', async () => {
    await site.send('GET', '/me', cookie)
    return site.events.findLast(({ name }) => name === 'session_store_up' || name === 'session_store_down')?.name === 'session_store_up'
  })
  await until('nothing is owed', () => site.events.findLast(({ name }) => name === 'session_revocation_pending' || name === 'session_revocation_done')?.name !== 'session_revocation_pending')
}

function counted<Value> (values: readonly Value[]): Map<Value, number> {
  const counts = new Map<Value, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** 250 that read and 250 that sign in and out, each without a pause, when the server dies. */
async function killed (t: Test, server: Server, connect: Connect): Promise<void> {
  const key = generateKey()
  const site = await serve(t, connect, key)
  const readers = await signIn(site, IN_FLIGHT / 2)
  const reads: number[] = []
  const logins: number[] = []
  const loggedOut: string[] = []
  const refused: number[] = []
  let isDead = false
  let readsAfter = 0
  let logoutsAfter = 0
  const isEnough = (): boolean => readsAfter >= IN_FLIGHT / 2 && logoutsAfter >= IN_FLIGHT / 2
  const read = async (cookie: string): Promise<void> => {
    while (!isEnough()) {
      reads.push((await site.send('GET', '/private', cookie)).status)
      if (isDead) readsAfter++
    }
  }
  const comeAndGo = async (): Promise<void> => {
    while (!isEnough()) {
      const { status, cookie } = await site.send('POST', '/login')
      logins.push(status)
      const logout = await site.send('POST', '/logout', cookie)
      if (logout.status === 200) loggedOut.push(cookie)
      else refused.push(logout.status)
      if (isDead) logoutsAfter++
    }
  }
  const load = Promise.all([...readers.map(read), ...readers.map(comeAndGo)])
  await until('some have signed out', () => loggedOut.length >= 100)
  await server.kill()
  isDead = true
  await load
  t.same([...counted(reads).keys()], [200], 'every read was answered, as before')
  t.same([...counted(logins).keys()], [200])
  t.same(refused, [], 'every logout was taken')
  const pending = site.events.filter(({ name }) => name === 'session_revocation_pending')
  t.ok(pending.length > 0, 'some are owed to the store')
  t.equal(site.events.filter(({ name }) => name === 'session_revocation_lost').length, 0)
  const dead = await Promise.all(loggedOut.slice(-20).map((cookie) => site.send('GET', '/private', cookie)))
  t.same([...counted(dead.map(({ status }) => status)).keys()], [401], 'here they are in force while the store is away')
  t.equal((await site.send('GET', '/strict', readers[0])).status, 503, 'a strict route lets nobody in')

  await server.start()
  await untilSettled(site, readers[0]!)
  const other = await serve(t, connect, key)
  const answers = await Promise.all(loggedOut.map((cookie) => other.send('GET', '/strict', cookie)))
  t.same(counted(answers.map(({ status }) => status)), new Map([[401, loggedOut.length]]), 'every logout that was answered is in force for everybody')
  const alive = await Promise.all(readers.map((cookie) => other.send('GET', '/strict', cookie)))
  t.same(counted(alive.map(({ status }) => status)), new Map([[200, readers.length]]), 'and nobody else is out')
}

/** What is owed has a bound, and a logout beyond it is not promised. */
async function owed (t: Test, server: Server, connect: Connect): Promise<void> {
  const key = generateKey()
  const site = await serve(t, connect, key)
  const MOST = 10_000
  const { app, events } = site
  const inject = async (path: string, cookie = ''): Promise<{ status: number, cookie: string }> => {
    const { statusCode, headers } = await app.inject({ method: 'POST', url: path, headers: { cookie } })
    return { status: statusCode, cookie: [headers['set-cookie']].flat()[0]?.split(';')[0] ?? '' }
  }
  const last = await Promise.all(Array.from({ length: 5 }, () => inject('/login')))
  await server.kill()
  for (let count = 0; count < MOST - 2; count++) await app.sessions.revoke(`id-${count}`)
  const statuses: number[] = []
  for (const { cookie } of last) statuses.push((await inject('/logout', cookie)).status)
  t.same(statuses, [200, 200, 503, 503, 503])
  t.equal(Math.max(...events.map(({ name, count = 0 }) => name === 'session_revocation_pending' ? count : 0)), MOST)
  t.equal(events.filter(({ name }) => name === 'session_revocation_lost').length, 3)
  for (const { cookie } of last) t.equal((await site.send('GET', '/private', cookie)).status, 401, 'here each has ended')

  await server.start()
  const witness = await signIn(site, 1)
  await untilSettled(site, witness[0]!)
  const other = await serve(t, connect, key)
  for (const { cookie } of last.slice(0, 2)) t.equal((await other.send('GET', '/strict', cookie)).status, 401, 'what was promised is in force')
}

/** Where the store decides, nobody is signed in without it. */
async function denied (t: Test, server: Server, connect: Connect): Promise<void> {
  const site = await serve(t, connect, generateKey(), { onStoreError: 'deny' })
  const cookies = await signIn(site, 20)
  await server.kill()
  const answers = await Promise.all(cookies.map((cookie) => site.send('GET', '/me', cookie)))
  t.same(counted(answers.map(({ status, body, cookie }) => `${status} ${body} ${cookie}`)), new Map([['200 {"isSignedIn":false} ', 20]]), 'a page shows nobody, and leaves the cookie')
  t.equal((await site.send('GET', '/private', cookies[0])).status, 503)
  t.equal((await site.send('POST', '/login')).status, 503)
  t.equal((await site.send('POST', '/logout', cookies[0])).status, 200, 'a logout is taken')
  await server.start()
  await untilSettled(site, cookies[1]!)
  t.same((await site.send('GET', '/me', cookies[1])).body, '{"isSignedIn":true}', 'the session goes on')
  t.equal((await site.send('GET', '/private', cookies[0])).status, 401)
}

/** A server that hangs is cut off and counts as down. */
async function suspended (t: Test, server: Server, connect: Connect): Promise<void> {
  const key = generateKey()
  // Only what is asked of the server that hangs has a limit so short that a slow machine may miss it.
  const cookies = await signIn(await serve(t, connect, key), 50)
  const site = await serve(t, connect, key, { storeTimeout: 0.2 })
  server.suspend()
  const answers = await Promise.all(cookies.map((cookie) => site.send('GET', '/private', cookie)))
  t.same(counted(answers.map(({ status }) => status)), new Map([[200, 50]]), 'reads are answered')
  t.same(site.events.filter(({ name }) => name === 'session_store_down').map(({ reason }) => reason), ['TimeLimit'], 'it counts as down, and this is told once')
  t.equal((await site.send('GET', '/strict', cookies[0])).status, 503)
  const logouts = await Promise.all(cookies.slice(0, 25).map((cookie) => site.send('POST', '/logout', cookie)))
  t.same(counted(logouts.map(({ status }) => status)), new Map([[200, 25]]))
  t.equal((await site.send('GET', '/private', cookies[0])).status, 401)
  server.resume()
  await untilSettled(site, cookies[30]!)
  const other = await serve(t, connect, key)
  const after = await Promise.all(cookies.map((cookie) => other.send('GET', '/strict', cookie)))
  t.same(after.map(({ status }) => status), cookies.map((_cookie, index) => index < 25 ? 401 : 200), 'the logouts are in force')
}

async function withoutStore (t: Test, server: Server, connect: Connect): Promise<void> {
  await t.test('SIGKILL under 500 requests in flight', (t) => killed(t, server, connect))
  await t.test('SIGKILL with onStoreError "deny"', (t) => denied(t, server, connect))
  await t.test('SIGSTOP', (t) => suspended(t, server, connect))
  await wait(0)
  t.same(unhandled, [], 'no rejection was left alone')
}

// The clients are set as docs/stores.md says.

t.test('Redis', { skip: skipRedis }, async (t) => {
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  t.teardown(() => server.close())
  const connect: Connect = async () => {
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0, socketTimeout: 5000 })
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore(client), close: () => client.disconnect() }
  }
  await withoutStore(t, server, connect)
  await t.test('SIGKILL, and more logouts than can be owed', (t) => owed(t, server, connect))
})

t.test('PostgreSQL', { skip: skipPostgres }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  await withoutStore(t, server, async () => {
    const pool = new pg.Pool({ ...connectionOf(server), connectionTimeoutMillis: 2000, query_timeout: 5000 })
    pool.on('error', () => {})
    const store = postgresStore(pool)
    await store.createTables()
    return { store, close: () => pool.end() }
  })
})
