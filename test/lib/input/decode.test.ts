import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { decode, indicesOf, likeliest, truthOf } from '../../../lib/input/decode.ts'
import { f } from '../../../lib/input/fields.ts'
import { Part } from '../../../lib/input/request-part.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

const shaping = { known: {}, formats: {}, isClosed: true, depth: 3 }
const partOf = (schema: TSchema): Part => new Part(schema, shaping, 'body', 100)

/** What a form with one field `a` of a schema becomes, or the key of its error. */
function read (schema: TSchema, values: Record<string, unknown>): unknown {
  const { value, faults, duplicate } = partOf(Type.Object({ a: schema })).readForm(values)
  if (duplicate !== undefined) return `twice: ${duplicate}`
  return faults.length > 0 ? faults.map(({ path, key }) => `${path}: ${key}`).join() : (value as { a?: unknown }).a
}

t.test('the coercion table: what a form sends, and what it becomes', async (t) => {
  const integer = f.integer()
  const maybe = Type.Optional(integer)
  const rows: Array<[title: string, schema: TSchema, values: Record<string, unknown>, expected: unknown]> = [
    ['"12" is 12', integer, { a: '12' }, 12],
    ['blanks around a number are trimmed', integer, { a: ' 12 ' }, 12],
    ['"" is nothing', maybe, { a: '' }, undefined],
    ['"" is nothing, which a required field is refused for', integer, { a: '' }, 'a: required'],
    ['blanks alone are nothing', maybe, { a: '   ' }, undefined],
    ['"1.5" is no whole number', integer, { a: '1.5' }, 'a: integer'],
    ['"0x10" is no number', integer, { a: '0x10' }, 'a: integer'],
    ['"1e2" is no whole number', integer, { a: '1e2' }, 'a: integer'],
    ['"1_000" is no number', integer, { a: '1_000' }, 'a: integer'],
    ['digits of another script are none', integer, { a: '１２' }, 'a: integer'],
    ['"Infinity" is no number', f.number(), { a: 'Infinity' }, 'a: number'],
    ['"NaN" is no number', f.number(), { a: 'NaN' }, 'a: number'],
    ['what no number holds exactly is refused, not rounded', integer, { a: '9007199254740993' }, 'a: integer'],
    ['more digits than any number has', integer, { a: '1'.repeat(400) }, 'a: integer'],
    ['"-0" is 0', integer, { a: '-0' }, 0],
    ['"+5" is 5', integer, { a: '+5' }, 5],
    ['"007" is 7', integer, { a: '007' }, 7],
    ['"1.50" is 1.5', f.number(), { a: '1.50' }, 1.5],
    ['".5" is 0.5', f.number(), { a: '.5' }, 0.5],
    ['"1e2" is 100 where a fraction is admitted', f.number(), { a: '1e2' }, 100],
    ['"1,5" is refused', f.number(), { a: '1,5' }, 'a: number'],
    ['"1e999" is refused', f.number(), { a: '1e999' }, 'a: number'],
    ...['true', 'on', '1', 'y', 'yes', 'TRUE', 'On'].map((word): [string, TSchema, Record<string, unknown>, unknown] => [`"${word}" is true`, Type.Boolean(), { a: word }, true]),
    ...['false', 'off', '0', 'n', 'no', 'False', ''].map((word): [string, TSchema, Record<string, unknown>, unknown] => [`"${word}" is false`, Type.Boolean(), { a: word }, false]),
    ['"maybe" is neither', Type.Boolean(), { a: 'maybe' }, 'a: boolean'],
    ['a box that was not ticked is false', f.checkbox(), {}, false],
    ['a boolean without a default, too', Type.Boolean(), {}, false],
    ['an optional one is not there', Type.Optional(Type.Boolean()), {}, undefined],
    ['a box that must be ticked', f.agreement(), {}, 'a: accepted'],
    ['a box that must be ticked, and was', f.agreement(), { a: 'on' }, true],
    ['two values for one place', f.text(), { a: ['1', '2'] }, 'twice: a'],
    ['two values for a box', Type.Boolean(), { a: ['0', '1'] }, 'twice: a'],
    ['one value of a list is a list', f.list(f.text()), { a: '1' }, ['1']],
    ['several values of a list', f.list(f.text()), { a: ['1', '2'] }, ['1', '2']],
    ['a list of numbers', f.list(f.integer()), { a: ['1', ' 2'] }, [1, 2]],
    ['a list that was not sent is empty', f.list(f.text()), {}, []],
    ['an optional one is not there', Type.Optional(f.list(f.text())), {}, undefined],
    ['nothing in a list is left out', f.list(f.text()), { a: ['', '1'] }, ['1']],
    ['a[] is another name', f.list(f.text()), { 'a[]': '1' }, []],
    ['members by number', f.list(f.text()), { 'a.0': 'x', 'a.1': 'y' }, ['x', 'y']],
    ['a gap between the numbers is closed', f.list(f.text()), { 'a.7': 'y', 'a.3': 'x' }, ['x', 'y']],
    ['a list of objects', f.list(Type.Object({ n: f.text(), b: f.checkbox() })), { 'a.0.n': 'x', 'a.2.n': 'y', 'a.2.b': 'on' }, [{ n: 'x', b: false }, { n: 'y', b: true }]],
    ['more members than there may be', f.list(f.text(), { max: 2 }), { a: ['1', '2', '3', '4'] }, 'a: maxItems'],
    ['more numbered ones', f.list(f.text(), { max: 1 }), { 'a.0': '1', 'a.1': '2' }, 'a: maxItems'],
    ['a member that is no number', f.list(f.integer()), { a: ['1', 'x'] }, 'a.1: integer'],
    ['an object by its names', Type.Object({ b: f.text(), c: Type.Optional(f.integer()) }), { 'a.b': 'x', 'a.c': '3' }, { b: 'x', c: 3 }],
    ['an object of which nothing was sent', Type.Object({ b: f.text() }), {}, 'a.b: required'],
    ['an optional object of which nothing was sent', Type.Optional(Type.Object({ b: f.text() })), {}, undefined],
    ['an optional object of which nothing was entered', Type.Optional(Type.Object({ b: f.text() })), { 'a.b': '' }, undefined],
    ['an optional object that is begun', Type.Optional(Type.Object({ b: f.text(), c: f.text() })), { 'a.c': 'x' }, 'a.b: required'],
    ['an enum', Type.Enum(['x', 'y']), { a: 'x' }, 'x'],
    ['an enum of numbers', Type.Enum([1, 2]), { a: '2' }, 2],
    ['not one of an enum', Type.Enum(['x', 'y']), { a: 'z' }, 'a: choice'],
    ['nothing of an enum', Type.Optional(Type.Enum(['x', 'y'])), { a: '' }, undefined],
    ['the empty choice, where it is one', Type.Enum(['', 'y']), { a: '' }, ''],
    ['a union of literals', Type.Union([Type.Literal('x'), Type.Literal(3)]), { a: '3' }, 3],
    ['a union: the first that fits', Type.Union([f.integer(), f.text()]), { a: '12' }, 12],
    ['a union: the second', Type.Union([f.integer(), f.text()]), { a: 'x' }, 'x'],
    ['a union: none', Type.Union([f.integer(), f.number()]), { a: 'x' }, 'a: invalid'],
    ['null for nothing', Type.Union([f.integer(), Type.Null()]), { a: '' }, null],
    ['null is no word', Type.Union([f.integer(), Type.Null()]), { a: 'null' }, 'a: integer'],
    ['a value or null', Type.Union([f.integer(), Type.Null()]), { a: '3' }, 3],
    ['a union of objects, by its constant', Type.Union([Type.Object({ k: Type.Literal('x'), n: f.integer() }), Type.Object({ k: Type.Literal('y'), m: f.integer() })]), { 'a.k': 'y', 'a.m': '3' }, { k: 'y', m: 3 }],
    ['a union of objects with a fault', Type.Union([Type.Object({ k: Type.Literal('x'), n: f.integer() }), Type.Object({ k: Type.Literal('y'), m: f.integer() })]), { 'a.k': 'y', 'a.m': 'q' }, 'a.m: integer'],
    ['a list of a union', f.list(Type.Union([f.integer(), f.text()])), { a: ['1', 'x'] }, [1, 'x']],
    ['a list of a union that nothing fits', f.list(Type.Union([f.integer(), f.number()])), { a: ['x'] }, 'a.0: invalid'],
    ['a record', Type.Record(Type.String(), f.integer()), { 'a.x': '1', 'a.y': '2' }, { x: 1, y: 2 }],
    ['a record that names a prototype', Type.Record(Type.String(), f.text()), { 'a.__proto__': 'x', 'a.constructor': 'y', 'a.z': '1' }, { z: '1' }],
    ['a record of which nothing was entered', Type.Record(Type.String(), f.text()), { 'a.x': '' }, {}],
    ['an optional record', Type.Optional(Type.Record(Type.String(), f.text())), {}, undefined],
    ['a default for what was not sent', f.text({ default: 'x' }), {}, 'x'],
    ['a default for nothing', f.integer({ default: 3 }), { a: '' }, 3],
    ['an empty text where it is admitted', Type.String({ minLength: 0 }), { a: ' ' }, ''],
    ['texts are trimmed', f.text(), { a: '  x  ' }, 'x'],
    ['secrets are not', f.secret(), { a: '  x  ' }, '  x  '],
    ['nothing is no secret', f.secret(), { a: '' }, 'a: required'],
    ['a secret that may be empty', f.secret({ min: 0 }), { a: '' }, ''],
    ['texts get normal form C', f.text(), { a: 'e\u0301' }, '\u00e9'],
    ['secrets do not', f.secret(), { a: 'e\u0301' }, 'e\u0301'],
    ['half of a surrogate pair in a secret', f.secret(), { a: '\ud800' }, 'a: characters'],
    ['a control character', f.text(), { a: 'x\0y' }, 'a: characters'],
    ['a line end in one line', f.text(), { a: 'x\ny' }, 'a: characters'],
    ['lines get one end', f.text({ multiline: true }), { a: 'x\r\ny\rz' }, 'x\ny\nz'],
    ['what is no text is left to the check', f.text(), { a: 3 }, 'a: text'],
    ['and in a list', f.list(f.text()), { a: [3] }, 'a.0: text'],
    ['a name of every object is not found in the prototype', Type.Optional(f.text()), Object.create({ a: 'x' }) as Record<string, unknown>, undefined]
  ]
  for (const [title, schema, values, expected] of rows) t.same(read(schema, values), expected, title)
})

