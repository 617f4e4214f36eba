import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { MemorySink } from '../../../lib/files/spool.ts'
import { Upload } from '../../../lib/files/upload.ts'
import { explain, Report } from '../../../lib/input/explain.ts'
import { f } from '../../../lib/input/fields.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

// A name is hostile, and none of the values of the form.
const upload = new Upload({ field: 'a', originalName: '\0\ud800', claimedType: '', safeName: 'a.png', storedName: 'b.png', type: 'png', mediaType: 'image/png', size: 1 }, new MemorySink())
const shaping = { known: {}, formats: {}, isClosed: true, depth: 3 }

function faultsOf (schema: TSchema, value: unknown, limit = 100): string[] {
  const report = new Report(limit)
  explain(readNode(shape(schema, shaping, '')), value, '', report)
  return report.faults.map(({ path, key }) => path === '' ? key : `${path}: ${key}`)
}

t.test('what is wrong, and nothing else', async (t) => {
  const tagged = Type.Union([Type.Object({ k: Type.Literal('x'), n: f.integer() }), Type.Object({ k: Type.Literal('y'), m: f.text() })])
  const rows: Array<[title: string, schema: TSchema, value: unknown, expected: string[]]> = [
    ['a text', f.text(), 'x', []],
    ['a number for a text', f.text(), 3, ['text']],
    ['an empty text', f.text(), '', ['required']],
    ['a blank text', f.text(), '  ', ['required']],
    ['too short', f.text({ min: 3 }), 'x', ['minLength']],
    ['too long', f.text({ max: 3 }), 'xxxx', ['maxLength']],
    ['an exact length', Type.String({ minLength: 2, maxLength: 2 }), 'x', ['length']],
    ['an exact length, too long', Type.String({ minLength: 2, maxLength: 2 }), 'xxx', ['length']],
    ['characters', f.text(), 'x\u0007', ['characters']],
    ['a pattern', Type.String({ pattern: '^a$' }), 'b', ['pattern']],
    ['a pattern is not asked about what is too long', Type.String({ pattern: '^a$', maxLength: 1 }), 'bb', ['maxLength']],
    ['the pattern of a username', f.username(), '1', ['username']],
    ['a username of any script', f.username({ script: 'any' }), '1', ['username']],
    ['a format', f.email(), 'x', ['email']],
    ['a format of JSON Schema', Type.String({ format: 'date-time' }), 'x', ['date-time']],
    ['a URL', f.url(), 'x', ['url']],
    ['a URL of other schemes', f.url({ protocols: ['ftp'] }), 'https://x', ['pattern']],
    ['an IP address', f.ip({ version: 6 }), '1.2.3.4', ['ip']],
    ['a refinement', Type.Refine(Type.String({ maxLength: 9 }), (text) => text !== 'x', () => 'noneOf'), 'x', ['noneOf']],
    ['a refinement is not asked about what is wrong', Type.Refine(Type.String({ maxLength: 1 }), () => false, () => 'noneOf'), 'xx', ['maxLength']],
    ['a file', f.file({ types: ['png'] }), upload, []],
    ['a text for a file', f.file({ types: ['png'] }), 'x', ['file']],
    ['what looks like a file', f.file({ types: ['png'] }), { ...upload }, ['file']],
    ['a file by a rule of the application', Type.Refine(f.file({ types: ['png'] }), ({ size }) => size > 5, () => 'small'), upload, ['small']],
    ['too few files', f.files({ types: ['png'], min: 2 }), [upload], ['minFiles']],
    ['too many files', f.files({ types: ['png'], max: 1 }), [upload, upload], ['maxFiles']],
    ['files with something else', f.files({ types: ['png'] }), [upload, 'x'], ['1: file']],
    ['a whole number', f.integer(), 1.5, ['integer']],
    ['a number', f.number(), 'x', ['number']],
    ['no number is not one', f.number(), NaN, ['number']],
    ['a minimum', f.integer({ min: 3 }), 2, ['minimum']],
    ['a maximum', f.integer({ max: 3 }), 4, ['maximum']],
    ['an open minimum', Type.Number({ exclusiveMinimum: 3 }), 3, ['exclusiveMinimum']],
    ['an open maximum', Type.Number({ exclusiveMaximum: 3 }), 3, ['exclusiveMaximum']],
    ['a step', Type.Number({ multipleOf: 0.1 }), 0.25, ['multipleOf']],
    ['a step that fits', Type.Number({ multipleOf: 0.5 }), 1.5, []],
    ['true or false', Type.Boolean(), 'true', ['boolean']],
    ['true', Type.Boolean(), true, []],
    ['null', Type.Null(), 0, ['invalid']],
    ['null that is one', Type.Null(), null, []],
    ['a choice', f.choice(['a']), 'b', ['choice']],
    ['a choice that is one', f.choice(['a']), 'a', []],
    ['agreement', f.agreement(), false, ['accepted']],
    ['a list', f.list(f.text()), {}, ['list']],
    ['too few', f.list(f.text(), { min: 1 }), [], ['minItems']],
    ['too many, whose members are not looked at', f.list(f.text(), { max: 1 }), [1, 2], ['maxItems']],
    ['members', f.list(f.text()), ['a', 1, ''], ['1: text', '2: required']],
    ['twice the same', f.list(f.text(), { unique: true }), ['a', 'a'], ['uniqueItems']],
    ['twice the same object', f.list(Type.Object({ a: f.text() }), { unique: true }), [{ a: 'x' }, { a: 'x' }], ['uniqueItems']],
    ['an object', Type.Object({}), [], ['object']],
    ['a name that is not there', Type.Object({ a: f.text() }), {}, ['a: required']],
    ['agreement that is not there', Type.Object({ a: f.agreement() }), {}, ['a: accepted']],
    ['an optional one', Type.Object({ a: Type.Optional(f.text()) }), {}, []],
    ['undefined is not there', Type.Object({ a: Type.Optional(f.text()) }), { a: undefined }, []],
    ['a name that nobody knows', Type.Object({}), { isAdmin: true }, ['isAdmin: unknown']],
    ['a long one is told in part', Type.Object({}), { ['x'.repeat(500)]: true }, [`${'x'.repeat(100)}: unknown`]],
    ['an object that is open', Type.Object({}, { additionalProperties: true }), { a: 'x', b: 3, c: { d: 'y' } }, []],
    ['its texts are looked at', Type.Object({}, { additionalProperties: true }), { a: 'x\0', b: { c: '\0' }, d: { '\0': 1 } }, ['a: characters', 'b: characters', 'd: characters']],
    ['nested', Type.Object({ a: Type.Object({ b: f.list(Type.Object({ c: f.integer() })) }) }), { a: { b: [{ c: 1 }, { c: 'x' }] } }, ['a.b.1.c: integer']],
    ['a record', Type.Record(Type.String(), f.integer()), { a: 1, b: 'x' }, ['b: integer']],
    ['a record is an object', Type.Record(Type.String(), f.integer()), null, ['object']],
    ['the names of a record', Type.Record(Type.String(), f.integer()), { '\0': 1 }, ['characters']],
    ['names that its pattern refuses', { ...Type.Record(Type.String({ pattern: '^a$' }), f.integer()), additionalProperties: false } as TSchema, { b: 1 }, ['invalid']],
    ['a union that fits', Type.Union([f.integer(), f.text()]), 'x', []],
    ['a union that fits, with characters', Type.Union([f.integer(), Type.String({ maxLength: 9 })]), 'x\0', ['characters']],
    ['a union that does not', Type.Union([f.integer(), f.text()]), true, ['invalid']],
    ['a union with null', Type.Union([f.integer(), Type.Null()]), 'x', ['integer']],
    ['a union of objects, by its constant', tagged, { k: 'y', m: 3 }, ['m: text']],
    ['a union of objects, without', tagged, { k: 'z', n: 'x' }, ['k: choice', 'n: integer']],
    ['a union of objects, for a text', tagged, 'x', ['invalid']],
    ['a union of texts, for an object', Type.Union([f.integer(), f.text()]), {}, ['invalid']],
    ['a list among them', Type.Union([f.text(), f.list(f.integer())]), ['x'], ['0: integer']],
    ['what only the compiled check knows', Type.Object({ a: Type.Optional(f.text()) }, { minProperties: 1 }), {}, ['invalid']],
    ['what nothing is known of', Type.Tuple([f.integer(), f.text()]), [1], ['invalid']],
    ['what nothing is known of, and fits', Type.Tuple([f.integer(), f.text()]), [1, 'x'], []],
    ['never', Type.Never(), 1, ['invalid']],
    ['oneOf that fits twice', { oneOf: [{ type: 'string', maxLength: 3 }, { type: 'string', maxLength: 5 }] } as TSchema, 'x', ['invalid']]
  ]
  for (const [title, schema, value, expected] of rows) t.same(faultsOf(schema, value), expected, title)
})

t.test('no more faults than are asked for', async (t) => {
  t.equal(faultsOf(f.list(f.integer(), { max: 1000 }), Array(1000).fill('x'), 10).length, 10)
  t.equal(faultsOf(Type.Object({}), Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 1])), 10).length, 10)
  t.equal(faultsOf(Type.Object(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, f.text()]))), {}, 10).length, 10)
})
