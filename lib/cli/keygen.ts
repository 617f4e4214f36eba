import { generateKey } from '../keys.ts'
import type { Command } from './command.ts'
import { CommandError } from './command-error.ts'

/** The keys of an application, and what each is for. */
const PURPOSES: ReadonlyArray<readonly [name: string, purpose: string]> = [
  ['SESSION_KEY', 'encrypts sessions and signs remember-me tokens'],
  ['CSRF_KEY', 'signs tokens against cross-site requests'],
  ['NEXT_KEY', 'signs `next` of redirects']
]

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** Prints keys for the environment. */
export const keygen: Command = {
  name: 'keygen',
  summary: 'Keys for sessions and remember-me, CSRF tokens and signed `next`, as environment lines.',
  usage: ['keygen [name]...'],
  details: 'Each key holds 32 random bytes in base64url. With names, it prints one key under each of these names instead. Keep the lines out of version control; to change a key, put the new one before the old one in the list `keys`.',
  options: {},
  example: 'keygen >> .env',
  async run ({ operands }) {
    const wrong = operands.findIndex((name) => !NAME.test(name))
    if (wrong !== -1) throw new CommandError(`The name of argument ${wrong + 1} is none for an environment variable: letters, digits and _, no digit first.`)
    const twice = operands.find((name, index) => operands.indexOf(name) !== index)
    if (twice !== undefined) throw new CommandError(`The name ${twice} is given twice.`)
    const wanted = operands.length > 0 ? operands.map((name) => [name, ''] as const) : PURPOSES
    const keys = wanted.map(([name, purpose]) => ({ name, purpose, key: generateKey() }))
    return {
      data: Object.fromEntries(keys.map(({ name, key }) => [name, key])),
      text: () => keys.flatMap(({ name, purpose, key }) => [...(purpose === '' ? [] : [`# ${purpose}`]), `${name}=${key}`]).join('\n'),
      exitCode: 0
    }
  }
}