t.test('zero has no sign', async (t) => {
  for (const schema of [f.integer(), f.number()]) t.ok(Object.is(read(schema, { a: '-0' }), 0))
})

t.test('names that the schema does not have are dropped', async (t) => {
  const { value, faults } = partOf(Type.Object({ a: f.text() })).readForm({ a: 'x', isAdmin: 'true', __proto__: 'y' })
  t.same([value, faults], [{ a: 'x' }, []])
})

t.test('indices are taken as numbers, in order, each once', async (t) => {
  const source = (...names: string[]) => ({ values: Object.fromEntries(names.map((name) => [name, 'x'])), duplicate: undefined, isUnclean: false })
  t.same(indicesOf(source('a.10', 'a.9', 'a.9.b', 'a.x', 'a.01', 'a.999999', 'a.-1', 'b.3', 'a.'), 'a'), [9, 10])
})

t.test('which variant was meant', async (t) => {
  const variants = [Type.Null(), Type.Object({ k: Type.Literal('x') }), Type.Object({ k: Type.Literal('y') })].map((schema) => readNode(shape(schema, shaping, '')))
  t.equal(likeliest(variants, [null, { k: 'y' }, { k: 'y' }]), variants[2])
  t.equal(likeliest(variants, [null, 3, null]), variants[1], 'the first that is not null')
})

