import { columns, wrap } from './columns.ts'
import type { Command } from './command.ts'
import type { Paint } from './paint.ts'

/** The program as it is called. */
export const PROGRAM = 'fastify-bulwark'

/** The list of commands. */
export function programHelp (commands: readonly Command[], paint: Paint, width: number): string {
  return [
    `${paint('bold', `${PROGRAM} <command>`)}: security of Fastify applications from the command line.`,
    '',
    columns(commands.map(({ name, summary }) => [{ text: name, paint: (text) => paint('bold', text) }, { text: summary }]), width, '  '),
    '',
    `${PROGRAM} <command> --help tells more. ${PROGRAM} --version prints the version.`,
    'Exit code: 0 as wished, 1 findings or a grade below what was asked for, 2 the command could not be carried out.'
  ].join('\n')
}

/** The help of one command: calls, options, an example. */
export function commandHelp ({ usage, summary, details, options, example }: Command, paint: Paint, width: number): string {
  const rows = Object.entries(options).map(([name, { value, description }]) => [{ text: `--${name}${value === undefined ? '' : ` <${value}>`}` }, { text: description }])
  return [
    ...usage.map((form) => paint('bold', `${PROGRAM} ${form}`)),
    '',
    ...wrap(`${summary} ${details}`, width),
    '',
    columns(rows, width, '  '),
    '',
    'Example:',
    `  npx ${PROGRAM} ${example}`
  ].join('\n')
}
