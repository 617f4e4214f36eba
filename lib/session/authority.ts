import { remember } from './bounded-memory.ts'
import { Endings } from './endings.ts'
import type { SessionEvents } from './events.ts'
import { PendingWrites } from './pending-writes.ts'
import { admissionOf, verdictOf } from './store-answer.ts'
import { StoreLine, type Answer } from './store-line.ts'
import type { Admission, RevocationQuery, SessionLimit, SessionRecord, SessionStore } from './store.ts'

/** What decides whether sessions live. Times are milliseconds. */
export interface AuthorityOptions {
  readonly store: SessionStore | undefined
  readonly absolute: number
  readonly timeout: number
  /** How long an answer of the store that a session lives is relied on. */
  readonly cache: number
  readonly onStoreError: 'allow' | 'deny'
  readonly limit: SessionLimit | undefined
  readonly events: SessionEvents
  readonly now: () => number
}

/** `unknown`: the store cannot be asked, and an answer is needed. */
export type Verdict = 'live' | 'ended' | 'unknown'

/** Owed writes, and remembered answers: ten megabytes each at the most. */
const MOST_PENDING = 10_000
const MOST_ANSWERS = 10_000

/** Milliseconds for which a remembered device may live at the most: so long is it denied here when the store does not know yet that it ended. */
const LONGEST_REMEMBERED = 34_560_000_000

/** Milliseconds after which a login has the store forget what ended; most stores do so on their own. */
const PURGE_AFTER = 3_600_000

/** Milliseconds for which this process remembers what the store confirmed, beyond the time for which its answers are relied on. */
const CONFIRMED_AGE = 60_000

/**
 * Whether sessions live, and how they end: what this process knows, the store behind its line, and what is owed to the store.
 *
 * What ends here is denied here before the store is told, so that a logout holds in this process at once, whether the store can be reached or not.
 */
export class Authority {
  readonly #options: AuthorityOptions
  readonly #endings: Endings
  readonly #line: StoreLine | undefined
  readonly #pending: PendingWrites
  /** Until when a sealed text counts as live, by its nonce. */
  readonly #answers = new Map<string, number>()

  #lastPurge: number

