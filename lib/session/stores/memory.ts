import { Type } from 'typebox'
import { compileOptions, type OptionSchema } from '../../options.ts'
import type { Admission, RememberStore, RevocationQuery, SessionLimit, SessionRecord, SessionStore } from '../store.ts'
import { Denials } from './denials.ts'
import { MemoryRemember } from './memory-remember.ts'
import { UserIndex } from './user-index.ts'
import { wholeNumber } from './whole-number.ts'

export type {
  Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore
} from '../store.ts'

/** The bounds of a `memoryStore`. */
export interface MemoryStoreOptions {
  /** Sessions that are listed. At the bound the oldest of the same user is no longer listed, else the oldest of all; it can still be revoked. Default 100,000. */
  readonly maxSessions?: number
  /** Remembered devices. At the bound the oldest one of the same user is forgotten, else the oldest of all: that device has to sign in. Default 100,000. */
  readonly maxSeries?: number
  /** Ids, series and users that are denied. At the bound many denials become one that denies more, and none is forgotten. Default 100,000. */
  readonly maxRevocations?: number
  /** The clock, milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

/** The bounds that hold when none are given. */
export const memoryStoreDefaults: Required<Omit<MemoryStoreOptions, 'now'>> = Object.freeze({ maxSessions: 100_000, maxSeries: 100_000, maxRevocations: 100_000 })

const bound = Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 }))
const schema: OptionSchema = Type.Object({
  maxSessions: bound,
  maxSeries: bound,
  maxRevocations: bound,
  now: Type.Optional(Type.Refine(Type.Unsafe<() => number>({ expected: 'a function' }), (value) => typeof value === 'function'))
}, { additionalProperties: false })
const check = compileOptions<MemoryStoreOptions>(schema, { unknown: 'BULWARK_ERR_SESSION_STORE_INVALID', invalid: 'BULWARK_ERR_SESSION_STORE_INVALID' })

/** What has ended is looked for once in this time, when something is written: nothing has to wake the process for it. */
const SWEEP_MS = 60_000

/**
 * A store in the memory of the process: for development, for tests, and for an application of one process that may forget everything when it ends.
 * Throws `SecurityError` with `BULWARK_ERR_SESSION_STORE_INVALID` for a bound that is none.
 */
export function memoryStore (options: MemoryStoreOptions = {}): SessionStore {
  return new MemoryStore({ ...memoryStoreDefaults, now: Date.now, ...check(options, 'memoryStore') })
}

/** Every method does its work before it first waits for anything, and is atomic by that. */
class MemoryStore implements SessionStore {
  readonly isDurable = false
  readonly remember: RememberStore
  readonly #sessions: UserIndex<SessionRecord>
  readonly #denials: Denials
  readonly #devices: MemoryRemember
  readonly #now: () => number
  #lastSweep: number

  constructor ({ maxSessions, maxSeries, maxRevocations, now }: Required<MemoryStoreOptions>) {
    this.#now = now
    this.#lastSweep = now()
    this.#sessions = new UserIndex(maxSessions)
    this.#denials = new Denials(maxRevocations)
    this.#devices = new MemoryRemember(maxSeries, this.#denials, () => this.#time())
    this.remember = this.#devices
  }

