/** What is kept for a user. */
interface Owned {
  readonly userId: string
}

/**
 * Entries by their id and by their user, at most `limit`. At the limit the oldest entry of the same user gives way, so that whoever fills
 * it with one account pushes out nobody else; only a user who has none there takes the place of the oldest of all.
 */
export class UserIndex<Entry extends Owned> {
  readonly #entries = new Map<string, Entry>()
  readonly #ids = new Map<string, Set<string>>()
  readonly #limit: number

  constructor (limit: number) {
    this.#limit = limit
  }

  get size (): number {
    return this.#entries.size
  }

  get (id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Adds an entry, or puts it in the place of the one with its id. */
  set (id: string, entry: Entry): void {
    if (this.#entries.get(id)?.userId !== entry.userId) {
      this.delete(id)
      const own = this.#ids.get(entry.userId) ?? new Set()
      if (this.#entries.size >= this.#limit) this.delete((own.size > 0 ? own : this.#entries).keys().next().value!)
      // Deleting the last entry of a user deletes the set.
      this.#ids.set(entry.userId, own.add(id))
    }
    this.#entries.set(id, entry)
  }

  delete (id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    const own = this.#ids.get(entry.userId)!
    own.delete(id)
    if (own.size === 0) this.#ids.delete(entry.userId)
  }

  /** The entries of a user with their ids, in the order in which they came. */
  of (userId: string): Array<[id: string, entry: Entry]> {
    return [...this.#ids.get(userId) ?? []].map((id) => [id, this.#entries.get(id)!])
  }

  /** Forgets the entries for which `hasEnded` holds. */
  sweep (hasEnded: (entry: Entry) => boolean): void {
    for (const [id, entry] of this.#entries) if (hasEnded(entry)) this.delete(id)
  }
}
