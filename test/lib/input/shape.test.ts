import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Format } from 'typebox/format'
import { f } from '../../../lib/input/fields.ts'
import { FORMAT, shape, type Schema, type Shaping } from '../../../lib/input/shape.ts'

const shaping: Shaping = { known: {}, formats: {}, isClosed: true, depth: 2 }
const shaped = (schema: unknown, more: Partial<Shaping> = {}): Schema => shape(schema, { ...shaping, ...more }, 'body') as Schema
const fits = (schema: unknown, value: unknown, more: Partial<Shaping> = {}): boolean => Compile(shaped(schema, more)).Check(value)
const text = { type: 'string', maxLength: 5 }

t.test('objects that do not say so admit no unknown names', async (t) => {
  const rows: Array<[title: string, schema: TSchema, value: unknown, fits: boolean]> = [
    ['an object', Type.Object({ a: f.text() }), { a: 'x', b: 1 }, false],
    ['an object within', Type.Object({ a: Type.Object({}) }), { a: { b: 1 } }, false],
    ['an object that says so', Type.Object({}, { additionalProperties: true }), { b: 1 }, true],
    ['a record', Type.Record(Type.String(), f.integer()), { b: 1 }, true],
    ['an intersection', Type.Intersect([Type.Object({ a: f.text() }), Type.Object({ b: f.text() })]), { a: 'x', b: 'y' }, true],
    ['an intersection, with more', Type.Intersect([Type.Object({ a: f.text() }), Type.Object({ b: f.text() })]), { a: 'x', b: 'y', c: 1 }, false],
    ['an intersection with a rule', Type.Refine(Type.Intersect([Type.Refine(Type.Object({ a: f.text() }), () => true, () => ''), Type.Object({ b: f.text() })]), () => false, () => ''), { a: 'x', b: 'y' }, false],
    ['an intersection with an empty object', { allOf: [{ type: 'object' }, { type: 'object', properties: { a: text } }] } as TSchema, { a: 'x' }, true],
    ['a format in an intersection', Type.Intersect([Type.Object({ a: Type.Intersect([Type.String({ format: 'email' }), Type.String({ maxLength: 9 })]) })]), { a: 'x' }, false],
    ['an intersection that says unevaluatedProperties', Type.Intersect([Type.Object({ a: f.text() }), Type.Object({ b: f.text() })], { unevaluatedProperties: false }), { a: 'x', b: 'y' }, true],
    ['the same name in both', Type.Intersect([Type.Object({ a: Type.String({ maxLength: 3 }) }), Type.Object({ a: Type.String({ minLength: 2 }) })]), { a: 'x' }, false],
    ['an intersection of something else', { allOf: [{ type: 'object', properties: { a: text }, minProperties: 1 }, { type: 'object', properties: { b: text } }] } as TSchema, { a: 'x', b: 'y' }, true],
    ['an intersection of something else, with more', { allOf: [{ type: 'object', properties: { a: text }, minProperties: 1 }, { type: 'object', properties: { b: text } }] } as TSchema, { a: 'x', c: 'y' }, false],
    ['a part of a `not` is not closed', { type: 'object', properties: { a: text, b: text }, not: { type: 'object', properties: { a: { const: 'x' } }, required: ['a'] } } as TSchema, { a: 'x', b: 'y' }, false],
    ['a union', Type.Union([Type.Object({ a: f.text() }), Type.Object({ b: f.text() })]), { a: 'x', c: 1 }, false],
    ['a tuple', { type: 'array', items: [{ type: 'object', properties: {} }] } as TSchema, [{ a: 1 }], false],
    ['a schema that is true', Type.Object({ a: true as unknown as TSchema }), { a: 1 }, true]
  ]
  for (const [title, schema, value, expected] of rows) t.equal(fits(schema, value), expected, title)
  t.ok(fits(Type.Object({}), { a: 1 }, { isClosed: false }), 'but for a query')
})

