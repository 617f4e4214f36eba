import fc from 'fast-check'
import t from 'tap'
import { isCutOff, nextCutOff, type CutOff } from '../../../lib/session/cut-off.ts'

// What it answers in cases with names is in the conformance kit, as every store has to answer so.

interface Call {
  readonly at: number
  readonly until: number
  readonly except?: string
}

t.test('the first cut-off holds for all but the one that it exempts', async (t) => {
  t.same(nextCutOff(undefined, { at: 5, until: 9 }), { at: 5, floor: -1, until: 9 })
  t.same(nextCutOff(undefined, { at: 5, until: 9, except: 'a' }), { at: 5, except: 'a', floor: -1, until: 9 })
  t.notOk('except' in nextCutOff({ at: 5, except: 'a', floor: -1, until: 9 }, { at: 6, until: 1 }), 'an exemption that is over is not kept')
})

t.test('property: one record says what all the calls together say', async () => {
  const call: fc.Arbitrary<Call> = fc.record({ at: fc.integer({ min: 0, max: 9 }), until: fc.integer({ min: 0, max: 9 }), except: fc.constantFrom('a', 'b', 'c') }, { requiredKeys: ['at', 'until'] })
  fc.assert(fc.property(fc.array(call, { minLength: 1, maxLength: 6 }), (calls) => {
    const cutOff = calls.reduce<CutOff | undefined>(nextCutOff, undefined)!
    const isEnded = (sid: string, issuedAt: number): boolean => calls.some(({ at, except }) => issuedAt <= at && sid !== except)
    return cutOff.until === Math.max(...calls.map(({ until }) => until)) &&
      ['a', 'b', 'c', 'd'].every((sid) => Array.from({ length: 12 }, (_, index) => index - 1).every((issuedAt) =>
        // A session that was exempted and then ended stays ended; one that is exempted from every call is not.
        issuedAt < 0 || isCutOff(cutOff, sid, issuedAt) === isEnded(sid, issuedAt)))
  }), { numRuns: 2000 })
})
