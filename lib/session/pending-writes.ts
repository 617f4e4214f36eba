/** A write that the store did not confirm. It may be repeated without harm. True when the store has it. */
export type Write = () => Promise<boolean>

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 15_000

/**
 * Writes that are still owed to the store, in the order in which they were made, each tried again until it is in force. The pause between two attempts grows to 15 seconds.
 * What is owed is kept in the memory of this process: the session it is about ended here already.
 */
export class PendingWrites {
  readonly #writes = new Map<string, Write>()
  readonly #limit: number
  readonly #onDone: (count: number) => void
  #pause = 0
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined

  /** `limit`: writes. `onDone` is told how many were owed when the last one is in force. */
  constructor (limit: number, onDone: (count: number) => void) {
    this.#limit = limit
    this.#onDone = onDone
  }

  get size (): number {
    return this.#writes.size
  }

  has (key: string): boolean {
    return this.#writes.has(key)
  }

  /** False when there is no room for another. A write of the same `key` takes the place of the older one, behind the others. */
  add (key: string, write: Write): boolean {
    this.#writes.delete(key)
    if (this.#writes.size >= this.#limit) return false
    this.#writes.set(key, write)
    if (this.#timer === undefined && this.#flushing === undefined) this.#wait()
    return true
  }

  /** Tries all of them, in order, until one fails. */
  async flush (): Promise<void> {
    this.#flushing ??= this.#run().finally(() => { this.#flushing = undefined })
    await this.#flushing
  }

  /** The last attempt, when the application closes. Gives how many are lost. */
  async close (): Promise<number> {
    if (this.#writes.size > 0) await this.flush()
    clearTimeout(this.#timer)
    const lost = this.#writes.size
    this.#writes.clear()
    return lost
  }

  async #run (): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    let done = 0
    for (const [key, write] of this.#writes) {
      if (!await write()) {
        this.#wait()
        return
      }
      // While it was under way, a newer one may have taken its place.
      if (this.#writes.get(key) === write) this.#writes.delete(key)
      done++
    }
    this.#pause = 0
    if (done > 0) this.#onDone(done)
  }

  #wait (): void {
    this.#pause = Math.min(Math.max(this.#pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
    this.#timer = setTimeout(() => { this.flush() }, this.#pause).unref()
  }
}
