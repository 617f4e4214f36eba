import t from 'tap'
import { german } from '../../../lib/input/messages-de.ts'
import { english, type MessageKey } from '../../../lib/input/messages.ts'

t.test('no key is missing, and none is too many', async (t) => {
  t.same(Object.keys(german).sort(), Object.keys(english).sort())
})

t.test('every sentence is one, in German', async (t) => {
  const params = { label: 'Name', min: 1, max: 2, step: 5, other: 'Anderes', values: ['a'] }
  for (const [key, message] of Object.entries(german)) {
    t.match(message(params), /^[A-ZÄÖÜ].*\.$/, key)
    t.not(message(params), english[key as MessageKey](params), key)
  }
  t.equal(german.minimum({ label: '', min: 3 }), 'Geben Sie eine Zahl ab 3 ein.')
  t.equal(german.maximum({ label: '', max: 3 }), 'Geben Sie eine Zahl bis höchstens 3 ein.')
  t.equal(german.maximum({ label: '', min: -Number.MAX_SAFE_INTEGER, max: 3 }), 'Geben Sie eine Zahl bis höchstens 3 ein.')
  t.equal(german.minimum({ label: '', min: 3, max: Number.MAX_SAFE_INTEGER }), 'Geben Sie eine Zahl ab 3 ein.')
  t.equal(german.minItems({ label: '', min: 2 }), 'Geben Sie mindestens 2 Einträge an.')
})
