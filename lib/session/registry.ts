import { SecurityError } from '../errors.ts'
import type { Authority } from './authority.ts'
import type { SessionEvents } from './events.ts'
import type { SessionRecord } from './store.ts'

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

  constructor (authority: Authority, events: SessionEvents, now: () => number) {
    this.#authority = authority
    this.#events = events
    this.#now = now
  }

  /** The live sessions of a user, the latest login first. Needs a store. */
  async list (userId: string): Promise<SessionRecord[]> {
    return await this.#read(this.#authority.read((store) => store.list(userId)))
  }

  /** How many live sessions a user has. Needs a store. */
  async count (userId: string): Promise<number> {
    return await this.#read(this.#authority.read((store) => store.count(userId)))
  }

  /**
   * Ends one session. With `userId`, which needs a store, only if it is one of that user's: what a form sends may be anybody's. False when it is not.
   */
  async revoke (sid: string, { userId }: { readonly userId?: string } = {}): Promise<boolean> {
    let issuedAt = this.#now()
    if (userId !== undefined) {
      const record = (await this.list(userId)).find((record) => record.sid === sid)
      if (record === undefined) return false
      issuedAt = record.createdAt
    }
    // Without its user it is denied as one of a user of its own, since it must not be forgotten as those of strangers are.
    if (!await this.#authority.end({ sid, userId: userId ?? `sid ${sid}`, issuedAt })) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    this.#events.tell('session_expired', { sid, userId, reason: 'revoked' })
    return true
  }

  /** Ends all sessions of a user but for `except`, as after a change of the password. Gives how many of the list it ended: 0 without a store. */
  async revokeUser (userId: string, { except }: { readonly except?: string | undefined } = {}): Promise<number> {
    const count = await this.#authority.endUser(userId, except)
    if (count === undefined) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    this.#events.tell('session_expired', { userId, reason: 'revoked-user', count })
    return count
  }

  async #read<Value> (answer: Promise<Value | undefined>): Promise<Value> {
    if (!this.#authority.hasStore) throw new SecurityError('BULWARK_ERR_SESSION_STORE_MISSING')
    const value = await answer
    if (value === undefined) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    return value
  }
}
