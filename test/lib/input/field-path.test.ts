import t from 'tap'
import { labelOf, patternOf, valueAt } from '../../../lib/input/field-path.ts'

t.test('names of fields', async (t) => {
  t.equal(patternOf('items.0.name'), 'items.*.name')
  t.equal(patternOf('0.a1.2'), '*.a1.*')
  t.equal(patternOf('email'), 'email')
  t.equal(labelOf('activation_key'), 'Activation key')
  t.equal(labelOf('firstName'), 'First name')
  t.equal(labelOf('address.zip-code'), 'Zip code')
  t.equal(labelOf('items.0'), 'Items')
  t.equal(labelOf('items.*'), 'Items')
  t.equal(labelOf(''), '')
  t.equal(labelOf('0'), '')
  t.equal(valueAt({ a: { b: 3 } }, 'a.b'), 3)
  t.equal(valueAt({ a: null }, 'a.b'), undefined)
  t.equal(valueAt({}, 'constructor'), undefined)
})
