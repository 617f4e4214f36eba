import t from 'tap'
import { CommandError, reasonOf } from '../../../lib/cli/command-error.ts'

t.test('it is an error with a sentence and its cause', async (t) => {
  const cause = new Error('deep')
  const error = new CommandError('A sentence.', { cause })
  t.match(error, { name: 'CommandError', message: 'A sentence.', cause })
  t.ok(error instanceof Error)
})

const withCode = Object.assign(new Error(''), { code: 'ECONNREFUSED' })
const cases: Array<[what: string, thrown: unknown, reason: string]> = [
  ['the message of an error, without its full stop', new Error('No such thing.'), 'No such thing'],
  ['the first line of several', new Error('First\nat second'), 'First'],
  ['the code of an error without a message, as of several attempts to connect', withCode, 'ECONNREFUSED'],
  ['the name of an error with neither', new RangeError(''), 'RangeError'],
  ['what is no error', 'a text', 'a text'],
  ['nothing at all', undefined, 'undefined']
]
for (const [what, thrown, reason] of cases) t.test(`the reason is ${what}`, async (t) => t.equal(reasonOf(thrown), reason))
