import fc from 'fast-check'
import t from 'tap'
import { cookieValues } from '../../../lib/session/cookie-value.ts'

t.test('the values under one name', async (t) => {
  const cases: Array<readonly [what: string, header: string | undefined, expected: string[]]> = [
    ['no header', undefined, []],
    ['an empty header', '', []],
    ['one', 's=a', ['a']],
    ['among others', 'a=1; s=x; b=2', ['x']],
    ['an empty value', 's=', ['']],
    ['white space around', 'a=1;\t s=x \t;b=2', ['x']],
    ['twice', 's=a; s=b', ['a', 'b']],
    ['no space between', 'a=1;s=x', ['x']],
    ['a name that only ends so', 'xs=a; ss=b', []],
    ['a name that only begins so', 'sx=a', []],
    ['inside a value', 'a=s=x', []],
    ['inside a value, behind a space', 'a=1 s=x', []],
    ['a value with an equals sign', 's=a=b', ['a=b']],
    ['another letter case', 'S=a', []],
    ['only the name', 's', []]
  ]
  for (const [what, header, expected] of cases) t.same(cookieValues(header, 's'), expected, what)
})

t.test('it finds what was put in, among anything', async () => {
  const token = fc.stringMatching(/^[\w.-]{0,12}$/)
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('s', 'ss', 'xs', 'a'), token), { maxLength: 8 }), (pairs) => {
    const header = pairs.map(([name, value]) => `${name}=${value}`).join('; ')
    const expected = pairs.filter(([name]) => name === 's').map(([, value]) => value)
    return JSON.stringify(cookieValues(header, 's')) === JSON.stringify(expected)
  }))
})

t.test('a header of any bytes is read in a time that grows with its length', async (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (header) => Array.isArray(cookieValues(header, 's'))))
  t.equal(cookieValues('s=;'.repeat(20_000), 's').length, 20_000)
  t.same(cookieValues(`a${' '.repeat(200_000)}s=x`, 's'), [])
})
