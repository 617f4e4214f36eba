import { SecurityError } from '../errors.ts'
import type { Authority } from './authority.ts'
import type { SessionEvents } from './events.ts'
import { countOf, rowsOf } from './store-answer.ts'
import type { SessionRecord } from './store.ts'

/** A row of the list of devices: a session, or a remembered device that has none at the moment. */
export interface DeviceRecord extends SessionRecord {
  /** What `revoke` takes: the id of the session, and of a device without one its series. */
  readonly sid: string
  /** Whether there is a session. Without one, `lastSeenAt` is when the device last woke up, and `expiresAt` when it is forgotten unless it does so again. */
  readonly isLive: boolean
  /** When the device was first remembered, milliseconds since the epoch; absent when it is not. */
  readonly rememberedSince?: number
}

/**
 * The sessions of users, as `app.sessions`. Methods that change something are in force in this process at once, and in others within `cacheSeconds`.
 *
 * Throws `SecurityError`: `BULWARK_ERR_SESSION_STORE_MISSING` where only a store knows, `BULWARK_ERR_SESSION_STORE_DOWN` when it cannot be asked, or when a change
 * cannot even be noted for later.
 */
export class Sessions {
  readonly #authority: Authority
  readonly #events: SessionEvents
  readonly #now: () => number
  readonly #isRemembering: boolean

  constructor (authority: Authority, events: SessionEvents, now: () => number, isRemembering: boolean) {
    this.#authority = authority
    this.#events = events
    this.#now = now
    this.#isRemembering = isRemembering
  }

  /** The devices of a user: the live sessions, the latest login first, and the remembered devices that have none, the last used first. Needs a store. */
  async list (userId: string): Promise<DeviceRecord[]> {
    const known = new Set<string>()
    // A browser that was closed has left sessions behind: of a remembered device, the latest one stands for all.
    return (await this.#rows(userId)).filter(({ series, rememberedSince }) => {
      if (series === undefined || rememberedSince === undefined) return true
      const isFirst = !known.has(series)
      known.add(series)
      return isFirst
    })
  }

  /** How many live sessions a user has. Needs a store. */
  async count (userId: string): Promise<number> {
    return await this.#read(this.#authority.read(async (store) => countOf(await store.count(userId))))
  }

  /**
   * Ends one session. With `userId`, which needs a store, only if it is one of that user's: what a form sends may be anybody's. False when it is not.
   * With `userId`, the remembered device of the session ends, too, and so does a remembered device without one; without it, a remembered device comes back with another session.
   */
  async revoke (sid: string, { userId }: { readonly userId?: string } = {}): Promise<boolean> {
    let issuedAt = this.#now()
    let series: string | undefined
    if (userId !== undefined) {
      const record = (await this.#rows(userId)).find((record) => record.sid === sid)
      if (record === undefined) return false
      issuedAt = record.createdAt
      series = this.#isRemembering ? record.series : undefined
    }
    const isForgotten = series === undefined || await this.#authority.endSeries(series)
    // Without its user it is denied as one of a user of its own, since it must not be forgotten as those of strangers are.
    const isNoted = await this.#authority.end({ sid, userId: userId ?? `sid ${sid}`, issuedAt })
    if (!isForgotten || !isNoted) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    this.#events.tell('session_expired', { sid, userId, reason: 'revoked' })
    return true
  }

  /** Ends all sessions and remembered devices of a user but for the session `except` and its device, as after a change of the password. Gives how many sessions of the list it ended: 0 without a store. */
  async revokeUser (userId: string, { except }: { readonly except?: string | undefined } = {}): Promise<number> {
    const count = await this.#authority.endUser(userId, except)
    const isForgotten = !this.#isRemembering || await this.#authority.forgetUser(userId, except)
    if (count === undefined || !isForgotten) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    this.#events.tell('session_expired', { userId, reason: 'revoked-user', count })
    return count
  }

  async #rows (userId: string): Promise<DeviceRecord[]> {
    const [records, devices] = await this.#read(this.#authority.read(async (store) => {
      const [sessions, devices] = await Promise.all([store.list(userId), this.#isRemembering ? store.remember.list(userId) : []])
      return [rowsOf(sessions), rowsOf(devices)] as const
    }))
    const since = new Map(devices.map(({ series, createdAt }) => [series, createdAt]))
    const live = records.map((record) => {
      const rememberedSince = since.get(record.series ?? '')
      return { ...record, isLive: true, ...rememberedSince !== undefined && { rememberedSince } }
    })
    const awake = new Set(records.map(({ series }) => series))
    const asleep = devices.filter(({ series }) => !awake.has(series)).map(({ series, label, createdAt, lastUsedAt, idleUntil }) => ({
      sid: series, userId, label, createdAt, lastSeenAt: lastUsedAt, expiresAt: idleUntil, series, isLive: false, rememberedSince: createdAt
    }))
    return [...live, ...asleep]
  }

  async #read<Value> (answer: Promise<Value | undefined>): Promise<Value> {
    if (!this.#authority.hasStore) throw new SecurityError('BULWARK_ERR_SESSION_STORE_MISSING')
    const value = await answer
    if (value === undefined) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    return value
  }
}
