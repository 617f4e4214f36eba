import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

const nodeOf = (schema: TSchema): ReturnType<typeof readNode> => readNode(shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, ''))

t.test('what a schema is', async (t) => {
  const rows: Array<[TSchema, string]> = [
    [f.text(), 'text'], [f.integer(), 'integer'], [f.number(), 'number'], [f.checkbox(), 'boolean'], [Type.Null(), 'null'], [f.choice(['a']), 'choice'],
    [f.agreement(), 'choice'], [Type.Union([Type.Literal('a'), Type.Literal(1)]), 'choice'], [f.list(f.text()), 'list'], [Type.Object({}), 'object'],
    [Type.Record(Type.String(), f.text()), 'record'], [Type.Union([f.text(), f.integer()]), 'union'], [{ oneOf: [{ type: 'string' }, { type: 'null' }] } as TSchema, 'union'],
    [Type.Tuple([f.text()]), 'other'], [Type.Any(), 'other'], [Type.Never(), 'other'], [{ type: 'array' } as TSchema, 'other'], [{ type: 'object' } as TSchema, 'other'],
    [{ type: 'object', patternProperties: { '^a': {}, '^b': {} } } as TSchema, 'other'], [{ type: ['string', 'null'] } as TSchema, 'other'], [true as unknown as TSchema, 'other'], [false as unknown as TSchema, 'other']
  ]
  for (const [schema, kind] of rows) t.equal(nodeOf(schema).kind, kind, JSON.stringify(schema))
})

t.test('what is secret, hidden, or has a value of its own', async (t) => {
  t.ok(nodeOf(f.secret()).isSecret)
  t.ok(nodeOf(Type.String({ format: 'password' })).isSecret)
  t.ok(nodeOf(Type.String({ writeOnly: true })).isSecret)
  t.notOk(nodeOf(f.text()).isSecret)
  t.ok(nodeOf(f.hidden(f.uuid())).isHidden)
  t.same(nodeOf(f.checkbox()).fallback, { value: false })
  t.equal(nodeOf(f.text()).fallback, undefined)
  t.equal(nodeOf(f.email()).refinements.length, 0, 'a format is none of the refinements')
  t.equal(nodeOf(Type.Refine(f.email(), () => true, () => '')).refinements.length, 1)
  t.notOk(nodeOf(f.text()).hasMore)
  t.ok(nodeOf(Type.Object({}, { minProperties: 1 })).hasMore)
  t.ok(nodeOf(f.text()).check('x'))
  t.notOk(nodeOf(false as unknown as TSchema).check('x'))
  t.ok(nodeOf(true as unknown as TSchema).check('x'))
})
