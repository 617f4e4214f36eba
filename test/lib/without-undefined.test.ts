import fc from 'fast-check'
import t from 'tap'
import { Type } from 'typebox'
import { recordOf } from '../../lib/options.ts'
import { withoutUndefined } from '../../lib/without-undefined.ts'

const inner = Type.Object({ word: Type.Optional(Type.String()), list: Type.Optional(Type.Array(Type.Object({ deep: Type.Optional(Type.Integer()) }))) })
const schema = Type.Object({
  on: Type.Optional(Type.Boolean()),
  one: Type.Optional(Type.Union([inner, Type.Literal(false)])),
  record: Type.Optional(recordOf(inner)),
  opaque: Type.Optional(Type.Unsafe<object>({}))
})

const cases: Array<[what: string, given: unknown, expected: unknown]> = [
  ['at the top', { on: undefined }, {}],
  ['in an object that may be a constant instead', { one: { word: undefined, list: [] } }, { one: { list: [] } }],
  ['in an object of a list', { one: { list: [{ deep: 1 }, { deep: undefined }] } }, { one: { list: [{ deep: 1 }, {}] } }],
  ['in an object of a record', { record: { any: { word: undefined }, other: { word: 'x' } } }, { record: { any: {}, other: { word: 'x' } } }],
  ['a whole record', { on: true, record: undefined }, { on: true }]
]

for (const [what, given, expected] of cases) {
  t.test(`a key that is undefined is left out: ${what}`, async (t) => {
    const before = structuredClone(given)
    t.strictSame(withoutUndefined(schema, given), expected)
    t.strictSame(given, before, 'what was given is not changed')
  })
}

t.test('what the schema knows nothing of is not looked into, and never copied', async (t) => {
  const store = { client: undefined, ping () { return this.client } }
  const result = withoutUndefined(schema, { on: undefined, opaque: store }) as { opaque: object }
  t.equal(result.opaque, store)
  t.ok('client' in store)
  t.strictSame(withoutUndefined(schema, { other: undefined }), { other: undefined }, 'a name that the schema does not have is for the check to refuse')
})

t.test('property: where nothing is undefined, the value itself is given back', async () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    for (const options of [value, { on: value }, { one: { list: value } }, { record: { x: value } }]) if (withoutUndefined(schema, options) !== options) return false
    return true
  }))
})
