import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import t, { type Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { postgresStore } from '../../lib/session/stores/postgres.ts'
import { connectionOf, skip as skipPostgres, startPostgres } from './postgres-server.ts'
import { skip as skipRedis, startRedis } from './redis-server.ts'
import type { Server } from './server.ts'
import type { Assignment } from './session-process.ts'

/** The cacheSeconds of the processes. */
const LAG = 5000

/** An answer of one of the processes. */
interface Answer {
  readonly by: string
  readonly status: number
  readonly cookie: string
  readonly body: Record<string, unknown>
}

async function send (port: number, method: string, path: string, cookie: string): Promise<{ response: IncomingMessage, body: string }> {
  const request = ask({ host: '127.0.0.1', port, method, path, headers: cookie === '' ? {} : { cookie }, agent: false }).end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  return { response, body: await text(response) }
}

/** Two processes of one application, behind a proxy that gives each request to the next of them, and whose clocks stand still until they are moved. */
class Cluster {
  readonly #assignment: Omit<Assignment, 'name' | 'time'>
  readonly #proxy = createServer((incoming, reply) => { this.#pass(incoming.method!, incoming.url!, incoming.headers.cookie ?? '', reply) })
  #time = Date.now()
  #turn = 0
  #processes: ReadonlyArray<{ readonly child: ChildProcess, readonly port: number }> = []

  constructor (assignment: Omit<Assignment, 'name' | 'time'>) {
    this.#assignment = assignment
  }

  async start (): Promise<void> {
    if (!this.#proxy.listening) await once(this.#proxy.listen(0, '127.0.0.1'), 'listening')
    this.#turn = 0
    this.#processes = await Promise.all(['one', 'two'].map(async (name) => {
      const child = fork(new URL('session-process.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      child.send({ ...this.#assignment, name, time: this.#time } satisfies Assignment)
      const [{ port }] = await once(child, 'message') as [{ port: number }]
      return { child, port }
    }))
  }

  /** Both processes stop at once. */
  async kill (): Promise<void> {
    await Promise.all(this.#processes.map(async ({ child }) => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }))
  }

  async close (): Promise<void> {
    await this.kill()
    this.#proxy.close()
  }

  async pass (milliseconds: number): Promise<void> {
    this.#time += milliseconds
    await Promise.all(this.#processes.map(async ({ child }) => {
      const done = once(child, 'message')
      child.send({ time: this.#time })
      await done
    }))
  }

  /** Through the proxy: to the process whose turn it is. */
  async ask (method: string, path: string, cookie = ''): Promise<Answer> {
    const { response, body } = await send((this.#proxy.address() as { port: number }).port, method, path, cookie)
    return {
      by: String(response.headers['x-process']),
      status: response.statusCode!,
      cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
      body: JSON.parse(body) as Record<string, unknown>
    }
  }

  /** The status that each of the two processes gives. */
  async statuses (path: string, cookie: string): Promise<Record<string, number>> {
    const answers = [await this.ask('GET', path, cookie), await this.ask('GET', path, cookie)]
    return Object.fromEntries(answers.map(({ by, status }) => [by, status]))
  }

  async #pass (method: string, path: string, cookie: string, reply: ServerResponse): Promise<void> {
    const { port } = this.#processes[this.#turn++ % this.#processes.length]!
    const { response, body } = await send(port, method, path, cookie)
    reply.writeHead(response.statusCode!, response.headers)
    reply.end(body)
  }
}

const LIVE = { one: 200, two: 200 }
const DEAD = { one: 401, two: 401 }

async function twoProcesses (t: Test, store: Assignment['store'], server: Server): Promise<void> {
  const cluster = new Cluster({ key: generateKey(), store, port: server.port })
  t.teardown(() => cluster.close())
  await cluster.start()
  const ended: string[] = []

  /** A login by one of the processes. The other has the next turn. */
  const login = async (by: string): Promise<string> => {
    // No login may fall into the millisecond of a cut-off.
    await cluster.pass(1000)
    const answer = await cluster.ask('POST', '/login')
    if (answer.by !== by) return await login(by)
    t.equal(answer.status, 200)
    return answer.cookie
  }

  await t.test('a login on one is a session on the other', async (t) => {
    const cookie = await login('one')
    const answer = await cluster.ask('GET', '/me', cookie)
    t.same([answer.by, answer.status, answer.body], ['two', 200, { user: '42' }])
    const devices = await cluster.ask('GET', '/devices', cookie)
    t.same([devices.by, devices.status], ['one', 200])
  })

  await t.test('a logout on the other ends it there at once, and here within cacheSeconds', async (t) => {
    const cookie = await login('one')
    t.same(await cluster.statuses('/me', cookie), LIVE)
    const logout = await cluster.ask('POST', '/logout', cookie)
    t.same([logout.by, logout.status], ['two', 200])
    t.same(await cluster.statuses('/me', cookie), { one: 200, two: 401 }, 'one relies on what it was told a moment ago')
    await cluster.pass(LAG - 1)
    t.same(await cluster.statuses('/me', cookie), { one: 200, two: 401 }, 'and not a millisecond longer')
    await cluster.pass(1)
    t.same(await cluster.statuses('/me', cookie), DEAD)
    ended.push(cookie)
  })

  await t.test('a strict route knows at once, and from then on its process', async (t) => {
    const cookie = await login('one')
    t.same(await cluster.statuses('/strict', cookie), LIVE)
    t.equal((await cluster.ask('POST', '/logout', cookie)).by, 'two')
    t.same(await cluster.statuses('/me', cookie), { one: 200, two: 401 })
    t.same(await cluster.statuses('/strict', cookie), DEAD)
    t.same(await cluster.statuses('/me', cookie), DEAD)
    ended.push(cookie)
  })

  let kept = ''
  await t.test('the end of all sessions but one', async (t) => {
    const others = [await login('one'), await login('two')]
    kept = await login('one')
    for (const cookie of [...others, kept]) t.same(await cluster.statuses('/me', cookie), LIVE)
    const answer = await cluster.ask('POST', '/end-others', kept)
    t.same([answer.by, answer.status], ['two', 200])
    for (const cookie of others) t.same(await cluster.statuses('/strict', cookie), DEAD)
    t.same(await cluster.statuses('/strict', kept), LIVE)
    await cluster.pass(LAG)
    for (const cookie of others) t.same(await cluster.statuses('/me', cookie), DEAD)
    t.same(await cluster.statuses('/me', kept), LIVE)
    t.same((await cluster.ask('GET', '/devices', kept)).body, { count: 1 })
    ended.push(...others)
  })

  await t.test('after a restart of both, what ended is dead and the rest lives', async (t) => {
    await cluster.kill()
    await cluster.start()
    t.equal(ended.length, 4)
    for (const cookie of ended) t.same(await cluster.statuses('/me', cookie), DEAD)
    t.same(await cluster.statuses('/me', kept), LIVE)
  })
}

t.test('two processes with Redis', { skip: skipRedis }, async (t) => {
  const server = await startRedis()
  t.teardown(() => server.close())
  await twoProcesses(t, 'Redis', server)
})

t.test('two processes with PostgreSQL', { skip: skipPostgres }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  const admin = new pg.Pool({ ...connectionOf(server), max: 1 }).on('error', () => {})
  await postgresStore(admin).createTables()
  await admin.end()
  await twoProcesses(t, 'PostgreSQL', server)
})
