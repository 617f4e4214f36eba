import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { Part, type Filter } from '../../../lib/input/request-part.ts'

const part = (schema: TSchema): Part => new Part(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)

t.test('filters', async (t) => {
  const schema = Type.Object({ a: f.text({ pattern: '^[a-z]+$' }), o: Type.Optional(Type.Object({ b: f.text() })) })
  const filters = new Map<string, Filter>([['a', (value) => String(value).toLowerCase()], ['o.b', (value) => `${String(value)}!`]])
  const given = { a: 'ABC', o: { b: 'x' } }
  t.match(part(schema).readValue(given, filters), { value: { a: 'abc', o: { b: 'x!' } }, faults: [] })
  t.same(given, { a: 'ABC', o: { b: 'x' } })
  t.match(part(schema).readForm({ a: 'ABC' }, filters), { value: { a: 'abc' }, faults: [] })
  t.match(part(schema).readForm({}, filters).faults, [{ path: 'a', key: 'required' }])
  const throws = new Map<string, Filter>([['a', () => { throw new Error('x') }]])
  t.match(part(schema).readForm({ a: 'abc' }, throws).faults, [{ path: 'a', key: 'invalid' }])
  t.match(part(schema).readForm({ a: 'ABC' }, throws).faults, [{ path: 'a', key: 'pattern' }], 'one message is enough')
  let asked = 0
  part(schema).readForm({ a: 'x'.repeat(200_000) }, new Map([['a', (value) => { asked++; return value }]]))
  t.equal(asked, 0, 'a text that is far too long')
})

t.test('the compiled check has the last word', async (t) => {
  const odd = Type.Number({ multipleOf: 1e-12 })
  const { faults } = part({ type: 'object', properties: { a: odd }, dependentRequired: { a: ['b'] } } as unknown as TSchema).readValue({ a: 1 })
  t.same(faults.map(({ key }) => key), ['invalid'])
  const twice = part(f.list(Type.Object({ a: f.text(), b: f.text() }), { unique: true })).readValue([{ a: 'x', b: 'y' }, { b: 'y', a: 'x' }])
  t.same(twice.faults.map(({ path, key }) => [path, key]), [['', 'invalid']], 'where the explanation finds nothing')
  t.ok(part(f.text()).compile() instanceof Part)
})
