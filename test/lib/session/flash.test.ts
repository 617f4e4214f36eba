import t from 'tap'
import { Flash } from '../../../lib/session/flash.ts'
import { Clock, sealerOf } from './fixture.ts'

const { sealer } = await sealerOf(Buffer.alloc(32, 'key'))
const clock = new Clock()
const flash = (...values: string[]): Flash => new Flash(sealer, 'flash', values, clock.now)
const textOf = (flash: Flash): string => (flash.outcome as { text: string }).text

t.test('a message is read once', async (t) => {
  const first = flash()
  t.same(first.outcome, { kind: 'keep' })
  first.put('notice', { text: 'Saved' })
  t.equal(first.take('notice'), undefined, 'not by the request that left it')
  const second = flash(textOf(first))
  t.same(second.outcome, { kind: 'keep' }, 'unread, it stays')
  t.same(second.take('notice'), { text: 'Saved' })
  t.equal(second.take('notice'), undefined)
  t.same(second.outcome, { kind: 'clear' })
})

t.test('what is unread stays beside what is left anew', async (t) => {
  const first = flash()
  first.put('a', 1)
  first.put('b', 2)
  const second = flash(textOf(first))
  t.equal(second.take('a'), 1)
  second.put('c', 3)
  const third = flash(textOf(second))
  t.same(['a', 'b', 'c'].map((key) => third.take(key)), [undefined, 2, 3])
})

t.test('it waits for a minute', async (t) => {
  const first = flash()
  first.put('a', 1)
  const text = textOf(first)
  clock.pass(59)
  t.equal(flash(text).take('a'), 1)
  clock.pass(1)
  t.same([flash(text).take('a'), flash(text).outcome], [undefined, { kind: 'clear' }])
})

t.test('what is no message is cleared', async (t) => {
  const first = flash()
  first.put('a', 1)
  const text = textOf(first)
  const payloads = [null, {}, { v: 2, iat: clock.time, d: {} }, { v: 1, iat: 'a', d: {} }, { v: 1, iat: clock.time, d: [] }, { v: 1, iat: clock.time, d: null }, { v: 1, iat: clock.time, d: 'a' }, { v: 1, iat: clock.time + 60_000, d: { a: 1 } }]
  for (const values of [['junk'], [''], [text, text], ...payloads.map((payload) => [sealer.seal(payload as object)])]) {
    const odd = flash(...values)
    t.equal(odd.take('a'), undefined)
    t.same(odd.outcome, { kind: 'clear' }, JSON.stringify(values).slice(0, 60))
  }
  t.equal(flash(text).take('toString'), undefined, 'a name of the prototype is no message')
})

t.test('what does not fit is refused, and what was there stays', async (t) => {
  const full = flash()
  full.put('a', 'x'.repeat(2000))
  t.throws(() => full.put('b', 'x'.repeat(2000)), { code: 'BULWARK_ERR_SESSION_TOO_LARGE', statusCode: 413 })
  t.throws(() => full.put('b', 1n), { code: 'BULWARK_ERR_SESSION_VALUE_INVALID' })
  t.equal((flash(textOf(full)).take('a') as string).length, 2000)
})
