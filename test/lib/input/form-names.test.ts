import fc from 'fast-check'
import t from 'tap'
import { FormNames } from '../../../lib/input/form-names.ts'

const stepsOf = (names: string[], name: string): Array<[string, readonly string[]]> => [...new FormNames(names).below(name)]

t.test('what lies below a name', async (t) => {
  const names = ['a', 'a.', 'a.b', 'a.b.c', 'a.b.d', 'a.1', 'ab.c', '.x', 'a..y']
  const rows: Array<[name: string, expected: Array<[string, string[]]>]> = [
    ['a', [['', ['a.', 'a..y']], ['b', ['a.b', 'a.b.c', 'a.b.d']], ['1', ['a.1']]]],
    ['a.b', [['c', ['a.b.c']], ['d', ['a.b.d']]]],
    ['a.b.c', []],
    ['a.', [['y', ['a..y']]]],
    ['ab', [['c', ['ab.c']]]],
    ['', [['x', ['.x']]]],
    ['nowhere', []],
    ['nowhere.at.all', []],
    ['__proto__', []]
  ]
  for (const [name, expected] of rows) t.same(stepsOf(names, name), expected, name)
})

t.test('it is what looking through all names finds', async (t) => {
  const name = fc.array(fc.constantFrom('', 'a', 'b', '0', '__proto__'), { minLength: 1, maxLength: 5 }).map((steps) => steps.join('.'))
  fc.assert(fc.property(fc.uniqueArray(name, { maxLength: 20 }), name, (names, outer) => {
    const found = stepsOf(names, outer).flatMap(([, full]) => full).sort()
    return found.join() === names.filter((full) => full.startsWith(`${outer}.`)).sort().join()
  }))
  t.pass()
})

t.test('every name is looked at once for each of its steps', async (t) => {
  let looks = 0
  class Counted extends String {
    override indexOf (step: string, start: number): number {
      looks++
      return super.indexOf(step, start)
    }
  }
  const names = new FormNames(Array.from({ length: 2000 }, (_, index) => new Counted(`a.${index}.b.c`)) as unknown as string[])
  for (const step of names.below('a').keys()) names.below(`a.${step}.b`)
  t.ok(looks <= 2000 * 4, String(looks))
})
