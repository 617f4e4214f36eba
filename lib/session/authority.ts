import { Denials } from './denials.ts'
import type { SessionEvents } from './events.ts'
import { PendingWrites } from './pending-writes.ts'
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

/** Entries of the denials of this process, owed writes, and remembered answers: some ten megabytes each at most. */
const MOST_DENIALS = 100_000
const MOST_PENDING = 10_000
const MOST_ANSWERS = 10_000

/** Whether sessions live, and how they end: the denials of this process, the store behind its line, and what is owed to the store. */
export class Authority {
  readonly #options: AuthorityOptions
  readonly #denials: Denials
  readonly #line: StoreLine | undefined
  readonly #pending: PendingWrites
  /** Until when a sealed text counts as live, by its nonce. */
  readonly #answers = new Map<string, number>()

  constructor (options: AuthorityOptions) {
    const { store, absolute, timeout, events } = options
    this.#options = options
    this.#denials = new Denials(MOST_DENIALS, absolute, () => events.tell('session_denylist_full'))
    this.#pending = new PendingWrites(MOST_PENDING, (count) => events.tell('session_revocation_done', { count }))
    this.#line = store && new StoreLine(store, timeout, (state, error) => {
      events.tell(state === 'up' ? 'session_store_up' : 'session_store_down', error instanceof Error ? { reason: error.name } : {})
      if (state === 'up') void this.#pending.flush()
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
    return this.#denials.isDenied(query)
  }

  /** Whether the store said a short while ago that the session in this sealed text lives. */
  isRecent (nonce: string): boolean {
    const until = this.#answers.get(nonce)
    return until !== undefined && this.#options.now() < until
  }

  /** Asks the store. `isStrict`: without an answer, nobody is let in. */
  async verify (query: RevocationQuery, nonce: string | undefined, isStrict: boolean): Promise<Verdict> {
    if (this.isDenied(query)) return 'ended'
    if (this.#line === undefined) return 'live'
    const { now, cache, onStoreError, absolute } = this.#options
    const asked = now()
    const answer = await this.#line.ask((store) => store.isRevoked(query))
    if (!answer.ok) return isStrict || onStoreError === 'deny' ? 'unknown' : 'live'
    if (answer.value) {
      this.#denials.deny(query.sid, query.issuedAt + absolute, query.userId, now())
      return 'ended'
    }
    if (cache > 0 && nonce !== undefined) this.#remember(nonce, asked + cache)
    return 'live'
  }

  /** The earliest time at which a session of this user may begin. */
  earliest (userId: string): number {
    return this.#denials.earliest(userId)
  }

  /** Notes a session at login. `down`: the store must be asked and cannot be. */
  async admit (record: SessionRecord): Promise<'ok' | 'refused' | 'down'> {
    if (this.#line === undefined) return 'ok'
    const { limit, onStoreError } = this.#options
    const answer = await this.#admit(record)
    if (answer.ok) return answer.value.ok ? 'ok' : 'refused'
    if (onStoreError === 'deny' || limit?.policy === 'refuse') return 'down'
    // On the list as soon as that is possible, unless it ended before.
    this.#pending.add(`admit ${record.sid}`, async () => this.#isGone(record) || (await this.#admit(record)).ok)
    return 'ok'
  }

  /** A session goes on under another id. False when the store must be told and cannot be: then nothing has changed. */
  async replace (oldSid: string, record: SessionRecord): Promise<boolean> {
    const { now, onStoreError } = this.#options
    const until = record.createdAt + this.#options.absolute
    const write = async (): Promise<boolean> => this.#isGone(record) ? await this.#revoke(oldSid, until) : (await this.#ask((store) => store.replace(oldSid, record))).ok
    const isDone = await write() || (onStoreError === 'allow' && this.#owe(`replace ${record.sid}`, write))
    if (isDone) this.#denials.replace(oldSid, record.sid, until, record.userId, now())
    return isDone
  }

  /** Ends a session: here at once, and in the store as soon as it can be reached. False when this cannot even be noted for later. */
  async end (sid: string, until: number, userId?: string): Promise<boolean> {
    this.#denials.deny(sid, until, userId, this.#options.now())
    return await this.#revoke(sid, until) || this.#owe(`revoke ${sid}`, async () => await this.#revoke(sid, until))
  }

  /** Ends every session of a user that began up to now, but for one. Gives how many listed ones it ended, `undefined` when this cannot even be noted for later. */
  async endUser (userId: string, except?: string): Promise<number | undefined> {
    const { now, absolute } = this.#options
    const at = Math.max(now(), this.earliest(userId))
    const until = at + absolute
    this.#denials.denyUser(userId, at, until, except, at)
    const revoke = async (): Promise<Answer<number>> => await this.#ask(async (store) => await store.revokeUser(userId, { at, until, ...except !== undefined && { except } }), 0)
    const answer = await revoke()
    if (answer.ok) return answer.value
    return this.#owe(`revokeUser ${userId}`, async () => (await revoke()).ok) ? 0 : undefined
  }

  /** Notes the last use. Not worth another attempt. */
  seen (sid: string, at: number): void {
    void this.#ask(async (store) => await store.seen(sid, at))
  }

  /** Asks the store for something that only it can answer; `undefined` when it is down. */
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
    const answer = await this.#line!.ask((store) => store.admit(record, limit))
    if (!answer.ok || !answer.value.ok) return answer
    for (const sid of answer.value.evicted) {
      this.#denials.deny(sid, now() + this.#options.absolute, record.userId, now())
      events.tell('session_expired', { sid, userId: record.userId, reason: 'evicted' })
    }
    return answer
  }

  async #revoke (sid: string, until: number): Promise<boolean> {
    return (await this.#ask(async (store) => await store.revoke(sid, until))).ok
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

  #isGone ({ sid, userId, createdAt }: SessionRecord): boolean {
    return this.isDenied({ sid, userId, issuedAt: createdAt })
  }

  #remember (nonce: string, until: number): void {
    this.#answers.delete(nonce)
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.delete(this.#answers.keys().next().value!)
    this.#answers.set(nonce, until)
  }
}