t.test('references are resolved', async (t) => {
  const known = { User: { $id: 'User', type: 'object', properties: { name: text, next: { $ref: 'User#' } }, definitions: { 'a/b~c': text } } }
  const rows: Array<[title: string, schema: object, value: unknown, fits: boolean]> = [
    ['by name', { $ref: 'User' }, { name: 'x' }, true],
    ['by name with a sign behind', { $ref: 'User#' }, { name: 3 }, false],
    ['a part of it', { $ref: 'User#/properties/name' }, 'x', true],
    ['a part with odd signs', { $ref: 'User#/definitions/a~1b~0c' }, 3, false],
    ['its own definitions', { $defs: { T: text }, type: 'object', properties: { a: { $ref: '#/$defs/T' } } }, { a: 'x' }, true],
    ['its own definitions by name', { $defs: { T: text }, type: 'object', properties: { a: { $ref: 'T' } } }, { a: 3 }, false],
    ['a schema that names itself', { $ref: 'User' }, { next: { next: { name: 'x' } } }, true],
    ['deeper than anything may be', { $ref: 'User' }, { next: { next: { next: { next: {} } } } }, false],
    ['what TypeBox calls cyclic', Type.Cyclic({ A: Type.Object({ a: Type.Optional(Type.Ref('A')) }) }, 'A'), { a: { a: {} } }, true]
  ]
  for (const [title, schema, value, expected] of rows) t.equal(fits(schema, value, { known }), expected, title)
})

t.test('what cannot be compiled is refused', async (t) => {
  const refused: Array<[title: string, schema: unknown, message: RegExp]> = [
    ['a reference to nothing', { $ref: 'Nobody' }, /^body: expected a reference/],
    ['a reference into nothing', { $defs: {}, $ref: '#/$defs/x' }, /reference/],
    ['a reference to what every object has', { $ref: 'constructor' }, /reference/],
    ['an unknown format', Type.Object({ a: Type.String({ format: 'emial' }) }), /^body\.a: expected a known format/],
    ['a pattern that does not compile with `u`', Type.Object({ a: Type.String({ pattern: '[\\w-\\.]' }) }), /^body\.a: expected a pattern/],
    ['a refinement with a text', Type.Refine(Type.String(), (() => false) as never, 'message' as never), /refinement/],
    ['no schema', Type.Object({ a: 3 as never }), /^body\.a: expected a schema/],
    ['null', null, /schema/]
  ]
  for (const [title, schema, message] of refused) t.throws(() => shaped(schema), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID', message }, title)
  const branching = { $id: 'T', type: 'object', properties: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, { $ref: 'T' }])) }
  t.throws(() => shaped({ $ref: 'T' }, { known: { T: branching }, depth: 8 }), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID', message: /at most 20000 parts/ })
})

t.test('formats are those of the application, whatever the process knows', async (t) => {
  const schema = Type.String({ format: 'code' })
  const one = { formats: { code: (value: string) => value === 'one' } }
  const two = { formats: { code: (value: string) => value === 'two' } }
  const compiled = Compile(shaped(schema, one))
  t.ok(compiled.Check('one'))
  t.notOk(compiled.Check('two'))
  t.ok(fits(schema, 'two', two))
  t.notOk(fits({ ...schema, type: ['string', 'number'] }, 'x', one))
  t.ok(fits({ format: 'code' }, 3, one), 'what is no text has no format')
  Format.Set('email', () => true)
  t.teardown(() => Format.Set('email', Format.IsEmail))
  t.notOk(fits(Type.String({ format: 'email' }), 'x'))
  t.equal(((shaped(schema, one)['~refine'] as Array<{ error: () => string }>)[0]!).error(), 'format')
  t.equal((shaped(schema, one)[FORMAT] as { name: string }).name, 'code')
})

t.test('the given schema is not written to, and keeps what TypeBox hides in it', async (t) => {
  const schema = Type.Object({ a: Type.Refine(f.email(), () => false, () => 'no') })
  const before = JSON.stringify(schema)
  t.notOk(fits(schema, { a: 'a@b.co' }))
  t.equal(JSON.stringify(schema), before)
  t.equal((schema as unknown as Schema)['additionalProperties'], undefined)
})
