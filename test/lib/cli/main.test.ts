import { Readable } from 'node:stream'
import t from 'tap'
import { COMMANDS, main, type Process } from '../../../lib/cli/main.ts'

interface Run { readonly out: string, readonly err: string, readonly exitCode: unknown }

async function run (args: string[], given: { stdin?: string, isTTY?: boolean, failure?: NodeJS.ErrnoException } = {}): Promise<Run> {
  let out = ''
  let err = ''
  const listeners: Array<(error: Error) => void> = []
  const process: Process = {
    stdin: Readable.from([given.stdin ?? '']),
    stdout: {
      isTTY: given.isTTY === true,
      write (text) {
        if (given.failure === undefined) out += text
        else for (const listener of listeners) listener(given.failure)
      },
      on (_event, listener) { listeners.push(listener) }
    },
    stderr: { write (text) { err += text }, on (_event, listener) { listener(new Error('nobody listens')) } },
    env: {},
    cwd: () => '.'
  }
  await main(args, process)
  return { out, err, exitCode: process.exitCode }
}

const calls: Array<[args: string[], exitCode: number, out: RegExp, err: RegExp]> = [
  [[], 2, /^fastify-bulwark <command>/, /^$/],
  [['--help'], 0, /^fastify-bulwark <command>/, /^$/],
  [['-h'], 0, /^fastify-bulwark <command>/, /^$/],
  [['help'], 0, /^fastify-bulwark <command>/, /^$/],
  [['help', 'csp'], 0, /^fastify-bulwark csp /, /^$/],
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [['-v'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [['cps'], 2, /^$/, /^fastify-bulwark: There is no command cps: did you mean csp\?\n$/],
  [['constructor'], 2, /^$/, /^fastify-bulwark: There is no command constructor: did you mean /],
  [['--hlep'], 2, /^$/, /^fastify-bulwark: There is no option --hlep: did you mean --help\?\n$/],
  [['a\x1b[31m'], 2, /^$/, /a\\u\{1b\}\[31m/],
  [['csp'], 2, /^$/, /^fastify-bulwark: Expected one policy in quotation marks, or -, received no arguments\.\n$/],
  [['csp', '--jsn', 'x'], 2, /^$/, /^fastify-bulwark: There is no option --jsn: did you mean --json\?\n$/],
  [['csp', "default-src 'none'"], 1, /^default-src/, /^$/],
  [['csp', "default-src 'none'", '--fail-on', 'never'], 0, /^default-src/, /^$/]
]
for (const [args, exitCode, out, err] of calls) {
  t.test(`${args.join(' ') || 'nothing'} ends with ${exitCode}`, async (t) => {
    const result = await run(args)
    t.match(result.out, out)
    t.match(result.err, err)
    t.equal(result.exitCode, exitCode)
    t.ok(result.err.split('\n').length <= 2, 'an error is one line')
  })
}

for (const { name } of COMMANDS) {
  t.test(`${name} --help has an example`, async (t) => {
    const { out, exitCode } = await run([name, '--help'])
    t.match(out, new RegExp(`^fastify-bulwark ${name}[\\s\\S]*--json[\\s\\S]*--help[\\s\\S]*Example:\n  npx fastify-bulwark ${name} `))
    t.equal(exitCode, 0)
  })
}

t.test('--json prints JSON and nothing else', async (t) => {
  const { out } = await run(['csp', '-', '--json'], { stdin: "default-src 'none'", isTTY: true })
  t.match(JSON.parse(out), { policies: [{}], findings: [{ code: 'base-uri-missing' }] })
})

t.test('a terminal gets colours', async (t) => {
  t.match((await run(['csp', "default-src 'none'"], { isTTY: true })).out, '\x1b[1mdefault-src\x1b[22m')
  t.notMatch((await run(['csp', "default-src 'none'"])).out, '\x1b')
})

t.test('a reader that has gone is no failure, and the exit code is that of the findings', async (t) => {
  t.match(await run(['csp', "default-src 'none'"], { failure: Object.assign(new Error('gone'), { code: 'EPIPE' }) }), { err: '', exitCode: 1 })
})

t.test('an output that cannot be written is one', async (t) => {
  t.match(await run(['keygen'], { failure: Object.assign(new Error('no space left'), { code: 'ENOSPC' }) }), { err: 'fastify-bulwark: the output could not be written (no space left).\n', exitCode: 2 })
})

t.test('a coded error of the library is a sentence, too; what is neither is a defect and is thrown', async (t) => {
  const folder = t.testdir({ 'lock.json': '[]' })
  t.match(await run(['sri', 'check', '--file', `${folder}/lock.json`]), { err: /^fastify-bulwark: lock file: expected/, exitCode: 2 })
  const broken = { [Symbol.asyncIterator]: () => { throw new TypeError('a defect') } } as unknown as Readable
  await t.rejects(main(['csp', '-'], { stdin: broken, stdout: { write: () => true, on: () => true }, stderr: { write: () => true, on: () => true }, env: {}, cwd: () => '.' }), { message: 'a defect' })
})
