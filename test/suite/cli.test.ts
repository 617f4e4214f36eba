import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

// The program itself, in processes of its own, as a shell starts it.

// Three dozen processes, on a machine that may have others to run.
t.setTimeout(300_000)

const program = fileURLToPath(new URL('../../../bin/fastify-bulwark.mjs', import.meta.url))

const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !['NO_COLOR', 'FORCE_COLOR'].includes(name)))

function start (args: readonly string[], options: { cwd?: string, env?: NodeJS.ProcessEnv } = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, ...args], { ...options, env: { ...environment, ...options.env } })
}

interface Run { readonly out: string, readonly err: string, readonly exitCode: number | null, readonly signal: NodeJS.Signals | null }

async function ended (child: ChildProcessWithoutNullStreams): Promise<Run> {
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
  const [exitCode, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null]
  return { out, err, exitCode, signal }
}

async function run (args: readonly string[], stdin: string = '', options: { cwd?: string, env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  const child = start(args, options)
  child.stdin.on('error', () => {}).end(stdin)
  return await ended(child)
}

const WEAK = "default-src 'self'"

t.test('the program is thin, and may be started by its name', async (t) => {
  const text = readFileSync(program, 'utf8')
  t.ok(text.startsWith('#!/usr/bin/env node\n'))
  t.ok(text.trimEnd().split('\n').length <= 10)
  t.same([...text.matchAll(/from '(.+)'/g)].map(([, name]) => name), ['../dist/bundle/cli/main.js'])
  if (process.platform !== 'win32') t.equal(statSync(program).mode & 0o111, 0o111)
})

t.test('an exit code for each end', async (t) => {
  t.match(await run(['--version']), { exitCode: 0, err: '' })
  t.match(await run(['csp', WEAK]), { exitCode: 1, err: '' })
  t.match(await run(['csp', WEAK, '--fail-on=never']), { exitCode: 0, err: '' })
  t.match(await run(['cps']), { exitCode: 2, out: '', err: 'fastify-bulwark: There is no command cps: did you mean csp?\n' })
})

t.test('a policy from standard input, as curl -I gives it, and one that is too long', async (t) => {
  t.match(await run(['csp', '-', '--json'], `HTTP/1.1 200 OK\r\ncontent-security-policy: ${WEAK}\r\n\r\n`), { exitCode: 1, err: '' })
  t.match(await run(['csp', '-'], 'a'.repeat(2_000_000)), { exitCode: 2, out: '', err: 'fastify-bulwark: The input is longer than a megabyte.\n' })
  t.match(await run(['csp', '-']), { exitCode: 2, err: /^fastify-bulwark: There is no Content-Security-Policy in the input\.\n$/ })
})

t.test('without a terminal there is no colour, and no bar', async (t) => {
  const { out } = await run(['csp', WEAK])
  t.notMatch(out, '\x1b')
  t.equal((await run(['csp', WEAK], '', { env: { NO_COLOR: '1' } })).out, out)
})

const hasScript = spawnSync('script', ['--version']).status === 0
t.test('on a terminal there is colour, unless NO_COLOR forbids it', { skip: hasScript ? false : 'there is no program script to make a terminal' }, async (t) => {
  const onTerminal = (env: NodeJS.ProcessEnv): string => spawnSync('script', ['-qec', `'${process.execPath}' '${program}' csp "${WEAK}"`, '/dev/null'], { encoding: 'utf8', env: { ...environment, TERM: 'xterm', ...env } }).stdout
  t.match(onTerminal({}), '\x1b[1mdefault-src\x1b[22m')
  const without = onTerminal({ NO_COLOR: '1' })
  t.match(without, 'default-src')
  t.notMatch(without, '\x1b')
})

t.test('a reader that goes early is no failure, and the exit code stays that of the findings', async (t) => {
  // More than a pipe holds, so that the write meets the closed end.
  const policy = Array.from({ length: 4000 }, (_, index) => `h${index}.test`).join(' ')
  for (const [args, exitCode] of [[['csp', '-'], 1], [['csp', '-', '--fail-on', 'never'], 0]] as const) {
    const child = start(args)
    child.stdout.destroy()
    child.stdin.on('error', () => {}).end(`img-src ${policy}`)
    const { err, exitCode: code } = await ended(child)
    t.equal(err, '')
    t.equal(code, exitCode)
  }
})

t.test('a closed standard error is none either', async (t) => {
  const child = start(['cps'])
  child.stderr.destroy()
  t.equal((await ended(child)).exitCode, 2)
})

t.test('an output that cannot be written is told', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, async (t) => {
  const { status, stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${program}' keygen > /dev/full`], { encoding: 'utf8' })
  t.equal(status, 2)
  t.match(stderr, /^fastify-bulwark: the output could not be written \(.*ENOSPC.*\)\.\n$/)
})

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

function isAlive (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} ends the program, and the application that turns in a circle with it`, { skip: process.platform === 'win32' ? 'there are no signals' : false }, async (t) => {
    const cwd = t.testdir({ 'app.mjs': "import { writeFileSync } from 'node:fs'\nwriteFileSync('pid', String(process.pid))\nfor (;;);" })
    const child = start(['check', 'app.mjs'], { cwd })
    const end = ended(child)
    await until(() => existsSync(join(cwd, 'pid')) && readFileSync(join(cwd, 'pid'), 'utf8') !== '')
    const inner = Number(readFileSync(join(cwd, 'pid'), 'utf8'))
    child.kill(signal)
    t.match(await end, { signal, exitCode: null, err: '' })
    await until(() => !isAlive(inner))
  })
}

t.test('Ctrl-C while a site is asked ends the program', { skip: process.platform === 'win32' ? 'there are no signals' : false }, async (t) => {
  let isAsked = false
  const server = createServer(() => { isAsked = true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const child = start(['headers', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`])
  const end = ended(child)
  await until(() => isAsked)
  child.kill('SIGINT')
  t.match(await end, { signal: 'SIGINT', out: '' })
})

