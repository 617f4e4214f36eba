import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** The account that servers run under: they refuse to run as root, or should not. `undefined` where the test itself does not. */
export const account: { readonly uid: number, readonly gid: number } | undefined = process.getuid?.() === 0 ? unprivileged() : undefined

function unprivileged (): { uid: number, gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const [, , uid, gid] = accounts.find(([name]) => name === 'nobody')!
  return { uid: Number(uid), gid: Number(gid) }
}

/** The last of the paths that exist, by number, where one part of `pattern` may be `*`. */
export function findProgram (pattern: string): string | undefined {
  const [folder, rest] = pattern.split('/*/') as [string, string]
  const paths = entriesOf(folder).sort((a, b) => Number(a) - Number(b)).map((version) => join(folder, version, rest))
  return paths.findLast((path) => entriesOf(join(path, '..')).includes(path.split('/').at(-1)!))
}

function entriesOf (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const isCI = !['', 'false', '0', undefined].includes(process.env['CI'])

/** For tap's option `skip`. On a continuous integration server what is missing is a failure. */
export function skipWithout (name: string, packageName: string, program: string | undefined): string | false {
  return program === undefined && !isCI ? `${name} is not there: install Debian's package ${packageName} to run the tests in test/services.` : false
}

/** How a server is started, and how one knows that it is ready. */
export interface Program {
  readonly name: string
  readonly command: string
  /** The arguments, for a folder that holds the data and a port. */
  arguments (folder: string, port: number): string[]
  /** Rejects as long as the server does not answer. */
  ask (port: number): Promise<unknown>
  /** The signal after which it leaves nothing behind. */
  readonly farewell: 'KILL' | 'QUIT'
}

/**
 * Kills the server and removes its folder when the input ends, and so also when the test has died. A server that has not gone after five seconds
 * is killed in any case.
 */
const WATCH = `
cat > /dev/null
pid=$(cat "$1/pid" 2> /dev/null)
if [ -n "$pid" ]; then
  kill -CONT "$pid" 2> /dev/null
  kill "-$2" "$pid" 2> /dev/null
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do kill -0 "$pid" 2> /dev/null || break; sleep 0.2; done
  kill -KILL "$pid" 2> /dev/null
fi
rm -rf "$1"
`

/** A server of a test: its data are in a temporary folder, it listens on a free port of the loopback. */
export class Server {
  readonly folder: string
  readonly #program: Program
  readonly #watch: ChildProcess
  #process: ChildProcess | undefined
  #port = 0

  constructor (program: Program) {
    this.#program = program
    this.folder = mkdtempSync(join(tmpdir(), `fastify-bulwark-${program.name}-`))
    if (account !== undefined) chownSync(this.folder, account.uid, account.gid)
    this.#watch = spawn('sh', ['-c', WATCH, 'sh', this.folder, program.farewell], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  }

  get port (): number {
    return this.#port
  }

  get pid (): number {
    return this.#process!.pid!
  }

  /** Starts it with the data that are there, on the port that it had. */
  async start (): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port ||= await freePort()
      try {
        await this.#startOnce()
        return
      } catch (error) {
        // Somebody else may have taken the port meanwhile.
        if (attempt === 3) throw error
        this.#port = 0
      }
    }
  }

  async #startOnce (): Promise<void> {
    const { name, command } = this.#program
    let said = ''
    const server = spawn(command, this.#program.arguments(this.folder, this.#port), { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], ...account })
    server.stdout.on('data', (text) => { said += text })
    server.stderr.on('data', (text) => { said += text })
    this.#process = server
    writeFileSync(join(this.folder, 'pid'), String(server.pid))
    server.once('exit', () => rmSync(join(this.folder, 'pid'), { force: true }))
    for (const end = Date.now() + 30_000; ;) {
      try {
        await this.#program.ask(this.#port)
        return
      } catch (error) {
        if (server.exitCode !== null || Date.now() > end) throw new Error(`${name} did not start: ${said}`, { cause: error })
        await wait(20)
      }
    }
  }

  /** The server and its processes stop at once, in the middle of whatever they do. */
  async kill (): Promise<void> {
    const gone = once(this.#process!, 'exit')
    const family = this.#family()
    for (const pid of family) signal(pid, 'SIGKILL')
    await gone
    while (family.some((pid) => signal(pid, 0))) await wait(5)
  }

  /** The server hangs: connections stay open and nothing answers. */
  suspend (): void {
    for (const pid of this.#family()) signal(pid, 'SIGSTOP')
  }

  resume (): void {
    for (const pid of this.#family()) signal(pid, 'SIGCONT')
  }

  /** Ends the server and removes its folder. */
  async close (): Promise<void> {
    const gone = once(this.#watch, 'exit')
    this.#watch.stdin!.end()
    await gone
  }

  /** PostgreSQL has a process for each connection, in a group of its own. */
  #family (): number[] {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim()
    return [this.pid, ...children === '' ? [] : children.split(' ').map(Number)]
  }
}

function signal (pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
