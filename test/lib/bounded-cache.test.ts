import fc from 'fast-check'
import t from 'tap'
import { BoundedCache } from '../../lib/bounded-cache.ts'

t.test('a value is made once while it is held', async (t) => {
  const cache = new BoundedCache<object>(2)
  const value = cache.get('a', () => ({}))
  t.equal(cache.get('a', () => t.fail('it was made before') as never), value)
  t.equal(cache.size, 1)
})

t.test('the entry that was used longest ago is forgotten', async (t) => {
  const cache = new BoundedCache<string>(2)
  const made: string[] = []
  const get = (key: string): string => cache.get(key, () => {
    made.push(key)
    return key
  })
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) t.equal(get(key), key)
  t.same(made, ['a', 'b', 'c', 'b'], 'b went for c, c for b, and a stayed')
})

t.test('a value that could not be made is not held, and costs no other its place', async (t) => {
  const cache = new BoundedCache<string>(1)
  cache.get('a', () => 'kept')
  t.throws(() => cache.get('b', () => { throw new Error('no') }), { message: 'no' })
  t.equal(cache.size, 1)
  t.equal(cache.get('a', () => 'made anew'), 'kept')
})

t.test('names of Object.prototype are keys like any other', async (t) => {
  const cache = new BoundedCache<string>(9)
  for (const key of ['__proto__', 'constructor', 'toString', '']) t.equal(cache.get(key, () => `value of ${key}`), `value of ${key}`)
  t.equal(cache.size, 4)
})

t.test('property: it behaves as a list of the last keys used, and never passes its limit', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom(...'abcdefgh')), (limit, keys) => {
    const cache = new BoundedCache<string>(limit)
    let model: string[] = []
    return keys.every((key) => {
      let isMade = false
      cache.get(key, () => {
        isMade = true
        return key
      })
      const isExpected = isMade !== model.includes(key)
      model = [...model.filter((other) => other !== key), key].slice(-limit)
      return isExpected && cache.size === model.length
    })
  }))
})
