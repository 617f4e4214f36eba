import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { flatten } from '../../../lib/input/flatten.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

const flat = (schema: TSchema, value: unknown): object => ({ ...flatten(readNode(shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, '')), value) })

t.test('what is shown again', async (t) => {
  const schema = Type.Object({
    name: f.text(),
    age: Type.Optional(f.integer()),
    news: f.checkbox(),
    password: f.secret(),
    pins: f.list(f.secret()),
    tags: f.list(f.text()),
    items: f.list(Type.Object({ n: f.text(), s: f.secret() }), { max: 2 }),
    either: Type.Union([Type.Object({ s: f.secret() }), Type.Object({ t: f.text() })]),
    or: Type.Union([f.secret(), f.integer()]),
    maybe: Type.Union([f.integer(), Type.Null()]),
    record: Type.Record(Type.String(), f.integer())
  })
  t.same(flat(schema, {
    name: 'x',
    age: 'not a number',
    news: false,
    password: 'hunter2',
    pins: ['1'],
    tags: ['a', 'b'],
    items: [{ n: 'y', s: 'hunter2' }, { n: 'z' }, { n: 'one too many' }, { n: 'more' }],
    either: { s: 'hunter2', t: 'x' },
    or: 'hunter2',
    maybe: null,
    record: { a: 1 },
    isAdmin: true
  }), {
    name: 'x', age: 'not a number', news: 'false', tags: ['a', 'b'], 'tags.0': 'a', 'tags.1': 'b', 'items.0.n': 'y', 'items.1.n': 'z', 'items.2.n': 'one too many', maybe: '', 'record.a': '1'
  })
  t.same(flat(schema, 'x'), {})
  t.same(flat(schema, ['x']), {})
  t.same(flat(schema, { tags: 'x', items: { n: 1 } }), { tags: 'x' })
  t.same(flat(Type.Object({ a: Type.Any() }), { a: { b: 1 } }), {}, 'what the schema does not name')
})

t.test('no name reaches a prototype', async (t) => {
  t.same(Object.keys(flatten(readNode(shape(Type.Record(Type.String(), f.text()), { known: {}, formats: {}, isClosed: true, depth: 3 }, '')), JSON.parse('{"__proto__":"x"}'))), ['__proto__'])
})
