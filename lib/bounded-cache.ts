/**
 * A map that holds at most `limit` entries and forgets the one that was used longest ago.
 * For values that can be made again: what a client can influence must never grow without bound.
 */
export class BoundedCache<Value> {
  readonly #entries = new Map<string, Value>()
  readonly #limit: number

  /** `limit`: entries, at least 1. */
  constructor (limit: number) {
    this.#limit = limit
  }

  get size (): number {
    return this.#entries.size
  }

  /** The value under `key`, made by `make` when it is not there. */
  get (key: string, make: () => Value): Value {
    let value = this.#entries.get(key)
    if (value === undefined) {
      value = make()
      if (this.#entries.size >= this.#limit) this.#entries.delete(this.#entries.keys().next().value!)
    } else {
      this.#entries.delete(key)
    }
    this.#entries.set(key, value)
    return value
  }
}