const APP = `
  import Fastify from 'fastify'
  const app = Fastify({ logger: true })
  console.log('noise')
  app.get('/', (request, reply) => reply.type('text/html').send('hello'))
  await app.listen({ port: 0, host: '127.0.0.1' })`

async function checked (t: Test, ...args: string[]): Promise<Run> {
  return await run(['check', 'app.mjs', ...args], '', { cwd: t.testdir({ 'app.mjs': APP }) })
}

t.test('what an application prints is not taken for ours, and can be seen', async (t) => {
  const { out, err, exitCode } = await checked(t, '--json')
  t.match(JSON.parse(out), { routes: [{ url: '/', findings: [{ severity: 'high' }] }, { url: '(not found)' }] })
  t.equal(err, '')
  t.equal(exitCode, 1)
  const verbose = await checked(t, '--verbose', '--json')
  t.match(verbose.err, /noise/)
  t.notMatch(verbose.err, 'Server listening', 'it opened no port')
  t.doesNotThrow(() => JSON.parse(verbose.out))
})

t.test('the keys of keygen are those of an environment', async (t) => {
  const file = join(t.testdir({}), '.env')
  writeFileSync(file, (await run(['keygen'])).out)
  const { stdout } = spawnSync(process.execPath, [`--env-file=${file}`, '-p', '[process.env.SESSION_KEY, process.env.CSRF_KEY, process.env.NEXT_KEY].map((key) => Buffer.from(key, "base64url").length)'], { encoding: 'utf8' })
  t.equal(stdout.trim(), '[ 32, 32, 32 ]')
})

t.test('a lock file from a site, and what changed there', async (t) => {
  let text = 'one'
  const server = createServer((_request, response) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end(text))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const cwd = t.testdir({})
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a@1.2.3.js`
  t.match(await run(['sri', 'lock', url], '', { cwd }), { exitCode: 0, err: '' })
  t.match(await run(['sri', 'check'], '', { cwd }), { exitCode: 0, out: /1 of 1 unchanged\.\n$/ })
  text = 'two'
  t.match(await run(['sri', 'check', '--json'], '', { cwd }), { exitCode: 1, out: /"state": "changed"/ })
})
