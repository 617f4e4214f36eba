import fc from 'fast-check'
import t from 'tap'
import { Type } from 'typebox'
import { SecurityError } from '../../lib/errors.ts'
import { compileOptions, expectation, recordOf, unknownName, type OptionSchema } from '../../lib/options.ts'

const CODES = { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' } as const
const closed = { additionalProperties: false }

const schema: OptionSchema = Type.Object({
  on: Type.Optional(Type.Boolean()),
  text: Type.Optional(Type.String()),
  count: Type.Optional(Type.Integer()),
  least: Type.Optional(Type.Integer({ minimum: 1 })),
  most: Type.Optional(Type.Integer({ maximum: 9 })),
  range: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
  one: Type.Optional(Type.Literal('only')),
  word: Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('article'), Type.Literal(false)])),
  list: Type.Optional(Type.Array(Type.String())),
  words: Type.Optional(Type.Union([Type.Array(Type.Union([Type.Literal('red'), Type.Literal('blue')]), { minItems: 1 }), Type.Literal('none')])),
  either: Type.Optional(Type.Union([Type.Union([Type.Array(Type.Union([Type.Literal('red'), Type.Literal('blue')])), Type.Union([Type.Literal('red'), Type.Literal('blue')])]), Type.Literal(false)])),
  object: Type.Optional(Type.Union([Type.Object({
    mode: Type.Union([Type.Literal('enforce'), Type.Literal('report')]),
    seconds: Type.Optional(Type.Integer({ minimum: 0 })),
    inner: Type.Optional(Type.Object({ flag: Type.Boolean() }, closed))
  }, closed), Type.Literal(false)])),
  record: Type.Optional(recordOf(Type.Union([Type.Array(Type.String()), Type.Literal(false)]))),
  'a/b~c': Type.Optional(Type.Boolean()),
  call: Type.Optional(Type.Refine(Type.Unsafe<() => string>({ expected: 'a function' }), (value) => typeof value === 'function')),
  additionalProperties: Type.Optional(Type.Boolean())
}, closed)

const check = compileOptions<object>(schema, CODES)

function refusalOf (value: unknown): SecurityError {
  try {
    check(value, 'headers')
  } catch (error) {
    return error as SecurityError
  }
  throw new Error('it was admitted')
}

t.test('what the schema admits is given back as it is', async (t) => {
  const admitted: object[] = [
    {},
    { on: true, text: '', count: -1, least: 1, most: 9, range: 0, one: 'only', word: false, list: [], words: ['red'], object: { mode: 'report' } },
    { words: 'none', record: { anything: [], 'at all': false, '': ['x'] }, 'a/b~c': false, call: () => 'x', additionalProperties: true }
  ]
  for (const value of admitted) t.equal(check(value, 'headers'), value)
})

t.test('an option that is undefined is none: laid over a default, it would take the default away', async (t) => {
  const cases: Array<[given: object, expected: object]> = [
    [{ on: undefined }, {}],
    [{ on: undefined, text: 'x' }, { text: 'x' }],
    [{ object: { mode: 'report', seconds: undefined, inner: undefined } }, { object: { mode: 'report' } }],
    [{ object: undefined, list: ['x'] }, { list: ['x'] }]
  ]
  for (const [given, expected] of cases) {
    const before = Object.keys(given)
    t.strictSame(check(given, 'headers'), expected)
    t.strictSame(Object.keys(given), before, 'the object of the caller is left alone')
  }
  const record = compileOptions<object>(recordOf(Type.Object({ size: Type.Optional(Type.Integer()) }, closed)), CODES)
  t.strictSame(record({ a: { size: undefined }, b: { size: 1 }, ['__proto__']: {} }, 'files'), { a: {}, b: { size: 1 }, ['__proto__']: {} }, 'within a record, too')
  const same = { a: { size: 1 } }
  t.equal(record(same, 'files'), same)
})

t.test('what stands in Object.prototype is no option: nothing starts with it', async (t) => {
  for (const name of ['on', 'anything', 'x'.repeat(1000)]) {
    Reflect.set(Object.prototype, name, false)
    const error = refusalOf({})
    Reflect.deleteProperty(Object.prototype, name)
    t.equal(error.code, CODES.unknown)
    t.ok(error.message.startsWith(`headers: expected an Object.prototype as the language has it, received one with \`${name.slice(0, 60)}\`. `))
  }
  t.same(check({}, 'headers'), {})
})

