import t from 'tap'
import { equalTo, requiredIf } from '../../../lib/input/form-options.ts'

t.test('rules between fields', async (t) => {
  t.match(equalTo('a', 'Same.'), { rule: 'equalTo', other: 'a', message: 'Same.' })
  t.ok(equalTo('a').holds(undefined))
  const given = requiredIf('a')
  for (const value of [true, 'x', 0, '']) t.ok(given.holds(value), JSON.stringify(value))
  for (const value of [undefined, null, false]) t.notOk(given.holds(value))
  t.ok(requiredIf('a', 'US').holds('US'))
  t.notOk(requiredIf('a', 'US').holds('DE'))
  t.match(requiredIf('a', 'US', 'Give a state.'), { rule: 'requiredIf', other: 'a', message: 'Give a state.' })
})
