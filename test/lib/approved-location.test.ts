import t from 'tap'
import { kApprovedLocation } from '../../lib/approved-location.ts'

t.test('no text that a client sends can be the mark', async (t) => {
  t.type(kApprovedLocation, 'symbol')
  t.equal(Symbol.keyFor(kApprovedLocation), undefined, 'it is in no register that a stranger could look it up in')
})
