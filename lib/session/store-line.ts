import type { SessionStore } from './store.ts'

/** What the store answered; `ok: false` when it could not, or not in time. */
export type Answer<Value> = { readonly ok: true, readonly value: Value } | { readonly ok: false }

/** What became of the store, for events. */
export type LineReport = (state: 'down' | 'up', error: unknown) => void

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 5000

/**
 * The line to the store: every call has a time limit, and none throws.
 *
 * A store that hangs is asked by one request at a time, after a pause that grows to five seconds; the others are told at once that it is down. So a request
 * waits for a hanging store once and not always, and calls without an answer do not pile up.
 */
export class StoreLine {
  readonly #store: SessionStore
  readonly #timeout: number
  readonly #report: LineReport
  #isDown = false
  #pause = 0
  #closedUntil = 0
  #isTrying = false

  /** `timeout`: milliseconds that one call may take. */
  constructor (store: SessionStore, timeout: number, report: LineReport) {
    this.#store = store
    this.#timeout = timeout
    this.#report = report
  }

  async ask<Value> (call: (store: SessionStore) => Promise<Value>): Promise<Answer<Value>> {
    const isTrial = this.#pause > 0
    if (isTrial && (this.#isTrying || performance.now() < this.#closedUntil)) return { ok: false }
    this.#isTrying = isTrial
    const { answer, error } = await this.#attempt(call)
    if (isTrial) this.#isTrying = false
    if (answer.ok) this.#succeeded()
    else this.#failed(error, isTrial)
    return answer
  }

  async #attempt<Value> (call: (store: SessionStore) => Promise<Value>): Promise<{ readonly answer: Answer<Value>, readonly error?: unknown }> {
    try {
      return { answer: { ok: true, value: await this.#within(call) } }
    } catch (error) {
      return { answer: { ok: false }, error }
    }
  }

  #succeeded (): void {
    this.#pause = 0
    if (!this.#isDown) return
    this.#isDown = false
    this.#report('up', undefined)
  }

  #failed (error: unknown, isTrial: boolean): void {
    // Of calls that hung together, one begins the pause: it would be at its longest at once if each of them doubled it.
    if (error instanceof TimeLimit && (isTrial || this.#pause === 0)) {
      this.#pause = Math.min(Math.max(this.#pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
      this.#closedUntil = performance.now() + this.#pause
    }
    if (this.#isDown) return
    this.#isDown = true
    this.#report('down', error)
  }

  async #within<Value> (call: (store: SessionStore) => Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new TimeLimit(this.#timeout)), this.#timeout)
    })
    try {
      // A store may throw where it should reject.
      return await Promise.race([(async () => await call(this.#store))(), limit])
    } finally {
      clearTimeout(timer)
    }
  }
}

class TimeLimit extends Error {
  constructor (timeout: number) {
    super(`The store gave no answer within ${timeout} ms.`)
    this.name = 'TimeLimit'
  }
}
