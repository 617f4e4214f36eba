import fc from 'fast-check'
import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { freeze, snapshot } from '../../../lib/session/json-value.ts'

t.test('what JSON holds is copied and frozen, all the way down', async (t) => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('"__proto__"')), (value) => {
    const copy = snapshot({ value }, 'a')
    return JSON.stringify(copy) === JSON.stringify({ value }) && JSON.stringify(JSON.parse(JSON.stringify(copy))) === JSON.stringify(copy)
  }))
  const source = { list: [{ a: 1 }] }
  const copy = snapshot(source, 'a') as typeof source
  source.list[0]!.a = 2
  t.same(copy, { list: [{ a: 1 }] })
  t.throws(() => copy.list.push({ a: 3 }), TypeError)
  t.throws(() => { copy.list[0]!.a = 3 }, TypeError)
  t.same(snapshot(Object.assign(Object.create(null), { a: 1 }), 'a'), { a: 1 }, 'an object without a prototype')
})

t.test('what JSON drops or changes is refused, at its place', async (t) => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const cases: Array<readonly [what: string, value: unknown, path: string]> = [
    ['undefined', { a: undefined }, 'v.a'], ['a function', { a: () => 1 }, 'v.a'], ['a symbol', { list: [Symbol('a')] }, 'v.list[0]'], ['a BigInt', { a: { b: 1n } }, 'v.a.*:'], ['NaN', { a: NaN }, 'v.a'],
    ['infinity', { a: [1, Infinity] }, 'v.a[1]'], ['a date', { at: new Date() }, 'v.at'], ['a map', { a: new Map() }, 'v.a'], ['a buffer', { a: Buffer.from('secret') }, 'v.a'], ['a hole', { a: new Array(1) }, 'v.a[0]'],
    ['a cycle', cycle, 'v.self'], ['the prototype', JSON.parse('{"__proto__":{"isAdmin":true}}'), 'v'], ['its own toJSON', { toJSON: () => 1 }, 'v.toJSON']
  ]
  for (const [what, value, path] of cases) {
    const error = t.throws(() => snapshot(value, 'v'), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID', statusCode: 400 }, what) as unknown as SecurityError
    t.match((error.cause as Error).message, path, what)
    t.notMatch((error.cause as Error).message, 'secret')
  }
  let deep: unknown = 1
  for (let level = 1; level < 32; level++) deep = [deep]
  t.ok(snapshot({ deep }, 'v'))
  t.throws(() => snapshot({ deep: [deep] }, 'v'), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
})

t.test('an object, and nothing else', async (t) => {
  t.same(snapshot({ a: 1 }, 'v'), { a: 1 })
  for (const value of [null, undefined, [], 'a', 1, true]) t.throws(() => snapshot(value, 'v'), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
})

t.test('what was parsed is frozen in place', async (t) => {
  const value = JSON.parse('{"a":[{"b":1}],"c":null}') as { a: Array<{ b: number }> }
  t.equal(freeze(value), value)
  t.throws(() => { value.a[0]!.b = 2 }, TypeError)
  t.equal(freeze(value), value)
  t.equal(freeze('a'), 'a')
  t.equal(freeze(undefined), undefined)
})
