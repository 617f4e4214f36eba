import t from 'tap'
import { excessOf } from '../../../lib/input/limits.ts'

const limits = { fields: 4, depth: 2, items: 3 }

t.test('what is too much', async (t) => {
  const rows: Array<[title: string, body: unknown, expected: string | undefined]> = [
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a number', 3, undefined],
    ['as many names as there may be', { a: 1, b: 2, c: 3, d: 4 }, undefined],
    ['one more', { a: 1, b: 2, c: 3, d: 4, e: 5 }, 'fields'],
    ['members count, too', { a: [1, 2], b: [3, 4] }, 'fields'],
    ['as deep as it may be', { a: { b: 1 } }, undefined],
    ['deeper', { a: { b: {} } }, 'depth'],
    ['a list is a level', [[[]]], 'depth'],
    ['a list as long as it may be', [1, 2, 3], undefined],
    ['longer', [1, 2, 3, 4], 'items'],
    ['bytes that were no UTF-8', { a: '\ufffd' }, 'encoding'],
    ['in a name', { '\ufffd': 1 }, 'encoding'],
    ['in a list', ['\ufffd'], 'encoding'],
    ['as the whole', '\ufffd', 'encoding']
  ]
  for (const [title, body, expected] of rows) t.equal(excessOf(body, limits), expected, title)
  let deep: unknown = []
  for (let level = 0; level < 100_000; level++) deep = [deep]
  t.equal(excessOf(deep, limits), 'depth', 'however deep it is')
})

t.test('names of a form nest by their dots', async (t) => {
  t.equal(excessOf({ a: '', 'a.b': '' }, limits, true), undefined)
  t.equal(excessOf({ a: '', 'a.b.c': '' }, limits, true), 'depth')
  t.equal(excessOf({ ['.'.repeat(100_000)]: '' }, limits, true), 'depth')
  t.equal(excessOf({ 'a.b.c': '' }, limits), undefined, 'a dot means nothing in JSON')
})
