import { rejects } from 'node:assert/strict'
import { parallelChecks } from './conformance/parallel.ts'
import { registryChecks } from './conformance/registry.ts'
import { rememberChecks } from './conformance/remember.ts'
import { revocationChecks } from './conformance/revocation.ts'
import { allCalls } from './conformance/fixtures.ts'
import type { SessionStore } from './store.ts'

export type {
  Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore
} from './store.ts'

/** A store to be tested. Other processes may use the same server meanwhile: every case has users, sessions and series of its own. */
export interface StoreUnderTest<Store extends SessionStore = SessionStore> {
  /** Stands in front of the title of every case. */
  readonly name: string
  /** Gives a store that is ready. It is called for every case. */
  create (): Store | Promise<Store>
  /** Closes what `create` opened. It is called when a case has ended, also when it failed. */
  dispose? (store: Store): void | Promise<void>
  /** Takes its server away from a store, so that it cannot answer. With it there is one more case: that every method rejects then. */
  disconnect? (store: Store): void | Promise<void>
}

/** One case of the kit, to be handed to any test runner. `run` rejects with an `AssertionError` when the store fails it. */
export interface ConformanceCase {
  readonly title: string
  run (): Promise<void>
}

/**
 * The cases that a `SessionStore` has to pass, one at least for every sentence of its interface: what is answered, repeated calls, 40 times 20
 * parallel calls, replayed, lost and rolled back generations, times, and strings that break escaping.
 *
 * It depends on no test runner:
 * `for (const { title, run } of testSessionStore({ name: 'mine', create })) test(title, run)`
 */
export function testSessionStore<Store extends SessionStore> (target: StoreUnderTest<Store>): ConformanceCase[] {
  const { disconnect } = target
  const checks = [...registryChecks, ...revocationChecks, ...rememberChecks, ...parallelChecks].map(([title, check]): ConformanceCase =>
    caseOf(target, title, check))
  if (disconnect === undefined) return checks
  return [...checks, caseOf(target, 'every method rejects when the store cannot answer', async (store) => {
    await disconnect.call(target, store)
    for (const [name, call] of allCalls(store)) await rejects(call, Error, name)
  })]
}

function caseOf<Store extends SessionStore> (target: StoreUnderTest<Store>, title: string, check: (store: Store) => Promise<void>): ConformanceCase {
  return {
    title: `${target.name}: ${title}`,
    async run () {
      const store = await target.create()
      try {
        await check(store)
      } finally {
        await target.dispose?.(store)
      }
    }
  }
}
