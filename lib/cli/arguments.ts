import { parseArgs } from 'node:util'
import { nearestName } from '../nearest-name.ts'
import type { CommandInput, CommandOption } from './command.ts'
import { CommandError } from './command-error.ts'

/**
 * Options and operands among `args`, in any order; `--` ends the options.
 * `node:util` takes them apart (a kept parser, and no dependency). It is told to accept everything and judged here, so that the sentence for an unknown
 * option names the nearest one.
 */
export function parseArguments (args: readonly string[], known: Readonly<Record<string, CommandOption>>): CommandInput {
  const types = Object.fromEntries(Object.entries(known).map(([name, { type }]) => [name, { type }]))
  const { tokens } = parseArgs({ args: [...args], options: { ...types, help: { type: 'boolean', short: 'h' } }, strict: false, allowPositionals: true, tokens: true })
  const options = new Map<string, string | boolean>()
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind === 'option') options.set(token.name, valueOf(token, known))
  }
  return { options: Object.fromEntries(options), operands }
}

function valueOf ({ name, rawName, value }: { readonly name: string, readonly rawName: string, readonly value: string | undefined }, known: Readonly<Record<string, CommandOption>>): string | boolean {
  if (!Object.hasOwn(known, name)) throw new CommandError(`There is no option ${rawName}: did you mean --${nearestName(name, Object.keys(known))}?`)
  if (known[name]!.type === 'string') {
    if (value === undefined || value === '') throw new CommandError(`${rawName} expects a value.`)
    return value
  }
  if (value !== undefined) throw new CommandError(`${rawName} takes no value.`)
  return true
}

/** The one operand of a command, called `what` in the sentence for any other number. */
export function onlyOperand ({ operands }: CommandInput, what: string): string {
  if (operands.length !== 1 || operands[0] === '') throw new CommandError(`Expected ${what}, received ${operands.length === 1 ? 'an empty text' : `${operands.length || 'no'} arguments`}.`)
  return operands[0]!
}

/** A number of seconds of an option: positive, at most an hour. */
export function secondsOf ({ options }: CommandInput, name: string, fallback: number): number {
  const given = options[name]
  const seconds = given === undefined ? fallback : /^\d{1,4}(?:\.\d+)?$/.test(String(given)) ? Number(given) : NaN
  if (!(seconds > 0 && seconds <= 3600)) throw new CommandError(`--${name} expects seconds, more than 0 and at most 3600.`)
  return seconds
}
