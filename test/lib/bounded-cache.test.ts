import fc from 'fast-check'
import t from 'tap'
import { BoundedCache } from '../../lib/bounded-cache.ts'

t.test('what was put in is there, and nothing else', async (t) => {
  const entries = new BoundedCache<string>(100)
  for (const key of ['__proto__', 'constructor', 'toString', '']) {
    t.equal(entries.get(key), undefined)
    entries.set(key, `value of ${key}`)
  }
  for (const key of ['__proto__', 'constructor', 'toString', '']) t.equal(entries.get(key), `value of ${key}`)
  t.equal(entries.size, 4)
})

t.test('a value is made once while it is held; one that could not be made is not held', async (t) => {
  const entries = new BoundedCache<object>(4)
  const value = entries.getOrMake('a', () => ({}))
  t.equal(entries.getOrMake('a', () => t.fail('it was made before') as never), value)
  t.throws(() => entries.getOrMake('b', () => { throw new Error('no') }), { message: 'no' })
  t.equal(entries.size, 1)
})

t.test('what is used stays, and the others go a generation at a time', async (t) => {
  const entries = new BoundedCache<number>(4)
  for (let key = 0; key < 20; key++) {
    t.equal(entries.get('used'), key === 0 ? undefined : -1)
    if (key === 0) entries.set('used', -1)
    entries.set(String(key), key)
  }
  t.same(Array.from({ length: 20 }, (_, key) => entries.get(String(key))).filter((value) => value !== undefined), [18, 19])
})

t.test('property: it never weighs more than its limit, and holds at least what was used last, up to half of it', async () => {
  fc.assert(fc.property(fc.integer({ min: 6, max: 40 }), fc.integer({ min: 1, max: 3 }), fc.array(fc.constantFrom(...'abcdefghijkl')), (limit, weight, used) => {
    const entries = new BoundedCache<string>(limit)
    let last: string[] = []
    return used.every((key) => {
      const isKnown = entries.get(key) === key
      if (!isKnown) entries.set(key, key, weight)
      const isExpected = isKnown || !last.includes(key)
      last = [...last.filter((other) => other !== key), key].slice(-Math.floor(limit / 2 / weight))
      return isExpected && entries.size * weight <= limit
    })
  }))
})

t.test('heavier entries take the room of several', async (t) => {
  const entries = new BoundedCache<string>(20)
  for (const key of ['a', 'b', 'c']) entries.set(key, key, 5)
  t.equal(entries.get('a'), 'a', 'a and b are a generation')
  entries.set('d', 'd', 5)
  t.same(['a', 'b', 'c', 'd'].map((key) => entries.get(key)), ['a', undefined, 'c', 'd'])
})

t.test('what comes once is not worth its place; what comes again is, unless thousands came in between', async (t) => {
  const entries = new BoundedCache<number>(10)
  t.same(['first-key', 'first-key', 'other-key', 'first-key', '', 'a', 'a'].map((key) => entries.admits(key)), [false, true, false, true, true, false, true])
  for (let count = 0; count < 100_000; count++) entries.admits(`${Math.imul(count, 2_654_435_761)}`)
  t.notOk(entries.admits('first-key'))
  t.equal(entries.size, 0)
})
