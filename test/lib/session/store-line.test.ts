import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { StoreLine } from '../../../lib/session/store-line.ts'
import type { SessionStore } from '../../../lib/session/store.ts'

function setting (timeout = 50) {
  const states: string[] = []
  const store = {} as SessionStore
  return { states, store, line: new StoreLine(store, timeout, (state, error) => states.push(error instanceof Error ? `${state}: ${error.name}` : state)) }
}

t.test('an answer comes through, and a failure is a value', async (t) => {
  const { line, states, store } = setting()
  t.same(await line.ask(async (given) => given === store), { ok: true, value: true })
  t.same(await line.ask(async () => { throw new Error('refused') }), { ok: false })
  t.same(await line.ask(() => { throw new TypeError('at once') }), { ok: false })
  t.same(states, ['down: Error'], 'it is told once')
  t.same(await line.ask(async () => 1), { ok: true, value: 1 }, 'a store that refuses is asked again at once')
  t.same(states, ['down: Error', 'up'])
})

t.test('the pause begins with the shortest, however many calls hung together', async (t) => {
  const { line, states } = setting()
  await Promise.all(Array.from({ length: 100 }, () => line.ask(async () => await new Promise(() => {}))))
  t.same(await line.ask(async () => 1), { ok: false })
  await sleep(520)
  t.same(await line.ask(async () => 1), { ok: true, value: 1 })
  t.same(states, ['down: TimeLimit', 'up'])
})

t.test('a store that hangs is cut off; after that one request at a time finds out', async (t) => {
  const { line, states } = setting()
  let calls = 0
  const hang = async (): Promise<never> => { calls++; return await new Promise(() => {}) }
  t.same(await line.ask(hang), { ok: false })
  t.same(states, ['down: TimeLimit'])
  t.same(await Promise.all(Array.from({ length: 100 }, () => line.ask(hang))), Array.from({ length: 100 }, () => ({ ok: false })))
  t.equal(calls, 1, 'nobody waits for it meanwhile')
  await sleep(520)
  const answers = Promise.all(Array.from({ length: 100 }, () => line.ask(hang)))
  t.equal(calls, 2, 'one tries')
  await answers
  t.same(await line.ask(async () => 1), { ok: false }, 'and the pause grows')
  await sleep(1020)
  t.same(await line.ask(async () => { throw new Error('refused') }), { ok: false }, 'a trial that fails at once')
  t.same(await line.ask(async () => 1), { ok: true, value: 1 }, 'is followed by the next')
  t.same(states, ['down: TimeLimit', 'up'])
  t.same(await Promise.all([line.ask(async () => 1), line.ask(async () => 2)]), [{ ok: true, value: 1 }, { ok: true, value: 2 }], 'and the line is open')
})
