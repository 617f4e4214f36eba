import t from 'tap'
import { admissionOf, countOf, rotationOf, rowsOf, verdictOf } from '../../../lib/session/store-answer.ts'

const NONSENSE: readonly unknown[] = [undefined, null, 0, 1, '', 'QUEUED', 'false', [], {}, { ok: 1 }, { ok: true }, { ok: true, evicted: 'a' }, { ok: true, evicted: [1] }, { kind: 'else' }, () => true]

t.test('a list and a count', async (t) => {
  t.same(rowsOf([1]), [1])
  t.equal(countOf(0), 0)
  for (const answer of [undefined, null, 'QUEUED', {}, NaN]) {
    t.throws(() => rowsOf(answer as never), TypeError)
    t.throws(() => countOf(answer), TypeError)
  }
})

const cases: ReadonlyArray<[what: string, read: (answer: unknown) => unknown, sound: readonly unknown[], more: readonly unknown[]]> = [
  ['isRevoked', verdictOf, [true, false], [{ ok: false }]],
  ['admit', admissionOf, [{ ok: false }, { ok: true, evicted: [] }, { ok: true, evicted: ['a'] }], [true]],
  ['remember.rotate', rotationOf, [{ kind: 'none' }, { kind: 'replay', userId: 'a', gap: 2 }, { kind: 'ok', userId: 'a', label: '', generation: 1, isRollback: false }], [
    { kind: 'ok' }, { kind: 'ok', userId: '', label: '', generation: 1 }, { kind: 'ok', userId: 'a', label: '', generation: NaN }, { kind: 'ok', userId: 'a', generation: 1 }, { kind: 'replay', userId: 'a' }, { kind: 'replay', userId: undefined, gap: 2 }
  ]]
]

t.test('an answer is taken as it is, and what is none is refused', async (t) => {
  for (const [what, read, sound, more] of cases) {
    for (const answer of sound) t.same(read(answer), answer, what)
    for (const answer of [...NONSENSE, ...more]) t.throws(() => read(answer), TypeError, `${what}: ${JSON.stringify(answer)}`)
  }
})