t.test('a form that is written from values is read as these values', async (t) => {
  const part = partOf(Type.Object({ s: Type.Optional(f.text()), n: f.integer(), b: f.checkbox(), l: f.list(f.integer()), o: Type.Object({ x: f.number() }) }))
  fc.assert(fc.property(fc.record({
    s: fc.option(fc.stringMatching(/^[!-~]{1,20}$/), { nil: undefined }),
    n: fc.maxSafeInteger(),
    b: fc.boolean(),
    l: fc.array(fc.maxSafeInteger(), { maxLength: 5 }),
    o: fc.record({ x: fc.integer() })
  }), (values) => {
    const { s, n, b, l, o } = values
    const { value, faults } = part.readForm({ ...s === undefined ? {} : { s }, n: String(n), ...b ? { b: 'on' } : {}, l: l.map(String), 'o.x': String(o.x) })
    assert.deepEqual([faults, value], [[], { ...s === undefined ? {} : { s }, n, b, l, o: { ...o } }])
  }))
  t.pass()
})

t.test('any form is read without an error', async (t) => {
  const part = partOf(Type.Object({ s: f.text(), n: f.integer(), l: f.list(Type.Object({ x: f.text() })), u: Type.Union([f.integer(), Type.Object({ y: f.text() })]), r: Type.Record(Type.String(), f.text()) }))
  const name = fc.oneof(fc.constantFrom('s', 'n', 'l', 'l.0', 'l.0.x', 'u', 'u.y', 'r', 'r.__proto__', '__proto__', 'constructor'), fc.string())
  fc.assert(fc.property(fc.dictionary(name, fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string()), fc.anything())), (values) => {
    part.readForm(values)
    return Object.getPrototypeOf({}) === Object.prototype && !('polluted' in {})
  }), { numRuns: 200 })
  t.pass()
})

t.test('a word', async (t) => {
  t.same([truthOf('ON'), truthOf('no'), truthOf('perhaps')], [true, false, 'perhaps'])
  t.equal(decode(readNode({ type: 'boolean' }), { values: { a: 'no' }, duplicate: undefined, isUnclean: false }, 'a', true), false)
})
