import t from 'tap'
import { keygen } from '../../../lib/cli/keygen.ts'
import { plain } from '../../../lib/cli/paint.ts'
import { KeyRing } from '../../../lib/keys.ts'
import { surroundings } from './surroundings.ts'

const run = async (...operands: string[]): ReturnType<typeof keygen.run> => await keygen.run({ options: {}, operands }, surroundings())

t.test('each line is a comment or a key that the plugins take', async (t) => {
  const { text, data, exitCode } = await run()
  const lines = text(plain, 100).split('\n')
  const keys = Object.fromEntries(lines.filter((line) => !line.startsWith('# ')).map((line) => line.split('=') as [string, string]))
  t.same(keys, data)
  t.same(Object.keys(keys), ['SESSION_KEY', 'CSRF_KEY', 'NEXT_KEY'])
  t.doesNotThrow(() => new KeyRing(Object.values(keys), 'keys', 'BULWARK_ERR_HEADERS_OPTION_INVALID'))
  t.equal(exitCode, 0)
})

t.test('no two calls give the same key', async (t) => {
  const values = (await Promise.all(Array.from({ length: 20 }, () => run()))).flatMap(({ data }) => Object.values(data as object))
  t.equal(new Set(values).size, 60)
})

t.test('names of our own, one key each', async (t) => {
  const { text } = await run('A_KEY', 'b2')
  t.match(text(plain, 100), /^A_KEY=[\w-]{43}\nb2=[\w-]{43}$/)
})

t.test('a name that a shell would take for something else is refused', async (t) => {
  for (const name of ['', '1A', 'A-B', 'A=B', 'A B', 'A\nB', '$(x)', 'A'.repeat(65)]) await t.rejects(run('GOOD', name), { name: 'CommandError', message: /^The name of argument 2 is none/ }, JSON.stringify(name))
  await t.rejects(run('A', 'B', 'A'), { message: 'The name A is given twice.' })
})
