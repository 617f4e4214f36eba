import type { Command } from './command.ts'
import { CommandError } from './command-error.ts'

export const sri: Command = {
  name: 'sri',
  summary: 'x',
  usage: ['sri'],
  details: 'x',
  options: {},
  example: 'sri a.js',
  async run () { throw new CommandError('x') }
}
