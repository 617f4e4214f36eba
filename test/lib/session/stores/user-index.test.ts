import fc from 'fast-check'
import t from 'tap'
import { UserIndex } from '../../../../lib/session/stores/user-index.ts'

interface Entry {
  readonly userId: string
  readonly value: number
}

t.test('entries are found by id and by user, in the order in which they came', async (t) => {
  const index = new UserIndex<Entry>(9)
  index.set('1', { userId: 'a', value: 1 })
  index.set('2', { userId: 'b', value: 2 })
  index.set('3', { userId: 'a', value: 3 })
  t.same(index.of('a'), [['1', { userId: 'a', value: 1 }], ['3', { userId: 'a', value: 3 }]])
  t.same(index.of('nobody'), [])
  index.set('1', { userId: 'a', value: 4 })
  t.same(index.get('1'), { userId: 'a', value: 4 })
  index.set('1', { userId: 'b', value: 5 })
  t.same([index.of('a').length, index.of('b').length, index.size], [1, 2, 3], 'an entry may go to another user')
  index.delete('1')
  index.delete('1')
  t.same([index.of('b').length, index.size], [1, 2])
})

t.test('names of Object.prototype are users like any other', async (t) => {
  const index = new UserIndex<Entry>(9)
  for (const userId of ['__proto__', 'constructor', '']) {
    t.same(index.of(userId), [])
    index.set(`id of ${userId}`, { userId, value: 1 })
    t.equal(index.of(userId).length, 1)
  }
})

t.test('property: it holds no more than its limit, and both ways lead to the same entries', async () => {
  const step = fc.record({ id: fc.constantFrom(...'abcdef'), userId: fc.constantFrom('x', 'y', 'z'), value: fc.nat({ max: 9 }), remove: fc.boolean() })
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (limit, steps) => {
    const index = new UserIndex<Entry>(limit)
    return steps.every(({ id, userId, value, remove }) => {
      const others = ['x', 'y', 'z'].filter((user) => user !== userId).map((user) => index.of(user).filter(([other]) => other !== id).length)
      const hadOwn = index.of(userId).length > 0
      if (remove) index.delete(id)
      else index.set(id, { userId, value })
      const found = ['x', 'y', 'z'].flatMap((user) => index.of(user))
      const left = ['x', 'y', 'z'].filter((user) => user !== userId).map((user) => index.of(user).filter(([other]) => other !== id).length)
      return index.size <= limit && found.length === index.size && found.every(([key, entry]) => index.get(key) === entry) &&
        (remove || index.get(id)?.value === value) && (!hadOwn || remove || left.join() === others.join())
    })
  }))
})

t.test('a sweep forgets what has ended', async (t) => {
  const index = new UserIndex<Entry>(9)
  for (const value of [1, 2, 3]) index.set(String(value), { userId: 'a', value })
  index.sweep(({ value }) => value < 3)
  t.same(index.of('a'), [['3', { userId: 'a', value: 3 }]])
})
