import type { Paint } from './paint.ts'

/** An option of a command, as `node:util` parses it and as its help shows it. */
export interface CommandOption {
  readonly type: 'boolean' | 'string'
  /** What stands for the value in the help. */
  readonly value?: string
  readonly description: string
}

/** What a command was asked for: options by name, and the rest. */
export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly operands: readonly string[]
}

/** What a command may know and use of the world around it. */
export interface Surroundings {
  readonly stdin: AsyncIterable<Buffer | string> & { readonly isTTY?: boolean }
  readonly stderr: { readonly isTTY?: boolean, write (text: string): unknown }
  readonly cwd: string
}

/** What a command found, as data and as text, and whether it is what was asked for. */
export interface CommandResult {
  /** What `--json` prints. */
  readonly data: unknown
  /** What a person reads, in lines of at most `width` characters. */
  readonly text: (paint: Paint, width: number) => string
  /** 0, or 1 where the findings are worse than what was asked for. */
  readonly exitCode: 0 | 1
}

/** One command of the program. */
export interface Command {
  readonly name: string
  /** What it does, as the list of commands has it. */
  readonly summary: string
  /** How it is called, one line a form, without the name of the program. */
  readonly usage: readonly string[]
  /** What its help adds to the summary. */
  readonly details: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** One call, without the name of the program. */
  readonly example: string
  run (input: CommandInput, surroundings: Surroundings): Promise<CommandResult>
}
