import t from 'tap'
import type { Command } from '../../../lib/cli/command.ts'
import { COMMANDS } from '../../../lib/cli/main.ts'
import { parseArguments } from '../../../lib/cli/arguments.ts'

t.test('every command is described as its help needs it', async (t) => {
  for (const { name, summary, usage, details, options, example } of COMMANDS satisfies readonly Command[]) {
    t.match(name, /^[a-z]+$/)
    for (const text of [summary, details, ...Object.values(options).map(({ description }) => description)]) t.match(text, /^[A-Z-][\s\S]*\.$/, `${name}: ${text}`)
    t.ok(usage.every((form) => form === name || form.startsWith(`${name} `)), name)
    t.equal(example.split(' ')[0], name)
    t.notMatch(Object.keys(options).join(), /^(?:help|json)$/, 'what all commands take is not listed twice')
    for (const [option, { type, value }] of Object.entries(options)) t.equal(value !== undefined, type === 'string', `${name} --${option} shows its value`)
  }
})

t.test('the options of an example are those of its command', async (t) => {
  for (const { example, options } of COMMANDS) t.doesNotThrow(() => parseArguments(example.split(' ').slice(1), options), example)
})
