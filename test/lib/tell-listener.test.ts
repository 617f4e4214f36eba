import t from 'tap'
import { tellListener } from '../../lib/tell-listener.ts'

t.test('a listener is told at once, and a failure of its own is told back', async (t) => {
  const error = new Error('x')
  const cases: Array<[what: string, outcome: () => unknown, failures: unknown[]]> = [
    ['nothing', () => undefined, []],
    ['an exception', () => { throw error }, [error]],
    ['an async function that fails', async () => { throw error }, [error]],
    ['an async function that does not', async () => 'x', []],
    ['a thenable that fails', () => ({ then: (_: unknown, reject: (reason: unknown) => void) => reject(error) }), [error]],
    ['a thenable that throws', () => ({ get then () { throw error } }), [error]]
  ]
  for (const [what, outcome, expected] of cases) {
    const failures: unknown[] = []
    let told: unknown
    tellListener((event) => { told = event; return outcome() }, 'event', (failure) => failures.push(failure))
    t.equal(told, 'event', what)
    await new Promise((resolve) => setImmediate(resolve))
    t.strictSame(failures, expected, what)
  }
})
