import t from 'tap'
import { UNKNOWN_SERIES_MS } from '../../../lib/session/unknown-series.ts'

t.test('an unknown series is denied for thirty days', async (t) => {
  t.equal(UNKNOWN_SERIES_MS / 86_400_000, 30)
})