  constructor (options: AuthorityOptions) {
    const { store, absolute, timeout, cache, events, now } = options
    this.#options = options
    this.#endings = new Endings({ absolute, confirmed: store === undefined ? Infinity : cache + timeout + CONFIRMED_AGE, now })
    this.#lastPurge = now()
    this.#pending = new PendingWrites(MOST_PENDING, (count) => events.tell('session_revocation_done', { count }))
    this.#line = store && new StoreLine(store, timeout, (state, error) => {
      events.tell(state === 'up' ? 'session_store_up' : 'session_store_down', error instanceof Error ? { reason: error.name } : {})
      if (state === 'up') this.#pending.flush()
    })
  }

  get hasStore (): boolean {
    return this.#line !== undefined
  }

  /** Writes that are owed to the store. */
  get owed (): number {
    return this.#pending.size
  }

  /** Whether this process knows that the session ended. Never waits. */
  isDenied (query: RevocationQuery): boolean {
    return this.#endings.isDenied(query)
  }

  /**
   * Whether the session went on under another id a short while ago, here. A request that was sent before, and is late, must not take away the cookie that the
   * browser has by now.
   */
  isSuperseded (sid: string): boolean {
    return this.#endings.isSuperseded(sid)
  }

  /** Whether the store said a short while ago that the session in this sealed text lives. */
  isRecent (nonce: string): boolean {
    const { now, cache } = this.#options
    const left = (this.#answers.get(nonce) ?? -Infinity) - now()
    // More is left than there ever was where the clock was set back.
    return left > 0 && left <= cache
  }

  /** Asks the store; it knows nothing of sessions without a user. `isStrict`: without an answer, nobody is let in. */
  async verify (query: RevocationQuery, nonce: string | undefined, isStrict: boolean): Promise<Verdict> {
    if (this.isDenied(query)) return 'ended'
    if (this.#line === undefined) return 'live'
    const { now, cache, onStoreError } = this.#options
    const asked = now()
    if (query.userId !== undefined) {
      const answer = await this.#line.ask(async (store) => verdictOf(await store.isRevoked(query)))
      if (!answer.ok) return isStrict || onStoreError === 'deny' ? 'unknown' : 'live'
      if (answer.value) {
        this.#endings.deny(query)
        return 'ended'
      }
    }
    // A copy: the nonce is a piece of the Cookie header, and as a key it would keep all of that alive, 16 KB each.
    if (cache > 0 && nonce !== undefined) remember(this.#answers, Buffer.from(nonce).toString(), asked + cache, MOST_ANSWERS)
    return 'live'
  }

  /** The earliest time at which a session of this user may begin, so that it is none of those that were cut off in the same millisecond. */
  earliest (userId: string): number {
    return this.#endings.earliest(userId)
  }

  /** Notes a session at login. `down`: the store must be asked and cannot be. */
  async admit (record: SessionRecord): Promise<'ok' | 'refused' | 'down'> {
    if (this.#line === undefined) return 'ok'
    const { limit, onStoreError } = this.#options
    const answer = await this.#admit(record)
    if (answer.ok) return answer.value.ok ? 'ok' : 'refused'
    if (onStoreError === 'deny' || limit?.policy === 'refuse') return 'down'
    // On the list as soon as that is possible, unless it has ended by then.
    this.#pending.add(`admit ${record.sid}`, async () => this.isDenied(queryOf(record)) || (await this.#admit(record)).ok)
    return 'ok'
  }

  /**
   * A session goes on under another id, and the old one is denied. `ended`: it had ended, so that the new one is dead, too. `down`: the store must be told and cannot be;
   * nothing has changed.
   */
  async replace (old: RevocationQuery, record: SessionRecord): Promise<'ok' | 'ended' | 'down'> {
    const write = async (): Promise<boolean> => (await this.#ask((store) => store.replace(old.sid, record))).ok
    const isConfirmed = await write()
    if (!isConfirmed && (this.#options.onStoreError === 'deny' || !this.#owe(`replace ${record.sid}`, write))) return 'down'
    const hasEnded = this.isDenied(old)
    this.#endings.moveExemption(record.userId, old.sid, record.sid)
    this.#endings.deny(old, isConfirmed ? undefined : old.issuedAt + this.#options.absolute)
    this.#endings.supersede(old.sid)
    if (!hasEnded) return 'ok'
    await this.end(queryOf(record))
    return 'ended'
  }

  /** Ends a session: here at once, and in the store as soon as it can be reached. False when this cannot even be noted for later. */
  async end (query: RevocationQuery): Promise<boolean> {
    this.#endings.deny(query)
    // The store would keep for a stranger what it has no room for.
    if (query.userId === undefined) return true
    const until = query.issuedAt + this.#options.absolute
    const write = async (): Promise<boolean> => (await this.#ask((store) => store.revoke(query.sid, until))).ok
    if (await write()) return true
    this.#endings.deny(query, until)
    return this.#owe(`revoke ${query.sid}`, write)
  }

  /** Ends a session in whose place another one was made. */
  async supersede (query: RevocationQuery): Promise<boolean> {
    this.#endings.supersede(query.sid)
    return await this.end(query)
  }

  /** Ends every session of a user that began up to now, but for one. Gives how many listed ones it ended, `undefined` when this cannot even be noted for later. */
  async endUser (userId: string, except?: string): Promise<number | undefined> {
    const { now, absolute } = this.#options
    const at = Math.max(now(), this.earliest(userId))
    const terms = { at, until: at + absolute, ...except !== undefined && { except } }
    this.#endings.cutOff(userId, { ...terms, until: this.#endings.untilConfirmed(terms.until) })
    let ended = 0
    const write = async (): Promise<boolean> => {
      const answer = await this.#ask((store) => store.revokeUser(userId, terms), 0)
      if (answer.ok) ended = answer.value
      return answer.ok
    }
    if (await write()) return ended
    this.#endings.cutOff(userId, terms)
    return this.#owe(`revokeUser ${userId} ${at}`, write) ? ended : undefined
  }

  /** Whether this process knows that a remembered device ended. */
  isSeriesDenied (series: string): boolean {
    return this.#endings.isSeriesDenied(series)
  }

  /** Denies a remembered device here, and the sessions made from it. */
  denySeries (series: string): void {
    this.#endings.denySeries(series)
  }

  /** Ends a remembered device and the sessions made from it, as `end` does a session. */
  async endSeries (series: string): Promise<boolean> {
    this.#endings.denySeries(series)
    const write = async (): Promise<boolean> => (await this.#ask((store) => store.remember.revoke(series))).ok
    if (await write()) return true
    this.#endings.denySeries(series, this.#options.now() + LONGEST_REMEMBERED)
    return this.#owe(`forget ${series}`, write)
  }

  /** Ends every remembered device of a user but for the one of the session `except`. False when this cannot even be noted for later. */
  async forgetUser (userId: string, except?: string): Promise<boolean> {
    const write = async (): Promise<boolean> => (await this.#ask(async (store) => {
      const kept = except === undefined ? undefined : (await store.list(userId)).find(({ sid }) => sid === except)
      return await store.remember.revokeUser(userId, kept?.series)
    })).ok
    return await write() || this.#owe(`forgetUser ${userId}`, write)
  }

  /** Whether the store has still to be told that every remembered device of a user ended. */
  isForgetting (userId: string): boolean {
    return this.#pending.has(`forgetUser ${userId}`)
  }

  /** Notes the last use. Not worth another attempt. */
  seen (sid: string, at: number): void {
    this.#ask((store) => store.seen(sid, at))
  }

  /** Asks the store for what only it can answer; `undefined` when it is down. */
  async read<Value> (call: (store: SessionStore) => Promise<Value>): Promise<Value | undefined> {
    const answer = await this.#ask(call)
    return answer.ok ? answer.value : undefined
  }

  /** The last attempt at what is owed. */
  async close (): Promise<void> {
    const count = await this.#pending.close()
    if (count > 0) this.#options.events.tell('session_revocation_lost', { count })
  }

  async #admit (record: SessionRecord): Promise<Answer<Admission>> {
    const { limit, events, now } = this.#options
    const answer = await this.#line!.ask(async (store) => admissionOf(await store.admit(record, limit)))
    if (!answer.ok || !answer.value.ok) return answer
    if (now() - this.#lastPurge >= PURGE_AFTER) {
      this.#lastPurge = now()
      this.#ask((store) => store.purge())
    }
    for (const sid of answer.value.evicted) {
      this.#endings.deny({ sid, userId: record.userId, issuedAt: now() })
      events.tell('session_expired', { sid, userId: record.userId, reason: 'evicted' })
    }
    return answer
  }

  /** Without a store, this process is all there is to be told. */
  async #ask<Value> (call: (store: SessionStore) => Promise<Value>, without?: Value): Promise<Answer<Value>> {
    return this.#line === undefined ? { ok: true, value: without as Value } : await this.#line.ask(call)
  }

  #owe (key: string, write: () => Promise<boolean>): boolean {
    const isNoted = this.#pending.add(key, write)
    this.#options.events.tell(isNoted ? 'session_revocation_pending' : 'session_revocation_lost', { count: isNoted ? this.#pending.size : 1 })
    return isNoted
  }
}

function queryOf ({ sid, userId, createdAt, series }: SessionRecord): RevocationQuery {
  return { sid, userId, issuedAt: createdAt, ...series !== undefined && { series } }
}
