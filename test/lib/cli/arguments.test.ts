import t from 'tap'
import { onlyOperand, parseArguments, secondsOf } from '../../../lib/cli/arguments.ts'
import type { CommandOption } from '../../../lib/cli/command.ts'

const known: Record<string, CommandOption> = {
  json: { type: 'boolean', description: '' },
  help: { type: 'boolean', description: '' },
  'fail-on': { type: 'string', description: '' }
}

const good: Array<[what: string, args: string[], options: object, operands: string[]]> = [
  ['nothing', [], {}, []],
  ['options before and behind operands', ['--json', 'a', '--fail-on', 'low', 'b'], { json: true, 'fail-on': 'low' }, ['a', 'b']],
  ['a value behind =', ['--fail-on=low'], { 'fail-on': 'low' }, []],
  ['the last of two', ['--fail-on', 'low', '--fail-on', 'high'], { 'fail-on': 'high' }, []],
  ['- is an operand', ['-'], {}, ['-']],
  ['-- ends the options', ['--', '--json'], {}, ['--json']],
  ['-h is --help', ['-h'], { help: true }, []]
]
for (const [what, args, options, operands] of good) t.test(`parsed: ${what}`, async (t) => t.same(parseArguments(args, known), { options, operands }))

const bad: Array<[what: string, args: string[], sentence: string | RegExp]> = [
  ['an unknown option', ['--jsn'], 'There is no option --jsn: did you mean --json?'],
  ['an unknown option with a value', ['--failon=low'], 'There is no option --failon: did you mean --fail-on?'],
  ['an unknown letter', ['-x'], 'There is no option -x: did you mean --json?'],
  ['a name of every object', ['--constructor'], /^There is no option --constructor: did you mean --/],
  ['no value', ['--fail-on'], '--fail-on expects a value.'],
  ['an empty value', ['--fail-on='], '--fail-on expects a value.'],
  ['a value where none belongs', ['--json=yes'], '--json takes no value.']
]
for (const [what, args, message] of bad) t.test(`refused: ${what}`, async (t) => t.throws(() => parseArguments(args, known), { name: 'CommandError', message }))

t.test('one operand and no other number', async (t) => {
  t.equal(onlyOperand({ options: {}, operands: ['a'] }, 'one thing'), 'a')
  t.throws(() => onlyOperand({ options: {}, operands: [] }, 'one thing'), { message: 'Expected one thing, received no arguments.' })
  t.throws(() => onlyOperand({ options: {}, operands: ['a', 'b'] }, 'one thing'), { message: 'Expected one thing, received 2 arguments.' })
  t.throws(() => onlyOperand({ options: {}, operands: [''] }, 'one thing'), { message: 'Expected one thing, received an empty text.' })
})

t.test('seconds are more than 0 and at most an hour', async (t) => {
  const of = (timeout?: string): number => secondsOf({ options: { timeout }, operands: [] }, 'timeout', 7)
  t.equal(of(), 7)
  t.equal(of('0.5'), 0.5)
  t.equal(of('3600'), 3600)
  for (const wrong of ['0', '3601', '-1', '1e3', 'ten', ' 1', '1 ', '']) t.throws(() => of(wrong), { message: '--timeout expects seconds, more than 0 and at most 3600.' }, wrong)
})
