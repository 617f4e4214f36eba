import { isCutOff, nextCutOff, type CutOff } from '../cut-off.ts'
import type { RevocationQuery, SessionRecord } from '../store.ts'

/** An id that is denied. With a `successor` it was replaced, without one it was ended. */
interface Denial {
  readonly until: number
  readonly successor?: string | undefined
  readonly owner?: Pick<SessionRecord, 'userId' | 'createdAt'> | undefined
}

/** From this share of all denials on, those of one user become a cut-off for that user. */
const HEAVY_SHARE = 0.01

/**
 * The ids, series and users that are denied, at most `limit`. None is forgotten before its end, however many there are: when there is no room,
 * many denials become one that denies more. Those of the user who has the most become a cut-off for that user; where no user stands out, all of
 * them become one for everyone, so that everyone has to sign in again.
 */
export class Denials {
  readonly #sids = new Map<string, Denial>()
  readonly #series = new Map<string, number>()
  readonly #cutOffs = new Map<string, CutOff>()
  readonly #limit: number
  #everyone: Pick<CutOff, 'at' | 'until'> = { at: -1, until: -1 }

  constructor (limit: number) {
    this.#limit = limit
  }

  get size (): number {
    return this.#sids.size + this.#series.size + this.#cutOffs.size
  }

  /** The denial of an id, as long as it holds. */
  get (sid: string, now: number): Denial | undefined {
    const denial = this.#sids.get(sid)
    return denial !== undefined && denial.until > now ? denial : undefined
  }

  isRevoked ({ sid, userId, issuedAt, series }: RevocationQuery, now: number): boolean {
    if (this.get(sid, now) !== undefined) return true
    if (series !== undefined && this.isSeriesDenied(series, now)) return true
    if (this.#everyone.until > now && issuedAt <= this.#everyone.at) return true
    const cutOff = userId === undefined ? undefined : this.#cutOffOf(userId, now)
    return cutOff !== undefined && isCutOff(cutOff, sid, issuedAt)
  }

  isSeriesDenied (series: string, now: number): boolean {
    return (this.#series.get(series) ?? -1) > now
  }

  /** Denies an id. What was denied for longer stays so. */
  deny (sid: string, denial: Denial, now: number): void {
    const known = this.get(sid, now)
    if (denial.until <= now && known === undefined) return
    if (known === undefined) this.#makeRoom(now)
    this.#sids.set(sid, { ...denial, until: Math.max(known?.until ?? 0, denial.until), owner: denial.owner ?? known?.owner })
  }

  denySeries (series: string, until: number, now: number): void {
    if (until <= now) return
    if (!this.isSeriesDenied(series, now)) this.#makeRoom(now)
    this.#series.set(series, Math.max(this.#series.get(series) ?? 0, until))
  }

  cutOff (userId: string, terms: Parameters<typeof nextCutOff>[1], now: number): void {
    if (terms.until <= now) return
    if (!this.#cutOffs.has(userId)) this.#makeRoom(now)
    this.#cutOffs.set(userId, nextCutOff(this.#cutOffOf(userId, now), terms))
  }

  /** Moves the exemption of an id from the cut-off of its user to the id that it goes on under. */
  moveExemption (userId: string, from: string, to: string): void {
    const known = this.#cutOffs.get(userId)
    if (known?.except === from) this.#cutOffs.set(userId, { ...known, except: to })
  }

  /** Sessions of this user that were issued up to then are cut off; -1 for none. */
  cutOffAt (userId: string): number {
    return this.#cutOffs.get(userId)?.at ?? -1
  }

  sweep (now: number): void {
    for (const [sid, { until }] of this.#sids) if (until <= now) this.#sids.delete(sid)
    for (const [series, until] of this.#series) if (until <= now) this.#series.delete(series)
    for (const [userId, { until }] of this.#cutOffs) if (until <= now) this.#cutOffs.delete(userId)
  }

  #cutOffOf (userId: string, now: number): CutOff | undefined {
    const cutOff = this.#cutOffs.get(userId)
    return cutOff !== undefined && cutOff.until > now ? cutOff : undefined
  }

  #makeRoom (now: number): void {
    if (this.size < this.#limit) return
    this.sweep(now)
    if (this.size < this.#limit) return
    const counts = new Map<string, number>()
    let heaviest = { userId: '', count: 1 }
    for (const { owner } of this.#sids.values()) {
      if (owner === undefined) continue
      const count = (counts.get(owner.userId) ?? 0) + 1
      counts.set(owner.userId, count)
      if (count > heaviest.count) heaviest = { userId: owner.userId, count }
    }
    // Two denials for one cut-off are the least that gives room.
    if (heaviest.count >= Math.max(2, this.#limit * HEAVY_SHARE)) this.#joinThoseOf(heaviest.userId)
    else this.#joinAll(now)
  }

  #joinThoseOf (userId: string): void {
    const terms = { at: -1, until: -1 }
    for (const [sid, { until, owner }] of this.#sids) {
      if (owner?.userId !== userId) continue
      terms.at = Math.max(terms.at, owner.createdAt)
      terms.until = Math.max(terms.until, until)
      this.#sids.delete(sid)
    }
    this.#cutOffs.set(userId, nextCutOff(this.#cutOffs.get(userId), terms))
  }

  #joinAll (now: number): void {
    const terms = { at: Math.max(now, this.#everyone.at), until: this.#everyone.until }
    const include = (at: number, until: number): void => {
      terms.at = Math.max(terms.at, at)
      terms.until = Math.max(terms.until, until)
    }
    for (const { until, owner } of this.#sids.values()) include(owner?.createdAt ?? now, until)
    for (const until of this.#series.values()) include(now, until)
    for (const { at, until } of this.#cutOffs.values()) include(at, until)
    for (const map of [this.#sids, this.#series, this.#cutOffs]) map.clear()
    this.#everyone = terms
  }
}
