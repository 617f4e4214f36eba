import { once } from 'node:events'
import { Readable } from 'node:stream'
import t from 'tap'
import { drain } from '../../../lib/files/drain.ts'

t.test('the rest is read, and dropped', async (t) => {
  const raw = Readable.from([Buffer.alloc(10), Buffer.alloc(10)])
  drain(raw, 20, 60)
  await once(raw, 'close')
  t.ok(raw.readableEnded)
})

t.test('not endlessly', async (t) => {
  const raw = Readable.from([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)])
  drain(raw, 15, 60)
  await once(raw, 'close')
  t.notOk(raw.readableEnded)
})

t.test('nor forever', async (t) => {
  const raw = new Readable({ read () {} })
  drain(raw, 15, 0.001)
  const alive = setInterval(() => {}, 1000)
  await once(raw, 'close')
  clearInterval(alive)
  t.notOk(raw.readableEnded)
})

t.test('what has ended or is gone is left alone', async (t) => {
  const raw = Readable.from([Buffer.alloc(1)])
  raw.destroy()
  drain(raw, 1, 1)
  t.equal(raw.listenerCount('data'), 0)
})
