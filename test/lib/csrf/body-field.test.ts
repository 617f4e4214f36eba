import t from 'tap'
import { takeField } from '../../../lib/csrf/body-field.ts'

t.test('a field is taken out, with whatever value it has', async (t) => {
  for (const value of ['a', '', null, ['a', 'b'], { a: 1 }]) {
    const body = { a: 1, _csrf: value }
    t.equal(takeField(body, '_csrf'), value)
    t.same(body, { a: 1 })
  }
  const bare = Object.assign(Object.create(null), { _csrf: 'a' })
  t.equal(takeField(bare, '_csrf'), 'a', 'an object without a prototype')
  t.notOk('_csrf' in bare)
})

const without: Array<[what: string, body: unknown]> = [
  ['undefined', undefined], ['null', null], ['a text', '_csrf=a'], ['a number', 1], ['an array', ['_csrf']], ['an object without it', { a: 1 }],
  ['an object that inherits it', Object.create({ _csrf: 'a' })], ['a buffer', Buffer.from('_csrf=a')]
]
for (const [what, body] of without) {
  t.test(`no field: ${what}`, async (t) => t.equal(takeField(body, '_csrf'), undefined))
}

t.test('a frozen object keeps it', async (t) => {
  t.equal(takeField(Object.freeze({ _csrf: 'a' }), '_csrf'), 'a')
})
