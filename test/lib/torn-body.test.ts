import t from 'tap'
import { kTornBody } from '../../lib/torn-body.ts'

t.test('no text that a client sends can be the mark', async (t) => {
  t.type(kTornBody, 'symbol')
  t.equal(Symbol.keyFor(kTornBody), undefined, 'it is in no register that a stranger could look it up in')
})
