import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { lintForeign, lintSchema, type LintedPart } from '../../../lib/input/schema-lint.ts'
import { shape } from '../../../lib/input/shape.ts'

const shaped = (schema: TSchema): unknown => shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, '')
const found = (schema: TSchema, part: LintedPart = 'body'): string[] => lintSchema(shaped(Type.Object({ a: schema })), part).map(({ code, path }) => `${code} ${path}`)

t.test('findings', async (t) => {
  const rows: Array<[title: string, schema: TSchema, codes: string[], part?: LintedPart]> = [
    ['a text without a limit', Type.String(), ['length body.properties.a']],
    ['a query, too', Type.String(), ['length querystring.properties.a'], 'querystring'],
    ['a parameter is short', Type.String(), [], 'params'],
    ['a header is short', Type.String(), [], 'headers'],
    ['a format that is short', Type.String({ format: 'uuid' }), []],
    ['a choice', Type.String({ enum: ['a'] }), []],
    ['a list without a limit', Type.Array(f.text()), ['items body.properties.a']],
    ['an open object', Type.Object({}, { additionalProperties: true }), ['open body.properties.a']],
    ['an open query', Type.Object({}, { additionalProperties: true }), [], 'querystring'],
    ['a record', Type.Record(Type.String(), f.text()), []],
    ['a pattern that is not held', f.text({ pattern: 'a' }), ['unanchored body.properties.a']],
    ['a pattern of the worst kind', f.text({ pattern: '^(a+)+$' }), ['costly body.properties.a']],
    ['whatever the length', f.text({ pattern: '^(a+)+$', max: 10 }), ['costly body.properties.a']],
    ['a pattern that is slow with long texts', f.text({ pattern: '^a*a*a*$', max: 1000 }), ['costly body.properties.a']],
    ['and a short text', f.text({ pattern: '^a*a*a*$', max: 100 }), []],
    ['a parameter with one', Type.String({ pattern: '^a*a*$' }), [], 'params'],
    ['a query without a limit', Type.String({ pattern: '^a*a*$' }), ['length querystring.properties.a', 'costly querystring.properties.a'], 'querystring'],
    ['a pattern that is an object', Type.String({ maxLength: 3, pattern: /a/ as never }), ['regexp body.properties.a']],
    ['a codec', Type.Decode(f.text(), (value) => value), ['codec body.properties.a']],
    ['a range that is empty', Type.String({ minLength: 4, maxLength: 3 }), ['range body.properties.a']],
    ['a range of numbers', Type.Number({ minimum: 4, maximum: 3 }), ['range body.properties.a']],
    ['a default that does not fit', Type.Integer({ default: 'x' }), ['default body.properties.a']],
    ['a default that fits', Type.Integer({ default: 3 }), []],
    ['a name with a dot', Type.Object({ 'b.c': f.text() }), ['name body.properties.a']],
    ['within a union', Type.Union([Type.String(), f.integer()]), ['length body.properties.a.anyOf.0']],
    ['within a list', f.list(Type.String()), ['length body.properties.a.items']],
    ['within a record', Type.Record(Type.String(), Type.String()), ['length body.properties.a.patternProperties.^.*$']]
  ]
  for (const [title, schema, codes, part] of rows) t.same(found(schema, part), codes, title)
})

t.test('every builder passes', async (t) => {
  const schema = Type.Object({
    a: f.text(),
    b: f.text({ multiline: true }),
    c: f.secret(),
    d: f.username(),
    e: f.username({ script: 'any' }),
    f: f.email(),
    g: f.url(),
    h: f.url({ protocols: ['ftp', 'git+ssh'] }),
    i: f.uuid(),
    j: f.ip(),
    k: f.mac(),
    l: f.slug(),
    m: f.integer(),
    n: f.number(),
    o: f.decimal(),
    p: f.checkbox(),
    q: f.agreement(),
    r: f.date(),
    s: f.datetimeLocal(),
    t: f.month(),
    u: f.week(),
    v: f.time(),
    w: f.color(),
    x: f.choice(['a']),
    y: f.choices(['a']),
    z: f.hidden(f.list(f.text()))
  })
  t.same(lintSchema(shaped(schema), 'body'), [])
})

t.test('what another compiler would not see', async (t) => {
  const schema = Type.Object({ a: Type.Refine(Type.String(), () => true, () => ''), b: Type.Decode(Type.String(), (value) => value), c: f.email(), d: Type.String({ format: 'email' }) })
  t.same(lintForeign(schema, 'body').map(({ code, path }) => `${code} ${path}`), ['refine body.properties.a', 'codec body.properties.b', 'format body.properties.c'])
  t.same(lintForeign({ anyOf: [schema, schema, null, 3] }, 'body').length, 3, 'each once')
})
