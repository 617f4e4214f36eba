import { readFileSync } from 'node:fs'
import { SecurityError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { parseArguments } from './arguments.ts'
import { check } from './check.ts'
import { WIDTH } from './columns.ts'
import type { Command, Surroundings } from './command.ts'
import { CommandError, reasonOf } from './command-error.ts'
import { csp } from './csp.ts'
import { headers } from './headers.ts'
import { commandHelp, PROGRAM, programHelp } from './help.ts'
import { keygen } from './keygen.ts'
import { paintFor } from './paint.ts'
import { printable, printableJson } from './printable.ts'
import { sri } from './sri.ts'

/** The commands in the order of their list. */
export const COMMANDS: readonly Command[] = [keygen, sri, csp, headers, check]

/** What every command takes. */
const COMMON = {
  json: { type: 'boolean', description: 'Print JSON, for programs.' },
  help: { type: 'boolean', description: 'Print this help.' }
} as const

interface Output {
  readonly isTTY?: boolean
  write (text: string): unknown
  on (event: 'error', listener: (error: Error) => void): unknown
}

/** The parts of `process` that the program uses. */
export interface Process extends Pick<Surroundings, 'stdin'> {
  readonly env: NodeJS.ProcessEnv
  readonly stdout: Output & { readonly columns?: number }
  readonly stderr: Output
  exitCode?: number | string | null | undefined
  cwd (): string
}

/** Carries out one call of the program: prints, and sets the exit code. */
export async function main (args: readonly string[], process: Process): Promise<void> {
  const { stdout, stderr, env } = process
  // The reader of a pipe may have seen enough. What was found stands in the exit code, which is set before anything is written.
  stdout.on('error', (error) => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
    process.exitCode = 2
    stderr.write(`${PROGRAM}: the output could not be written (${reasonOf(error)}).\n`)
  })
  stderr.on('error', () => {})
  const print = (text: string, exitCode: number): void => {
    process.exitCode = exitCode
    stdout.write(`${text}\n`)
  }
  const paint = paintFor(stdout, env)
  const width = stdout.columns ?? WIDTH
  try {
    const [name, ...rest] = args
    if (name === '--version' || name === '-v') return print(version(), 0)
    if (name === undefined) return print(programHelp(COMMANDS, paint, width), 2)
    if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return print(programHelp(COMMANDS, paint, width), 0)
    const command = commandOf(name === 'help' ? rest[0]! : name)
    const withCommon = { ...command, options: { ...command.options, ...COMMON } }
    const input = parseArguments(name === 'help' ? ['--help'] : rest, withCommon.options)
    if (input.options['help'] === true) return print(commandHelp(withCommon, paint, width), 0)
    const { data, text, exitCode } = await command.run(input, { stdin: process.stdin, stderr, cwd: process.cwd() })
    print(input.options['json'] === true ? printableJson(data) : text(paint, width), exitCode)
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof SecurityError)) throw error
    process.exitCode = 2
    stderr.write(`${PROGRAM}: ${printable(error.message)}\n`)
  }
}

function commandOf (name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  const what = name.startsWith('-') ? 'option' : 'command'
  const nearest = nearestName(name, what === 'option' ? ['--help', '--version'] : COMMANDS.map((candidate) => candidate.name))
  throw new CommandError(`There is no ${what} ${name.slice(0, 40)}: did you mean ${nearest}?`)
}

function version (): string {
  // From dist/lib/cli, where the compiled file lies in a clone and in the package.
  return (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
}
