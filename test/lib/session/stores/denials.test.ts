import fc from 'fast-check'
import t from 'tap'
import { Denials } from '../../../../lib/session/stores/denials.ts'

t.test('it never holds more than its limit', async (t) => {
  const denials = new Denials(10)
  for (let number = 0; number < 1000; number++) {
    denials.deny(`sid-${number}`, { until: 2000 + number, ...(number % 3 === 0 && { owner: { userId: `u${number % 50}`, createdAt: number } }) }, number)
    denials.denySeries(`series-${number}`, 2000 + number, number)
    denials.cutOff(`u${number}`, { at: number, until: 2000 + number }, number)
    t.ok(denials.size <= 10, `${number}`)
  }
})

t.test('what is over by the time that it would be noted is not noted', async (t) => {
  const denials = new Denials(10)
  denials.deny('a', { until: 5 }, 5)
  denials.denySeries('b', 5, 5)
  denials.cutOff('c', { at: 9, until: 5 }, 5)
  t.equal(denials.size, 0)
})

t.test('a cut-off that is over has no part in the next', async (t) => {
  const denials = new Denials(10)
  denials.cutOff('u', { at: 100, until: 200 }, 0)
  denials.cutOff('u', { at: 50, until: 900 }, 300)
  t.equal(denials.isRevoked({ sid: 'a', userId: 'u', issuedAt: 80 }, 300), false)
  t.equal(denials.isRevoked({ sid: 'a', userId: 'u', issuedAt: 50 }, 300), true)
})

t.test('property: nothing that is denied is forgotten before its end, whatever comes to it', async () => {
  const step = fc.record({
    kind: fc.constantFrom('sid', 'series', 'user'), name: fc.integer({ min: 0, max: 40 }), user: fc.integer({ min: 0, max: 4 }), lasts: fc.integer({ min: 1, max: 60 })
  })
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), (limit, steps) => {
    const denials = new Denials(limit)
    const denied: Array<{ until: number, query: Parameters<Denials['isRevoked']>[0] }> = []
    return steps.every(({ kind, name, user, lasts }, now) => {
      const [until, userId] = [now + lasts, `u${user}`]
      if (kind === 'sid') {
        denials.deny(`s${name}`, { until, owner: { userId: `u${name % 5}`, createdAt: now } }, now)
        denied.push({ until, query: { sid: `s${name}`, userId: `u${name % 5}`, issuedAt: now } })
      } else if (kind === 'series') {
        denials.denySeries(`r${name}`, until, now)
        denied.push({ until, query: { sid: 'x', issuedAt: now, series: `r${name}` } })
      } else {
        denials.cutOff(userId, { at: now, until }, now)
        denied.push({ until, query: { sid: 'x', userId, issuedAt: now } })
      }
      return denials.size <= limit && denied.every(({ until, query }) => until <= now || denials.isRevoked(query, now))
    })
  }), { numRuns: 500 })
})