  async admit (record: SessionRecord, limit?: SessionLimit): Promise<Admission> {
    checkTimes(record)
    const now = this.#time()
    const { sid, userId, series } = record
    if (series !== undefined) this.#devices.keepUntil(series, record.expiresAt, now)
    if (this.#denials.isRevoked(queryOf(record), now)) {
      // What its denial says of a successor stays.
      if (this.#denials.get(sid, now) === undefined) this.#end(record, now)
      return { ok: true, evicted: [] }
    }
    const others = this.#live(userId, now).filter((other) => other.sid !== sid)
    const surplus = limit === undefined ? 0 : others.length + 1 - limit.max
    if (surplus > 0 && limit!.policy === 'refuse' && this.#sessions.get(sid) === undefined) return { ok: false }
    const evicted = surplus > 0 ? others.slice(-surplus) : []
    for (const other of evicted) this.#end(other, now)
    this.#enlist(record, now)
    return { ok: true, evicted: evicted.map((other) => other.sid) }
  }

  async replace (oldSid: string, record: SessionRecord): Promise<void> {
    checkTimes(record)
    const now = this.#time()
    const { sid, userId, series } = record
    if (series !== undefined) this.#devices.keepUntil(series, record.expiresAt, now)
    const isDenied = this.#denials.get(sid, now) !== undefined
    const isRepeated = isDenied || this.#sessions.get(sid) !== undefined
    const hasEnded = this.#hasBeenEnded(oldSid, now)
    const old = this.#sessions.get(oldSid)
    const until = Math.max(old?.expiresAt ?? 0, record.expiresAt)
    // A chain of ids leads from one that is denied to one that is not, and so never back to where it began.
    const next = isDenied || sid === oldSid ? undefined : sid
    const successor = hasEnded ? undefined : this.#denials.get(oldSid, now)?.successor ?? next
    this.#sessions.delete(oldSid)
    this.#denials.deny(oldSid, { until, successor, owner: old ?? record }, now)
    this.#denials.moveExemption(userId, oldSid, sid)
    if (isRepeated) return
    if (hasEnded || this.#denials.isRevoked(queryOf(record), now)) this.#end(record, now)
    else this.#enlist(record, now)
  }

  async seen (sid: string, at: number): Promise<void> {
    wholeNumber(at)
    const record = this.#sessions.get(sid)
    if (record !== undefined && record.lastSeenAt < at) this.#sessions.set(sid, Object.freeze({ ...record, lastSeenAt: at }))
  }

  async isRevoked (query: RevocationQuery): Promise<boolean> {
    wholeNumber(query.issuedAt)
    return this.#denials.isRevoked(query, this.#now())
  }

  async revoke (sid: string, until: number): Promise<void> {
    wholeNumber(until)
    const now = this.#time()
    // What it goes on under is ended with it: a logout may have overtaken the request that replaced the id.
    for (let id: string | undefined = sid; id !== undefined;) {
      const record = this.#sessions.get(id)
      const successor: string | undefined = this.#denials.get(id, now)?.successor
      this.#sessions.delete(id)
      this.#denials.deny(id, { until: Math.max(until, record?.expiresAt ?? 0), owner: record }, now)
      id = successor
    }
  }

  async revokeUser (userId: string, { at, until, except }: { readonly at: number, readonly until: number, readonly except?: string }): Promise<number> {
    for (const time of [at, until]) wholeNumber(time)
    const now = this.#time()
    const ended = this.#live(userId, now).filter(({ sid, createdAt }) => createdAt <= at && sid !== except)
    this.#denials.cutOff(userId, { at, until, ...(except !== undefined && { except }) }, now)
    for (const record of ended) this.#end(record, now)
    return ended.length
  }

  async list (userId: string): Promise<SessionRecord[]> {
    return this.#live(userId, this.#now())
  }

  async count (userId: string): Promise<number> {
    return this.#live(userId, this.#now()).length
  }

  async purge (): Promise<void> {
    this.#sweep(this.#now())
  }

  /** The live sessions of a user, the latest login first. */
  #live (userId: string, now: number): SessionRecord[] {
    return this.#sessions.of(userId).map(([, record]) => record)
      .filter((record) => record.expiresAt > now && !this.#denials.isRevoked(queryOf(record), now))
      .sort((a, b) => b.createdAt - a.createdAt || (a.sid < b.sid ? 1 : -1))
  }

  /** A copy: what is listed changes by these methods alone. */
  #enlist (record: SessionRecord, now: number): void {
    if (record.expiresAt > now) this.#sessions.set(record.sid, Object.freeze({ ...record }))
  }

  #end (record: SessionRecord, now: number): void {
    this.#sessions.delete(record.sid)
    this.#denials.deny(record.sid, { until: record.expiresAt, owner: record }, now)
  }

  /** Whether an id, or the last one that it went on under, has been ended. */
  #hasBeenEnded (sid: string, now: number): boolean {
    let denial = this.#denials.get(sid, now)
    while (denial?.successor !== undefined) denial = this.#denials.get(denial.successor, now)
    return denial !== undefined
  }

  #time (): number {
    const now = this.#now()
    if (now - this.#lastSweep >= SWEEP_MS) this.#sweep(now)
    return now
  }

  #sweep (now: number): void {
    this.#lastSweep = now
    this.#sessions.sweep(({ expiresAt }) => expiresAt <= now)
    this.#denials.sweep(now)
    this.#devices.sweep(now)
  }
}

function checkTimes ({ createdAt, lastSeenAt, expiresAt }: SessionRecord): void {
  for (const time of [createdAt, lastSeenAt, expiresAt]) wholeNumber(time)
}

function queryOf ({ sid, userId, createdAt, series }: SessionRecord): RevocationQuery {
  return { sid, userId, issuedAt: createdAt, ...(series !== undefined && { series }) }
}
