import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { acceptOf, file, files, filesOf } from '../../../lib/input/file-fields.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

const find = (schema: TSchema) => filesOf(readNode(shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body')))
const picture = file({ types: ['png'], maxSize: 5 })

t.test('the schema of a file is a binary text with its rules', async (t) => {
  t.same(JSON.parse(JSON.stringify(file({ types: ['png'], maxPixels: 3, title: 'Picture', description: 'Of you' }))), { type: 'string', format: 'binary', title: 'Picture', description: 'Of you', 'x-bulwark-file': { types: ['png'], maxPixels: 3 } })
  t.same(JSON.parse(JSON.stringify(files({ types: ['png'], min: 1, max: 2, title: 'All' }))), { type: 'array', minItems: 1, maxItems: 2, title: 'All', items: { type: 'string', format: 'binary', 'x-bulwark-file': { types: ['png'] } } })
  t.match(files({ types: ['png'] }), { maxItems: 10 })
  t.throws(() => files({ types: ['png'], min: 3, max: 2 }), RangeError)
})

const places: ReadonlyArray<readonly [what: string, schema: TSchema, expected: object]> = [
  ['none', Type.Object({ a: Type.String() }), {}],
  ['one', Type.Object({ a: picture }), { a: { types: ['png'], maxSize: 5, maxCount: 1 } }],
  ['one that may be missing', Type.Object({ a: Type.Optional(picture) }), { a: { types: ['png'], maxSize: 5, maxCount: 1 } }],
  ['several', Type.Object({ a: files({ types: ['txt'], max: 3 }) }), { a: { types: ['txt'], maxCount: 3 } }],
  ['a list of files by hand', Type.Object({ a: Type.Array(picture, { maxItems: 4 }) }), { a: { types: ['png'], maxSize: 5, maxCount: 4 } }],
  ['in an object', Type.Object({ a: Type.Object({ b: picture }) }), { 'a.b': { types: ['png'], maxSize: 5, maxCount: 1 } }],
  ['in two objects that are one', Type.Intersect([Type.Object({ a: picture }), Type.Object({ b: picture })]), { a: {}, b: {} }],
  ['of a copy, as `addSchema` makes one', JSON.parse(JSON.stringify(Type.Object({ a: picture }))) as TSchema, { a: { types: ['png'], maxSize: 5, maxCount: 1 } }]
]

for (const [what, schema, expected] of places) t.test(`files are found: ${what}`, async (t) => { t.match(find(schema), expected) })

const nowhere: ReadonlyArray<readonly [what: string, schema: TSchema]> = [
  ['a list of objects', Type.Array(Type.Object({ b: picture }))],
  ['a list of lists', Type.Array(Type.Array(picture))],
  ['a record', Type.Record(Type.String(), picture)],
  ['a union', Type.Union([picture, Type.Null()])],
  ['a union of objects', Type.Union([Type.Object({ b: picture }), Type.Object({ c: Type.String() })])]
]

for (const [what, schema] of nowhere) {
  t.test(`a file within ${what} does not start`, async (t) => {
    t.throws(() => find(Type.Object({ a: schema })), { code: 'BULWARK_ERR_INPUT_FORM_INVALID', message: /^schema\.body\.a: / })
  })
}

t.test('what a browser offers to choose from', async (t) => {
  t.equal(acceptOf({ types: ['png', 'jpg'] }), 'image/png,image/jpeg,.png,.jpg,.jpeg,.jpe,.jfif')
  t.equal(acceptOf({ types: ['mp3'] }), '.mp3', 'a kind of a detector')
})
