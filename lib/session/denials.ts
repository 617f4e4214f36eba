import type { RevocationQuery } from './store.ts'

interface Denial {
  readonly until: number
  readonly userId: string | undefined
}

interface CutOff {
  /** Sessions issued up to then are denied. */
  readonly at: number
  readonly until: number
  readonly except: string | undefined
}

/** Denials of one user beyond this become one cut-off when there is no more room. */
const FEW = 16

/**
 * What this process knows to have ended, asked without waiting. The only list where there is no store, and with one the part of it that was written here: a
 * logout holds in this process at once, whether the store can be reached or not.
 *
 * Bounded, and never by forgetting a signed-in session that was ended. When there is no more room, anonymous ones go first, since a copy of them proves nothing; then
 * users with many denials are cut off as a whole; at last all sessions end early that would have ended first anyway.
 */
export class Denials {
  readonly #denials = new Map<string, Denial>()
  readonly #cutOffs = new Map<string, CutOff>()
  readonly #limit: number
  readonly #absolute: number
  readonly #onFull: () => void
  /** Sessions whose absolute end is not later are denied. */
  #horizon = 0

  /** `limit`: entries. `absolute`: milliseconds from the beginning of a session to its absolute end. `onFull` is told when somebody has to sign in again for want of room. */
  constructor (limit: number, absolute: number, onFull: () => void) {
    this.#limit = limit
    this.#absolute = absolute
    this.#onFull = onFull
  }

  get size (): number {
    return this.#denials.size + this.#cutOffs.size
  }

  isDenied ({ sid, userId, issuedAt }: RevocationQuery): boolean {
    if (this.#denials.has(sid) || issuedAt + this.#absolute <= this.#horizon) return true
    const cutOff = userId === undefined ? undefined : this.#cutOffs.get(userId)
    return cutOff !== undefined && issuedAt <= cutOff.at && sid !== cutOff.except
  }

  deny (sid: string, until: number, userId: string | undefined, now: number): void {
    this.#makeRoom(now)
    this.#denials.set(sid, { until, userId })
  }

  denyUser (userId: string, at: number, until: number, except: string | undefined, now: number): void {
    this.#makeRoom(now)
    this.#cutOffs.set(userId, { at, until, except })
  }

  /** `sid` goes on as `next`: it is denied, and what was exempted from a cut-off still is. */
  replace (sid: string, next: string, until: number, userId: string | undefined, now: number): void {
    const cutOff = userId === undefined ? undefined : this.#cutOffs.get(userId)
    if (cutOff?.except === sid) this.#cutOffs.set(userId!, { ...cutOff, except: next })
    this.deny(sid, until, userId, now)
  }

  /** The earliest time at which a session of this user may begin, so that it is none of those that were cut off in the same millisecond. */
  earliest (userId: string): number {
    return (this.#cutOffs.get(userId)?.at ?? -1) + 1
  }

  #makeRoom (now: number): void {
    if (this.size < this.#limit) return
    for (const map of [this.#denials, this.#cutOffs]) {
      for (const [key, { until }] of map) if (until <= now) map.delete(key)
    }
    if (this.size < this.#limit) return
    for (const [sid, { userId }] of this.#denials) if (userId === undefined) this.#denials.delete(sid)
    if (this.size < this.#limit) return
    this.#onFull()
    this.#cutOffMany(now)
    if (this.size >= this.#limit) this.#raiseHorizon()
  }

  #cutOffMany (now: number): void {
    const sids = new Map<string, string[]>()
    for (const [sid, { userId }] of this.#denials) {
      const list = sids.get(userId!)
      if (list === undefined) sids.set(userId!, [sid])
      else list.push(sid)
    }
    for (const [userId, list] of sids) {
      if (list.length <= FEW) continue
      this.#cutOffs.set(userId, { at: now, until: now + this.#absolute, except: undefined })
      for (const sid of list) this.#denials.delete(sid)
    }
  }

  /** A tenth of the entries goes, those that end first; nothing that ends as early is let in any more. */
  #raiseHorizon (): void {
    const ends = [...this.#denials.values(), ...this.#cutOffs.values()].map(({ until }) => until).sort((a, b) => a - b)
    this.#horizon = Math.max(this.#horizon, ends[Math.ceil(ends.length / 10) - 1]!)
    for (const map of [this.#denials, this.#cutOffs]) {
      for (const [key, { until }] of map) if (until <= this.#horizon) map.delete(key)
    }
  }
}
