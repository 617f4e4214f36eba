import t from 'tap'
import { EventGate } from '../../../lib/csrf/event-gate.ts'
import type { CsrfEvent } from '../../../lib/csrf/event.ts'
import { report, type LoggedRequest } from '../../../lib/csrf/report.ts'

function fixture (): { request: LoggedRequest, lines: Array<[level: string, data: object, message: string]> } {
  const lines: Array<[string, object, string]> = []
  const log = { warn: (data: object, message: string) => lines.push(['warn', data, message]), error: (data: object, message: string) => lines.push(['error', data, message]) }
  return { request: { method: 'POST', raw: { headers: {} }, routeOptions: { url: '/a' }, log } as unknown as LoggedRequest, lines }
}

t.test('the log and the application are told the same', async (t) => {
  const { request, lines } = fixture()
  const events: CsrfEvent[] = []
  report(new EventGate(), { isEnforced: true, onEvent: (event) => events.push(event) }, request, 'cross-site')
  report(new EventGate(), { isEnforced: false, onEvent: undefined }, request, 'cross-site')
  t.same(lines.map(([level, , message]) => [level, message]), [['warn', 'request refused'], ['warn', 'request would be refused']])
  t.same(lines[0]![1], { code: 'BULWARK_ERR_CSRF_REFUSED', csrf: events[0] })
})

t.test('a listener that throws is logged, and one that fails later, too', async (t) => {
  for (const onEvent of [() => { throw new Error('x') }, async () => { throw new Error('x') }]) {
    const { request, lines } = fixture()
    report(new EventGate(), { isEnforced: true, onEvent }, request, 'cross-site')
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(lines.at(-1)![0], 'error')
  }
})

t.test('what is held back is not told at all', async (t) => {
  const { request, lines } = fixture()
  const gate = new EventGate()
  for (let count = 0; count < 100; count++) report(gate, { isEnforced: true, onEvent: undefined }, request, 'cross-site')
  t.equal(lines.length, 60)
})
