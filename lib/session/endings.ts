import { remember } from './bounded-memory.ts'
import type { RevocationQuery } from './store.ts'
import { Denials } from './stores/denials.ts'

/** How long endings are remembered. Milliseconds. */
export interface EndingsOptions {
  /** How long a session may live. */
  readonly absolute: number
  /** How long something is remembered that the store has, too; `Infinity` where there is none. */
  readonly confirmed: number
  readonly now: () => number
}

/** Entries, so that each list takes ten megabytes at the most. */
const MOST_DENIALS = 100_000
const MOST_ANONYMOUS = 10_000
const MOST_SUPERSEDED = 10_000

/** Milliseconds that a request may take which was sent before its session went on under another id. */
const SUPERSEDED_AGE = 60_000

/** What this process knows of sessions and devices that ended, or went on under another id. It never waits. */
export class Endings {
  readonly #options: EndingsOptions
  readonly #denials = new Denials(MOST_DENIALS)
  /** Ids of sessions without a user that ended. The oldest is forgotten: strangers can make any number, and a copy of one proves nothing. */
  readonly #anonymous = new Map<string, true>()
  /** When ids went on under another one, a short while ago. */
  readonly #superseded = new Map<string, number>()

  constructor (options: EndingsOptions) {
    this.#options = options
  }

  /** Whether the session ended. */
  isDenied (query: RevocationQuery): boolean {
    return query.userId === undefined ? this.#anonymous.has(query.sid) : this.#denials.isRevoked(query, this.#options.now())
  }

  /** Denies a session for as long as the store is not sure to say so itself, or up to a time. */
  deny ({ sid, userId, issuedAt }: RevocationQuery, until: number = this.untilConfirmed(issuedAt + this.#options.absolute)): void {
    if (userId === undefined) remember(this.#anonymous, sid, true, MOST_ANONYMOUS)
    else this.#denials.deny(sid, { until, owner: { userId, createdAt: issuedAt } }, this.#options.now())
  }

  /** Whether the session, or the device, went on under another id a short while ago. */
  isSuperseded (sid: string): boolean {
    const at = this.#superseded.get(sid)
    return at !== undefined && this.#options.now() - at < SUPERSEDED_AGE
  }

  supersede (sid: string): void {
    remember(this.#superseded, sid, this.#options.now(), MOST_SUPERSEDED)
  }

  /** The earliest time at which a session of this user may begin, so that it is none of those that were cut off in the same millisecond. */
  earliest (userId: string): number {
    return this.#denials.cutOffAt(userId) + 1
  }

  /** Denies what was issued to a user up to a time, but for one session. */
  cutOff (userId: string, terms: { readonly at: number, readonly until: number, readonly except?: string }): void {
    this.#denials.cutOff(userId, terms, this.#options.now())
  }

  /** A session that no cut-off was to end goes on under another id. */
  moveExemption (userId: string, from: string, to: string): void {
    this.#denials.moveExemption(userId, from, to)
  }

  /** Whether a remembered device ended. */
  isSeriesDenied (series: string): boolean {
    return this.#denials.isSeriesDenied(series, this.#options.now())
  }

  /** Denies a remembered device, and the sessions made from it. A late request must not take away the cookie that the browser may have instead. */
  denySeries (series: string, until: number = this.untilConfirmed(Infinity)): void {
    this.#denials.denySeries(series, until, this.#options.now())
    this.supersede(series)
  }

  /** Until when something has to be remembered here that the store has, or that ends at `end` where there is none. */
  untilConfirmed (end: number): number {
    const { now, confirmed } = this.#options
    return Math.min(end, now() + confirmed)
  }
}
