import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import Fastify from 'fastify'
import t from 'tap'
import { generateKey } from '../../../lib/keys.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { session } from '../../../plugins/session.ts'
import { examplesOf } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('deployment')

show('server.ts', async (t) => {
  const file = compiled('server.js')
  const missing = spawnSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, PORT: '0', SESSION_KEYS: undefined } })
  t.equal(missing.status, 1, 'without keys it does not start')
  t.match(missing.stderr, 'SESSION_KEYS is not set.')

  const program = spawn(process.execPath, [file], { env: { ...process.env, NODE_ENV: 'production', PORT: '0', NOTICE: '2000', SESSION_KEYS: `${generateKey()},${generateKey()}` }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => program.kill('SIGKILL'))
  let log = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => { log += text })
  while (!/http:[^"]+:\d+/.test(log)) await once(program.stdout, 'data')
  const port = Number(/http:[^"]+:(\d+)/.exec(log)![1])
  // `fetch` does not let a Host be chosen.
  const ask = (path: string, headers: Record<string, string> = {}): Promise<number> => new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host: 'app.example', connection: 'close', ...headers } })
      .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode!))).on('error', reject).end()
  })
  t.equal(await ask('/health/live', { host: '10.0.0.1' }), 200, 'a balancer asks over http, for an address')
  t.equal(await ask('/health/ready', { host: '10.0.0.1' }), 200)
  t.equal(await ask('/me'), 403, 'nothing else is answered over http')
  t.equal(await ask('/me?token=a-secret', { 'x-forwarded-proto': 'https', cookie: 'a=a-secret', authorization: 'a-secret' }), 401)

  const ended = once(program, 'exit')
  program.kill('SIGTERM')
  while (await ask('/health/ready', { host: '10.0.0.1' }) !== 503);
  t.pass('it says that it is leaving')
  t.equal(await ask('/me', { 'x-forwarded-proto': 'https' }), 401, 'and answers as long as it is asked')
  t.same(await ended, [0, null], 'then it ends by itself')
  t.match(log, '"path":"/me"')
  t.notMatch(log, 'a-secret', 'the log holds no query and no credential')
  t.notMatch(log, 'health', 'nor a line for every question of the balancer')
})

t.test('hooks of closing run in reverse: one that was added before session closes the client of its store last', async (t) => {
  const closed: string[] = []
  const store = memoryStore()
  const app = Fastify()
  app.addHook('onClose', async () => { closed.push('client') })
  // The store is down until the application closes: what it owes is tried once more then.
  const revoke = store.revoke.bind(store)
  store.revoke = async (...given) => {
    if (!isClosing) throw new Error('down')
    closed.push('store')
    await revoke(...given)
  }
  let isClosing = false
  await app.register(session, { keys: [generateKey()], store })
  app.post('/login', async ({ session }) => { await session.login('42'); return 'in' })
  app.post('/logout', async ({ session }) => { await session.logout(); return 'out' })
  const login = await app.inject({ method: 'POST', url: '/login' })
  await app.inject({ method: 'POST', url: '/logout', cookies: Object.fromEntries(login.cookies.map(({ name, value }) => [name, value])) })
  isClosing = true
  await app.close()
  t.equal(closed.at(-1), 'client')
  t.ok(closed.includes('store'), closed.join())
})

nothingLeftOut()
