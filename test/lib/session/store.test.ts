import t from 'tap'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import type { Admission, RememberStore, Rotation, SessionLimit, SessionRecord, SessionStore } from '../../../lib/session/store.ts'

// The file holds types only: what is tested here is tested by the compiler.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <Condition extends true>(): Condition | undefined => undefined

t.test('a method that answers, answers later', async () => {
  type Answers<Interface> = { [Name in keyof Interface]: Interface[Name] extends (...args: never[]) => infer Answer ? Answer extends Promise<unknown> ? never : Name : never }[keyof Interface]
  holds<Equal<Answers<SessionStore>, never>>()
  holds<Equal<Answers<RememberStore>, never>>()
})

t.test('what a store answers is told apart by one property', async () => {
  const ids = (admission: Admission): readonly string[] => admission.ok ? admission.evicted : []
  const next = (rotation: Rotation): number => rotation.kind === 'ok' ? rotation.generation : rotation.kind === 'replay' ? -rotation.gap : 0
  // @ts-expect-error: a refusal names no evicted sessions
  const wrong: Admission = { ok: false, evicted: [] }
  // @ts-expect-error: there is no third policy
  const limit: SessionLimit = { max: 1, policy: 'evict-newest' }
  t.same([ids(wrong), ids({ ok: true, evicted: ['a'] }), next({ kind: 'none' }), limit.max], [[], ['a'], 0, 1])
})

t.test('a record is read and not written', async (t) => {
  const record: SessionRecord = { sid: 'a', userId: 'u', label: '', createdAt: 1, lastSeenAt: 1, expiresAt: Date.now() + 60_000 }
  // @ts-expect-error: it is read-only
  const write = (): void => { record.sid = 'b' }
  // @ts-expect-error: a series that is not there is left out
  const withoutSeries: SessionRecord = { ...record, series: undefined }
  t.same([typeof write, withoutSeries.sid], ['function', 'a'])
  const store: SessionStore = memoryStore()
  await store.admit(record)
  t.same(await store.list('u'), [record])
})
