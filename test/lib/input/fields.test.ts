import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { f, HIDDEN } from '../../../lib/input/fields.ts'

const fits = (schema: TSchema, value: unknown): boolean => Compile(schema).Check(value)

t.test('builders are plain schemas of TypeBox', async (t) => {
  const rows: Array<[title: string, schema: TSchema, good: unknown[], bad: unknown[]]> = [
    ['text', f.text({ min: 2, max: 3 }), ['ab'], ['a', 'abcd', 3]],
    ['text by default', f.text(), ['a', 'x'.repeat(1000)], ['', ' ', 'x'.repeat(1001)]],
    ['text of several lines', f.text({ multiline: true }), ['a'], ['']],
    ['secret', f.secret(), ['x'.repeat(128)], ['', 'x'.repeat(129)]],
    ['username', f.username({ min: 3, max: 25 }), ['abc'], ['ab', '1ab']],
    ['email', f.email(), ['a@b.co'], ['a']],
    ['url', f.url(), ['https://a.co'], ['ftp://a.co']],
    ['url of other protocols', f.url({ protocols: ['ftp', 'git+ssh'] }), ['ftp://a.co', 'git+ssh://a.co'], ['https://a.co', 'gitxssh://a.co']],
    ['uuid', f.uuid(), ['6ba7b810-9dad-11d1-80b4-00c04fd430c8'], ['x']],
    ['ip', f.ip({ version: 4 }), ['1.2.3.4'], ['::1']],
    ['integer', f.integer({ min: 1, max: 3 }), [1, 3], [0, 4, 1.5, '1']],
    ['integer whose bounds are undefined', f.integer({ min: undefined, max: undefined } as object), [Number.MAX_SAFE_INTEGER], [2 ** 53]],
    ['integer by default', f.integer(), [Number.MAX_SAFE_INTEGER], [2 ** 53]],
    ['number', f.number({ min: 0.5 }), [0.5], [0.4]],
    ['decimal', f.decimal(), ['12.50', '-0.1', '999999999999.99'], ['12.505', '1234567890123', '1e2']],
    ['decimal without places', f.decimal({ places: 0 }), ['12'], ['12.0']],
    ['decimal in a range', f.decimal({ min: '0.10', max: '9.99' }), ['0.10', '0.1', '9.99', '5'], ['0.09', '10', '-1']],
    ['decimal from', f.decimal({ min: '-0.5' }), ['-0.5', '3'], ['-0.51']],
    ['decimal to', f.decimal({ max: '3' }), ['3.00', '-9'], ['3.01']],
    ['checkbox', f.checkbox(), [true, false], ['on']],
    ['agreement', f.agreement(), [true], [false]],
    ['choice', f.choice(['a', 'b']), ['a'], ['c']],
    ['choices', f.choices(['a', 'b']), [['a', 'b'], []], [['a', 'a'], ['c']]],
    ['choices, at least', f.choices(['a', 'b'], { min: 1 }), [['a']], [[]]],
    ['list', f.list(f.text(), { min: 1, max: 2 }), [['a']], [[], ['a', 'b', 'c']]]
  ]
  for (const [title, schema, good, bad] of rows) {
    for (const value of good) t.ok(fits(schema, value), `${title} admits ${JSON.stringify(value)}`)
    for (const value of bad) t.notOk(fits(schema, value), `${title} refuses ${JSON.stringify(value).slice(0, 50)}`)
  }
})

t.test('a hidden field is the same schema with a mark that no other program sees', async (t) => {
  const schema = Type.Optional(f.uuid())
  const hidden = f.hidden(schema)
  t.same(JSON.parse(JSON.stringify(hidden)), JSON.parse(JSON.stringify(schema)))
  t.equal((hidden as unknown as Record<string, unknown>)[HIDDEN], true)
  t.equal((schema as unknown as Record<string, unknown>)[HIDDEN], undefined)
  t.ok(Object.hasOwn(hidden, '~optional'))
})

t.test('nonsense is refused when it is written', async (t) => {
  const refused: Array<() => unknown> = [
    () => f.text({ min: 4, max: 3 }), () => f.text({ min: 2000 }), () => f.integer({ min: 4, max: 3 }), () => f.number({ min: 4, max: 3 }), () => f.decimal({ min: '2', max: '1' }), () => f.decimal({ digits: 0 }), () => f.decimal({ places: 0.5 }),
    () => f.choice([]), () => f.list(f.text(), { min: 4, max: 3 }), () => f.url({ protocols: ['javascript'] }), () => f.url({ protocols: ['https:'] })
  ]
  for (const make of refused) t.throws(make, RangeError, String(make))
})
