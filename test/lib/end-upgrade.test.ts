import t from 'tap'
import { endUpgrade } from '../../lib/end-upgrade.ts'

function attempt (headers: { readonly upgrade?: string }, socket: object): string[] {
  const calls: string[] = []
  const reply = {
    header: (name: string, value: string) => calls.push(`${name}: ${value}`),
    raw: { once: (_event: 'finish', listener: () => void) => listener() }
  }
  endUpgrade({ headers, socket: { ...socket, ...'end' in socket && { end: (done: () => void) => { calls.push('end'); done() }, destroy: () => calls.push('destroy') } } }, reply)
  return calls
}

t.test('the connection of a refused upgrade ends behind the reply, on both sides', async (t) => {
  t.same(attempt({ upgrade: 'websocket' }, { end: true }), ['connection: close', 'end', 'destroy'])
})

t.test('that of any other request is left to the server', async (t) => {
  t.same(attempt({}, { end: true }), [])
})

t.test('a socket that cannot be ended, as that of inject, is left alone', async (t) => {
  t.same(attempt({ upgrade: 'websocket' }, {}), ['connection: close'])
})
