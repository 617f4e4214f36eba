import fc from 'fast-check'
import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'
import { tidy } from '../../../lib/input/tidy.ts'

const nodeOf = (schema: TSchema): ReturnType<typeof readNode> => readNode(shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, ''))

function tidied (schema: TSchema, value: unknown): { value: unknown, isUnclean: boolean } {
  const state = { isUnclean: false }
  return { value: tidy(nodeOf(schema), value, state), ...state }
}

t.test('JSON is not converted; texts are brought to one form, and defaults are filled in', async (t) => {
  const open = Type.Object({ a: Type.Optional(f.text()) }, { additionalProperties: true })
  const rows: Array<[title: string, schema: TSchema, value: unknown, expected: unknown, isUnclean?: boolean]> = [
    ['a number stays a text', f.integer(), '12', '12'],
    ['null stays null', f.text(), null, null],
    ['a list is no text', f.text(), ['Bob'], ['Bob']],
    ['texts are not trimmed', f.text(), ' x ', ' x '],
    ['they are composed', f.text(), 'e\u0301', '\u00e9'],
    ['secrets are not', f.secret(), 'e\u0301', 'e\u0301'],
    ['half of a surrogate pair in a secret', f.secret(), '\ud800', '\ud800', true],
    ['a control character is noticed', f.text(), 'x\0', 'x\0', true],
    ['line ends', f.text({ multiline: true }), 'a\r\nb', 'a\nb'],
    ['a default', Type.Object({ a: f.text({ default: 'x' }) }), {}, { a: 'x' }],
    ['a default is not shared', Type.Array(Type.Object({}), { default: [{}] }), undefined, [{}]],
    ['nothing without one', f.text(), undefined, undefined],
    ['an object', Type.Object({ a: f.text() }), { a: 'e\u0301' }, { a: '\u00e9' }],
    ['unknown names are kept, for the check', Type.Object({ a: f.text() }), { a: 'x', b: 1 }, { a: 'x', b: 1 }],
    ['an open object', open, { a: 'x', é: ['e\u0301', { c: 'e\u0301' }, 3, null] }, { a: 'x', é: ['\u00e9', { c: '\u00e9' }, 3, null] }],
    ['an open object with a control character', open, { b: '\0' }, { b: '\0' }, true],
    ['two names of an open object that are one', open, { é: 'x', é: 'y' }, { é: 'x' }, true],
    ['a name of an open object in another form', open, { é: 'x' }, { é: 'x' }],
    ['a list', f.list(f.text()), ['e\u0301'], ['\u00e9']],
    ['a list that is too long is not looked at', f.list(f.text(), { max: 1 }), ['e\u0301', 'x'], ['\u00e9', 'x']],
    ['a record', Type.Record(Type.String(), f.text()), { a: 'e\u0301' }, { a: '\u00e9' }],
    ['two names of a record that are one', Type.Record(Type.String(), f.text()), { é: 'x', é: 'y' }, { é: 'y' }, true],
    ['an unknown schema', Type.Tuple([f.text()]), ['e\u0301'], ['\u00e9']],
    ['a union of objects', Type.Union([Type.Object({ a: f.secret() }), Type.Object({ b: f.text() })]), { a: 'e\u0301' }, { a: 'e\u0301' }],
    ['a union that nothing fits', Type.Union([Type.Object({ a: f.integer() }), Type.Object({ b: f.integer() })]), { c: 'e\u0301' }, { c: '\u00e9' }],
    ['a union with lines', Type.Union([f.integer(), f.text({ multiline: true })]), 'a\nb', 'a\nb'],
    ['a union without', Type.Union([f.integer(), f.text()]), 'a\nb', 'a\nb', true],
    ['a text where an object is meant', Type.Object({}), 'x', 'x'],
    ['a list where an object is meant', Type.Object({}), ['x'], ['x']]
  ]
  for (const [title, schema, value, expected, isUnclean = false] of rows) t.same(tidied(schema, value), { value: expected, isUnclean }, title)
  for (const schema of [f.integer(), f.number(), Type.Union([f.number(), f.text()])]) t.ok(Object.is(tidied(schema, -0).value, 0), 'zero has no sign')
  const polluting = JSON.parse('{"__proto__": {"x": 1}}') as object
  t.equal(tidied(open, polluting).value, polluting, 'a prototype is not copied')
})

t.test('what is given is never changed', async (t) => {
  const node = nodeOf(Type.Object({ a: Type.Optional(f.text({ default: 'x' })), b: Type.Optional(f.list(f.text())), c: Type.Optional(Type.Record(Type.String(), f.text())) }))
  fc.assert(fc.property(fc.record({ a: fc.string({ unit: 'binary' }), b: fc.array(fc.string()), c: fc.dictionary(fc.string(), fc.string()), d: fc.anything() }, { requiredKeys: [] }), (value) => {
    const before = fc.stringify(value)
    tidy(node, value, { isUnclean: false })
    return fc.stringify(value) === before
  }))
  t.pass()
})
