import t from 'tap'
import { EventGate } from '../../../lib/csrf/event-gate.ts'

t.test('60 a minute are let through, and the next minute tells how many were not', async (t) => {
  const gate = new EventGate()
  for (let count = 0; count < 60; count++) t.equal(gate.pass(1000 + count), 0)
  for (let count = 0; count < 40; count++) t.equal(gate.pass(60_999), undefined)
  t.equal(gate.pass(61_000), 40)
  t.equal(gate.pass(61_001), 0)
  t.equal(gate.pass(500_000), 0, 'where none was held back there is nothing to tell')
})

t.test('a clock that was set back silences nothing', async (t) => {
  const gate = new EventGate()
  const late = Date.UTC(2040)
  for (let count = 0; count < 70; count++) gate.pass(late)
  t.equal(gate.pass(late - 3_600_000), 10)
})
