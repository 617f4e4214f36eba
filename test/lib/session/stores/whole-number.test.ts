import t from 'tap'
import { wholeNumber } from '../../../../lib/session/stores/whole-number.ts'

t.test('a time is a whole number', async (t) => {
  for (const value of [0, -1, 1795569029441, Number.MAX_SAFE_INTEGER]) t.equal(wholeNumber(value), value)
  for (const value of [NaN, Infinity, -Infinity, 0.5, 2 ** 53, '5', undefined, null, 5n]) t.throws(() => wholeNumber(value as number), RangeError, String(value))
})
