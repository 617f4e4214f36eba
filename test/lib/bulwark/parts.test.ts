import { readdirSync } from 'node:fs'
import t from 'tap'
import { PARTS } from '../../../lib/bulwark/parts.ts'

t.test('every plugin but the one that registers them is a part', async (t) => {
  const files = readdirSync(new URL('../../../../plugins/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''))
  t.same([...PARTS, 'bulwark'].sort(), files.sort())
})

t.test('transport sees a request before what would do something for it, and the session is there before the tokens that are bound to it', async (t) => {
  const before = (first: typeof PARTS[number], then: typeof PARTS[number]): boolean => PARTS.indexOf(first) < PARTS.indexOf(then)
  t.ok(before('transport', 'session') && before('transport', 'csrf') && before('transport', 'input'))
  t.ok(before('session', 'csrf'))
})
