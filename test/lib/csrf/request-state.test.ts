import t from 'tap'
import { kClosed, kIssued, kVerdict } from '../../../lib/csrf/request-state.ts'

t.test('each is a symbol of its own, with a name for whoever looks at a request', async (t) => {
  t.equal(new Set([kClosed, kIssued, kVerdict]).size, 3)
  for (const symbol of [kClosed, kIssued, kVerdict]) t.match(symbol.description, /^fastify-bulwark\.csrf\./)
})