const invalid: Array<[what: string, value: unknown, message: string]> = [
  ['null for the options', null, 'headers: expected an object, received null.'],
  ['undefined for the options', undefined, 'headers: expected an object, received undefined.'],
  ['an array for the options', [1, 2], 'headers: expected an object, received an array of length 2.'],
  ['a string for the options', 'on', 'headers: expected an object, received a string of length 2.'],
  ['a boolean', { on: 1 }, 'headers.on: expected a boolean, received the number 1.'],
  ['a string', { text: true }, 'headers.text: expected a string, received boolean.'],
  ['a function where there is none', { text: () => 'x' }, 'headers.text: expected a string, received function.'],
  ['an integer', { count: '5' }, 'headers.count: expected an integer, received a string of length 1.'],
  ['no fraction', { count: 1.5 }, 'headers.count: expected an integer, received a number that is no integer.'],
  ['no NaN', { count: NaN }, 'headers.count: expected an integer, received a number that is no integer.'],
  ['an integer from', { least: 0 }, 'headers.least: expected an integer from 1, received the number 0.'],
  ['an integer to', { most: 10 }, 'headers.most: expected an integer to 9, received the number 10.'],
  ['an integer of a range', { range: -1 }, 'headers.range: expected an integer from 0 to 9, received the number -1.'],
  ['a constant, without advice', { one: 'onyl' }, "headers.one: expected `'only'`, received a string of length 4."],
  ['a word, with the nearest', { word: 'artcle' }, "headers.word: expected `'strict'` or `'article'` or `false`, received a string of length 6. Did you mean `'article'`?"],
  ['a word, without advice for one that is far from all', { word: 'none' }, "headers.word: expected `'strict'` or `'article'` or `false`, received a string of length 4."],
  ['a word, without advice for what is no string', { word: true }, "headers.word: expected `'strict'` or `'article'` or `false`, received boolean."],
  ['an array', { list: 'x' }, 'headers.list: expected an array whose members are a string, received a string of length 1.'],
  ['a member of an array', { list: ['x', 5] }, 'headers.list.1: expected a string, received the number 5.'],
  ['a member with the nearest word', { words: ['red', 'bleu'] }, "headers.words.1: expected `'red'` or `'blue'`, received a string of length 4. Did you mean `'blue'`?"],
  ['an empty array', { words: [] }, "headers.words: expected an array whose members are `'red'` or `'blue'` or `'none'`, received an array of length 0."],
  ['words, alone or in an array, once', { either: 5 }, "headers.either: expected `'red'` or `'blue'` or an array of these words or `false`, received the number 5."],
  ['an object or a constant', { object: true }, 'headers.object: expected an object or `false`, received boolean.'],
  ['a key that is missing', { object: {} }, "headers.object.mode: expected `'enforce'` or `'report'`, received undefined."],
  ['a nested value', { object: { mode: 'enforce', seconds: -1 } }, 'headers.object.seconds: expected an integer from 0, received the number -1.'],
  ['a value two levels down', { object: { mode: 'enforce', inner: { flag: 'yes' } } }, 'headers.object.inner.flag: expected a boolean, received a string of length 3.'],
  ['a key that is missing two levels down', { object: { mode: 'enforce', inner: {} } }, 'headers.object.inner.flag: expected a boolean, received undefined.'],
  ['a value of a record', { record: { name: 'x' } }, 'headers.record.name: expected an array whose members are a string or `false`, received a string of length 1.'],
  ['a member of an array of a record', { record: { name: ['x', null] } }, 'headers.record.name.1: expected a string, received null.'],
  ['a Map for a record, which would be empty', { record: new Map([['name', ['x']]]) }, 'headers.record: expected a plain object, received an object.'],
  ['a Set for a record, which would be empty', { record: new Set(['name']) }, 'headers.record: expected a plain object, received an object.'],
  ['an array for a record', { record: ['x'] }, 'headers.record: expected a plain object, received an array of length 1.'],
  ['a name with / and ~', { 'a/b~c': 1 }, 'headers.a/b~c: expected a boolean, received the number 1.'],
  ['a phrase of the schema\'s own', { call: 'x' }, 'headers.call: expected a function, received a string of length 1.'],
  ['an option that is named like a keyword', { additionalProperties: 1 }, 'headers.additionalProperties: expected a boolean, received the number 1.']
]

for (const [what, value, message] of invalid) {
  t.test(`a wrong value is named: ${what}`, async (t) => {
    const error = refusalOf(value)
    t.type(error, SecurityError)
    t.equal(error.code, CODES.invalid)
    t.equal(error.message, message)
  })
}

