import t from 'tap'
import { Denials } from '../../../../lib/session/stores/denials.ts'
import { MemoryRemember } from '../../../../lib/session/stores/memory-remember.ts'

// What every store does is in the conformance kit. Here are its times, to the millisecond.

const TERMS = { idleMs: 100, maxAgeMs: 250 }

async function setUp () {
  const clock = { now: 1000 }
  const denials = new Denials(100)
  const devices = new MemoryRemember(10, denials, () => clock.now)
  await devices.create({ series: 'a', userId: 'u', label: 'Firefox' }, TERMS)
  return { clock, denials, devices }
}

t.test('a series ends when it was not used for the idle time', async (t) => {
  const { clock, devices } = await setUp()
  clock.now += 99
  t.match(await devices.rotate('a', 0, { graceMs: 0, idleMs: 100 }), { kind: 'ok', generation: 1 })
  clock.now += 99
  t.match(await devices.rotate('a', 1, { graceMs: 0, idleMs: 100 }), { kind: 'ok', generation: 2 })
  t.equal((await devices.list('u'))[0]!.idleUntil, 1250, 'the absolute end is near')
  clock.now += 52
  t.same(await devices.rotate('a', 2, { graceMs: 0, idleMs: 100 }), { kind: 'none' }, 'and has come')
})

t.test('the grace ends with its last millisecond', async (t) => {
  for (const [later, kind] of [[30, 'ok'], [31, 'replay']] as const) {
    const { clock, devices } = await setUp()
    await devices.rotate('a', 0, { graceMs: 30, idleMs: 100 })
    clock.now += later
    t.equal((await devices.rotate('a', 0, { graceMs: 30, idleMs: 100 })).kind, kind)
  }
})

t.test('a clock that is set back ends no series, and prolongs the grace by no more than that', async (t) => {
  const { clock, devices } = await setUp()
  await devices.rotate('a', 0, { graceMs: 30, idleMs: 100 })
  clock.now -= 500
  t.match(await devices.rotate('a', 0, { graceMs: 30, idleMs: 100 }), { kind: 'ok', generation: 1 })
  clock.now += 531
  t.match(await devices.rotate('a', 0, { graceMs: 30, idleMs: 100 }), { kind: 'replay' })
})

t.test('a row is kept as long as a session made from it may live, and no longer', async (t) => {
  const { clock, denials, devices } = await setUp()
  devices.keepUntil('a', 5000, clock.now)
  devices.keepUntil('unknown', 5000, clock.now)
  clock.now = 4999
  devices.sweep(clock.now)
  await devices.revoke('a')
  t.equal(denials.isSeriesDenied('a', 4999), true)
  t.equal(denials.isSeriesDenied('a', 5000), false)
  t.equal(denials.isSeriesDenied('unknown', 0), false)
  await devices.create({ series: 'b', userId: 'u', label: '' }, TERMS)
  await devices.create({ series: 'c', userId: 'u', label: '' }, TERMS)
  clock.now += 250
  await devices.revoke('c')
  t.equal(denials.isSeriesDenied('c', clock.now + 29 * 86_400_000), true, 'it is not swept yet')
  devices.sweep(clock.now)
  await devices.revoke('b')
  t.equal(denials.isSeriesDenied('b', 4999 + 29 * 86_400_000), true, 'it was forgotten, and so is denied for a month')
})
