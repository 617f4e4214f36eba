import t from 'tap'
import { remember } from '../../../lib/session/bounded-memory.ts'

t.test('the oldest entry is forgotten, and what is noted again is the newest', async (t) => {
  const map = new Map<string, number>()
  for (const [index, key] of ['a', 'b', 'a', 'c'].entries()) remember(map, key, index, 2)
  t.same([...map], [['a', 2], ['c', 3]])
})
