/** An entry has its own key: the one that it is asked for with may be a piece of something larger, which would be kept alive. */
interface Entry<Value> {
  readonly key: string
  readonly value: Value
  readonly weight: number
}

/** Keys of which it is known that they were asked for: a power of two. */
const SEEN = 4096
/** Characters from the end of a key by which it is known again: there, texts that are sealed or minted are random. */
const TAIL = 8

/**
 * A map of values that can be made again, of which it holds some `limit` of weight: what a client can influence must never grow without bound.
 *
 * Entries are in two generations. When the younger one weighs half of the limit, the older one is dropped as a whole. What is used stays, since it is moved to the
 * younger one. Moving every entry at every use, to know which was used longest ago, would cost more than most values: a map keeps the places of what
 * was taken out of it, and has to pass them by to find the first that is left.
 */
export class BoundedCache<Value> {
  readonly #half: number
  #young = new Map<string, Entry<Value>>()
  #old = new Map<string, Entry<Value>>()
  #weight = 0
  readonly #seen = new Int32Array(SEEN)

  /** `limit`: the sum of what all entries weigh. No entry may weigh more than half of it. */
  constructor (limit: number) {
    this.#half = limit / 2
  }

  get size (): number {
    return this.#young.size + this.#old.size
  }

  /** The value under `key`. */
  get (key: string): Value | undefined {
    let entry = this.#young.get(key)
    if (entry === undefined) {
      entry = this.#old.get(key)
      if (entry === undefined) return undefined
      this.#old.delete(key)
      this.#put(entry)
    }
    return entry.value
  }

  /** The value under `key`, made by `make` when it is not there. */
  getOrMake (key: string, make: () => Value): Value {
    let value = this.get(key)
    if (value === undefined) this.set(key, value = make())
    return value
  }

  /**
   * Whether a key that is not there is worth being put there: whether it was asked for a short while ago. What comes once would be carried along by the garbage
   * collector, and push out what comes again, at twice the cost of making it.
   */
  admits (key: string): boolean {
    let mark = 0
    for (let index = Math.max(0, key.length - TAIL); index < key.length; index++) mark = (Math.imul(mark, 65) + key.charCodeAt(index)) | 0
    const place = mark & (SEEN - 1)
    if (this.#seen[place] === mark) return true
    this.#seen[place] = mark
    return false
  }

  /** Puts a value under a key that has none. */
  set (key: string, value: Value, weight = 1): void {
    this.#put({ key, value, weight })
  }

  #put (entry: Entry<Value>): void {
    if (this.#weight + entry.weight > this.#half) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#young.set(entry.key, entry)
    this.#weight += entry.weight
  }
}