const unknown: Array<[what: string, value: unknown, start: string]> = [
  ['at the top, nearest name alone', { contu: 1 }, 'headers.contu: expected a known name, received an unknown one. Did you mean `count`?'],
  ['nested, with the few names there are', { object: { mode: 'enforce', secnds: 1 } }, 'headers.object.secnds: expected a known name, received an unknown one. Did you mean `seconds`? The names are `mode`, `seconds`, `inner`.'],
  ['a misspelt key is told before the one that is missing for it', { object: { mdoe: 'enforce' } }, 'headers.object.mdoe: expected a known name, received an unknown one. Did you mean `mode`?'],
  ['a name of Object.prototype', { constructor: 1 }, 'headers.constructor: expected a known name'],
  ['__proto__ as a key', JSON.parse('{"__proto__":{"on":true}}'), 'headers.__proto__: expected a known name'],
  ['a name with / and ~', { 'a/b~d': 1 }, 'headers.a/b~d: expected a known name, received an unknown one. Did you mean `a/b~c`?']
]

for (const [what, value, start] of unknown) {
  t.test(`an unknown name is told with the nearest: ${what}`, async (t) => {
    const error = refusalOf(value)
    t.equal(error.code, CODES.unknown)
    t.ok(error.message.startsWith(start), error.message)
  })
}

t.test('every check of a schema says the same as its first one, although it is compiled on the way', async (t) => {
  for (const [what, value] of [...invalid, ...unknown]) {
    const again = compileOptions<object>(schema, CODES)
    const messages = Array.from({ length: 10 }, () => {
      t.strictSame(again({ on: true, words: ['red'] }, 'headers'), { on: true, words: ['red'] })
      try {
        return again(value, 'headers')
      } catch (error) {
        return (error as Error).message
      }
    })
    t.equal(typeof messages[0], 'string', what)
    t.equal(new Set(messages).size, 1, what)
  }
})

t.test('property: whatever comes, it is admitted or refused with a coded error', async () => {
  fc.assert(fc.property(fc.anything(), fc.constantFrom('on', 'word', 'list', 'words', 'object', 'record', 'call'), (value, key) => {
    for (const options of [value, { [key]: value }, { object: { mode: value } }, { record: { x: value } }]) {
      try {
        check(options, 'headers')
      } catch (error) {
        if (!(error instanceof SecurityError)) return false
      }
    }
    return true
  }))
})

t.test('property: a message never holds a string that was given as a value', async () => {
  const secret = fc.stringMatching(/^[A-Z0-9]{12,40}$/)
  fc.assert(fc.property(secret, (value) => {
    const places = [value, [value], { on: value }, { count: value }, { word: value }, { one: value }, { list: value }, { words: value }, { words: [value] }, { object: value },
      { object: { mode: value } }, { object: { mode: 'enforce', seconds: value } }, { record: { x: value } }, { record: { x: { y: value } } }, { call: value }]
    return places.every((options) => !refusalOf(options).message.includes(value))
  }))
})

t.test('an expectation is where, what, what instead, and advice', async (t) => {
  t.equal(expectation('a.b', 'this', 'abc'), 'a.b: expected this, received a string of length 3.')
  t.equal(expectation('a.b', 'this', {}, 'Do that.'), 'a.b: expected this, received an object. Do that.')
  t.equal(expectation('a', 'this', Symbol('s')), 'a: expected this, received symbol.')
  t.equal(expectation('a', 'this', 5n), 'a: expected this, received bigint.')
})

t.test('a name that is far from all is told the names and none of them, since that would mislead', async (t) => {
  const names = ['preset', 'lint', 'nonce', 'reporting', 'trustedTypes', 'strictTransportSecurity', 'nonDocument']
  t.equal(unknownName('x', 'hsts', names), `x: expected a known name, received an unknown one. The names are ${names.map((name) => `\`${name}\``).join(', ')}.`)
  t.equal(unknownName('x', 'trustedType', names), 'x: expected a known name, received an unknown one. Did you mean `trustedTypes`?')
  const many = Array.from({ length: 25 }, (_, index) => `name${index}`)
  t.equal(unknownName('x', 'qqqqqqqq', many), 'x: expected a known name, received an unknown one. Did you mean `name0`?', 'a list of that length is not told')
  t.equal(unknownName('x', 'y', []), 'x: expected a known name, received an unknown one.')
})

t.test('names are listed where they are few', async (t) => {
  t.equal(unknownName('x', 'f', ['a', 'b', 'c', 'd', 'e', 'f']), 'x: expected a known name, received an unknown one. Did you mean `f`? The names are `a`, `b`, `c`, `d`, `e`, `f`.')
  t.equal(unknownName('x', 'g', ['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'x: expected a known name, received an unknown one. Did you mean `g`?')
})
