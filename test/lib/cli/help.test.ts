import t from 'tap'
import { commandHelp, programHelp } from '../../../lib/cli/help.ts'
import { COMMANDS } from '../../../lib/cli/main.ts'
import { plain } from '../../../lib/cli/paint.ts'

t.test('the help of the program lists every command with its summary', async (t) => {
  const text = programHelp(COMMANDS, plain, 200)
  for (const { name, summary } of COMMANDS) t.match(text, new RegExp(`^  ${name} +${summary.replace(/[.*()]/g, '\\$&')}$`, 'm'))
})

t.test('the help of a command has every form, every option and an example', async (t) => {
  for (const command of COMMANDS) {
    const text = commandHelp(command, plain, 100)
    for (const form of command.usage) t.ok(text.startsWith(`fastify-bulwark ${command.usage[0]!}`) && text.includes(`fastify-bulwark ${form}\n`), form)
    for (const option of Object.keys(command.options)) t.ok(text.includes(`  --${option}`), option)
    t.ok(text.endsWith(`Example:\n  npx fastify-bulwark ${command.example}`), command.name)
    t.same(text.split('\n').filter((line) => line.length > 100 && !line.includes('npx')), [], 'no line is longer than the terminal')
  }
})
