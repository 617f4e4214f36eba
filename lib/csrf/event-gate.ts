/** Milliseconds. */
const WINDOW = 60_000
const MOST = 60

/**
 * Lets 60 events a minute through and counts the others: whoever can have requests refused must not be able to fill a disk with lines that
 * say so.
 */
export class EventGate {
  #since = -Infinity
  #count = 0

  /** How many were held back since the last one that was let through; `undefined` when this one is held back, too. */
  pass (now: number): number | undefined {
    let suppressed = 0
    // A clock that was set back begins anew: it would say nothing until it is as late again.
    if (now < this.#since || now - this.#since >= WINDOW) {
      suppressed = Math.max(0, this.#count - MOST)
      this.#since = now
      this.#count = 0
    }
    return this.#count++ < MOST ? suppressed : undefined
  }
}
