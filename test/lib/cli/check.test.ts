import t, { type Test } from 'tap'
import { check } from '../../../lib/cli/check.ts'
import { plain } from '../../../lib/cli/paint.ts'
import { surroundings } from './surroundings.ts'

async function run (t: Test, text: string, options: Record<string, string | boolean> = {}): Promise<{ data: any, text: string, exitCode: number }> {
  const cwd = t.testdir({ 'app.mjs': text })
  const result = await check.run({ options, operands: ['app.mjs'] }, surroundings('', cwd))
  return { data: result.data, text: result.text(plain, 160), exitCode: result.exitCode }
}

const APP = `
  import Fastify from 'fastify'
  import { headers } from 'fastify-bulwark/headers'
  const app = Fastify({ logger: true })
  console.log('{ "not": "ours" }')
  app.register(headers)
  app.get('/', (request, reply) => reply.type('text/html').send('hello'))
  app.get('/open', { config: { security: { headers: false, redirect: { hosts: ['a.test'] } } } }, (request, reply) => reply.type('text/html').send('hello'))
  app.post('/users/:id', { schema: { body: { type: 'object' } } }, () => ({}))
  export default app`

t.test('each route with its facts and findings', async (t) => {
  const { text, data, exitCode } = await run(t, `${APP}\n  app.get('/silent', () => new Promise(() => {}))`)
  t.equal(exitCode, 1, text)
  t.match(text, /^GET \/ {2}200 text\/html\n {2}plugins {2}headers\n {2}policy {3}default-src 'none'; /)
  t.match(text, /^GET \/open {2}200 text\/html/m)
  t.match(text, /^ {2}exempt +headers$/m)
  t.match(text, /^ {2}redirect +\{"hosts":\["a\.test"\]\}$/m)
  t.match(text, /^POST \/users\/:id {2}not asked\n {2}plugins {2}headers\n {2}csrf {5}off\n {2}session {2}off\n {2}schema {3}body\n {2}low {3}csrf-off /m)
  t.match(text, /\n\n\d+ findings: .*\.$/)
  t.match(text, /^GET \/silent {2}no reply$/m)
  t.equal(data.routes.length, 5)
})

t.test('a setting that a line above says already is not told again', async (t) => {
  const { text } = await run(t, `
  import Fastify from 'fastify'
  import { csrf, generateKey } from 'fastify-bulwark/csrf'
  import { requireLogin, session } from 'fastify-bulwark/session'
  const app = Fastify()
  app.register(session, { keys: [generateKey()] })
  app.register(csrf, { origin: 'https://a.test', keys: [generateKey()] })
  app.post('/a', { config: { security: { csrf: 'token', session: requireLogin } } }, () => ({}))
  app.post('/b', { config: { security: { csrf: { trustedOrigins: ['https://b.test'] }, session: { login: true } } } }, () => ({}))
  export default app`)
  const [a, b] = [/^POST \/a [\s\S]*?\n\n/m, /^POST \/b [\s\S]*?\n\n/m].map((route) => route.exec(text)![0])
  t.match(a, / {2}csrf {5}enforce, token\n {2}session {2}required\n {2}schema {3}none\n {2}low /)
  t.match(b, /\n {2}csrf {5}\{"trustedOrigins":\["https:\/\/b\.test"\]\}\n {2}session {2}\{"login":true\}\n/)
})

t.test('the process of an application ends, whatever that has against it', async (t) => {
  const { data } = await run(t, `${APP}
  process.exit = () => {}
  setInterval(() => {}, 1000)
  app.get('/pid', (request, reply) => reply.header('content-security-policy', 'report-to p' + process.pid).send(''))`)
  const { reply } = data.routes.find(({ url }: { url: string }) => url === '/pid')
  const pid = Number(reply.policy.slice('report-to p'.length))
  const isAlive = (): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  for (let waits = 0; waits < 100 && isAlive(); waits++) await new Promise((resolve) => setTimeout(resolve, 50))
  t.notOk(isAlive())
})

t.test('the exit code follows --fail-on', async (t) => {
  t.equal((await run(t, APP, { 'fail-on': 'low' })).exitCode, 1)
  t.equal((await run(t, APP, { 'fail-on': 'never' })).exitCode, 0)
})

t.test('--verbose changes nothing of the answer', async (t) => {
  const silent = APP.replace('{ logger: true }', '').replace(/console\.log\(.*\)/, '')
  t.equal((await run(t, silent, { verbose: true })).text, (await run(t, silent)).text)
})

const failures: Array<[what: string, text: string, options: Record<string, string>, message: RegExp]> = [
  ['a module that never ends to load', 'await new Promise((resolve) => setTimeout(resolve, 1e6))', { timeout: '1' }, /^The application was not ready within 1 second \(--timeout\)\.$/],
  ['a module that turns in a circle', 'for (;;);', { timeout: '0.7' }, /^The application was not ready within 0\.7 seconds \(--timeout\)\.$/],
  ['a module that ends the process', 'process.exit(3)', {}, /^The application ended its process \(exit code 3\)\.$/],
  ['a module that kills the process', 'process.kill(process.pid, "SIGKILL")', {}, /^The application ended its process \(SIGKILL\)\.$/],
  ['a module that throws', 'throw new Error("no database")', {}, /^The application could not be loaded \(no database\)\.$/],
  ['a host that is none', 'export {}', { host: 'a b' }, /^--host expects the name of a host\.$/],
  ['a severity that is none', 'export {}', { 'fail-on': 'x' }, /^--fail-on expects/]
]
for (const [what, text, options, message] of failures) t.test(`one sentence: ${what}`, async (t) => await t.rejects(run(t, text, options), { name: 'CommandError', message }))

t.test('one sentence: no such file', async (t) => {
  await t.rejects(check.run({ options: {}, operands: ['none.mjs'] }, surroundings()), { message: 'There is no file none.mjs.' })
})

t.test('no listener for signals is left', async (t) => {
  const before = process.listenerCount('SIGINT')
  await run(t, APP)
  t.equal(process.listenerCount('SIGINT'), before)
})

t.test('a signal ends the application, and then the program', { skip: process.platform === 'win32' ? 'there are no signals' : false }, async (t) => {
  let count = 0
  const ended = new Promise<void>((resolve) => {
    // Keeps this process alive when the signal comes again.
    const onSignal = (): void => { if (++count === 2) resolve() }
    process.on('SIGHUP', onSignal)
    t.teardown(() => process.off('SIGHUP', onSignal))
  })
  const checked = run(t, `${APP}\n  process.kill(process.ppid, 'SIGHUP')\n  for (;;);`)
  await t.rejects(checked, { name: 'CommandError', message: 'The application ended its process (SIGKILL).' })
  await ended
})
