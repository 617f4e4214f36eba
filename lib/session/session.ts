import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { mintSid, queryOf, recordOf, type Envelope } from './envelope.ts'
import { freeze, snapshot, type JsonObject, type JsonValue } from './json-value.ts'
import type { SessionState } from './state.ts'

/** The names under which `T` keeps values: any, while nobody has declared some. */
export type DataKey<T> = [keyof T] extends [never] ? string : keyof T & string

/** What `T` keeps under a name. */
export type DataValue<T, K> = K extends keyof T ? T[K] : unknown

/** Everything that the application keeps. */
export type Data<T> = [keyof T] extends [never] ? Readonly<Record<string, unknown>> : Readonly<Partial<T>>

/** How a session is signed in. */
export interface LoginOptions<T> {
  /** What the list of devices calls this one. It may come from a request: 200 characters are kept. Default `''`. */
  readonly label?: string
  /** Remembers this browser, so that it is signed in again when the session is over. Otherwise it is forgotten. Default `false`. */
  readonly remember?: boolean
  /** What survives of the data from before the login. Default: nothing, since whoever planted the cookie may have written it. */
  readonly keep?: ReadonlyArray<DataKey<T>>
}

/** Characters of a user id: longer ones have no place in a cookie. */
const LONGEST_USER = 256
const LONGEST_LABEL = 200

/**
 * The session of one visitor, as the application sees it. Values are frozen snapshots of JSON. What changes is written into the reply, once.
 *
 * Whatever changes the session throws `SecurityError`: `BULWARK_ERR_SESSION_LATE` after the headers of the reply have left, `BULWARK_ERR_SESSION_STORE_DOWN` when
 * the store cannot be asked and `onStoreError` is `'deny'`.
 */
export class Session<T = object> {
  readonly #state: SessionState

  constructor (state: SessionState) {
    this.#state = state
  }

  /** Random, and changed by every login; `undefined` while there is no session. Whoever knows it cannot make a cookie of it. */
  get id (): string | undefined {
    return this.#state.envelope?.sid
  }

  /** Who is signed in. */
  get userId (): string | undefined {
    return this.#state.visible?.uid
  }

  /** True when the user signed in during this session, and it was not merely remembered. */
  get isFresh (): boolean {
    return this.#state.visible?.fresh ?? false
  }

  /** True when a remembered device signed in on its own, and the user has not proved who they are since. */
  get remembered (): boolean {
    const envelope = this.#state.visible
    return envelope?.rid !== undefined && !envelope.fresh
  }

  /** When the session began, milliseconds since the epoch. */
  get createdAt (): number | undefined {
    return this.#state.visible?.iat
  }

  /** When the user last proved who they are, milliseconds since the epoch. */
  get authenticatedAt (): number | undefined {
    return this.#state.visible?.auth
  }

  /** When it ends if it is not used any more, milliseconds since the epoch. */
  get idleUntil (): number | undefined {
    const envelope = this.#state.visible
    return envelope && Math.min(envelope.seen + this.#state.context.limits.idle, this.expiresAt!)
  }

  /** When it ends in any case, milliseconds since the epoch. */
  get expiresAt (): number | undefined {
    const envelope = this.#state.visible
    return envelope && envelope.iat + this.#state.context.limits.absolute
  }

  get<K extends DataKey<T>> (key: K): DataValue<T, K> | undefined {
    const data = this.#data
    return (Object.hasOwn(data, key) ? freeze(data[key]) : undefined) as DataValue<T, K> | undefined
  }

  has (key: DataKey<T>): boolean {
    return Object.hasOwn(this.#data, key)
  }

  /**
   * Keeps a value, and makes a session where there is none.
   * Throws `SecurityError`: `BULWARK_ERR_SESSION_VALUE_INVALID` for what is no JSON, `BULWARK_ERR_SESSION_TOO_LARGE` when it would not fit into the cookie. The session is as it was then.
   */
  set<K extends DataKey<T>> (key: K, value: DataValue<T, K>): this {
    this.#state.keep({ ...this.#data, ...snapshot({ [key]: value }, 'session') })
    return this
  }

  /** True when there was a value. */
  delete (key: DataKey<T>): boolean {
    if (!this.has(key)) return false
    const { [key as string]: _, ...rest } = this.#data
    this.#state.keep(rest)
    return true
  }

  /** Takes what `change` gives in the place of all data; throws as `set` does. */
  update (change: (data: Data<T>) => Data<T>): this {
    this.#state.keep(snapshot(change(freeze(this.#data) as Data<T>), 'session'))
    return this
  }

  /** Every name with its value. */
  entries (): Array<[DataKey<T>, DataValue<T, DataKey<T>>]> {
    return Object.entries(freeze(this.#data)) as unknown as Array<[DataKey<T>, DataValue<T, DataKey<T>>]>
  }

  /** The message that the page before left under `key`; reading it takes it away. */
  flash (key: string): JsonValue | undefined
  /** Leaves a message for the next page, for a minute, in a cookie of its own. */
  flash (key: string, value: unknown): void
  flash (key: string, ...values: unknown[]): JsonValue | undefined {
    if (values.length === 0) {
      const value = this.#state.flash.take(key)
      if (value !== undefined) this.#state.changed('none')
      return value
    }
    this.#state.assertInTime()
    this.#state.flash.put(key, values[0])
    this.#state.changed('none')
    return undefined
  }

  /**
   * Signs a user in: a new id, nothing of the old data but what `keep` names, and the old id is denied (ASVS 7.2.4).
   * Throws `SecurityError`: `BULWARK_ERR_SESSION_LIMIT_REACHED` with `maxSessions` and the policy `'refuse'`, `BULWARK_ERR_SESSION_STORE_DOWN` when the store must be asked and cannot be,
   * `BULWARK_ERR_SESSION_USER_INVALID`, `BULWARK_ERR_SESSION_TOO_LARGE`, `BULWARK_ERR_SESSION_REMEMBER_OFF` with `remember` where devices are not remembered. Nobody is signed in then, and the session is as it was.
   */
  async login (userId: string, { label: given = '', remember = false, keep = [] }: LoginOptions<T> = {}): Promise<void> {
    const state = this.#state
    const { now, authority, events, limits, remember: devices } = state.context
    if (remember && devices === undefined) throw new SecurityError('BULWARK_ERR_SESSION_REMEMBER_OFF')
    assertUser(userId)
    const label = labelOf(given)
    state.assertInTime()
    const old = state.envelope
    const data = this.#data
    const d = Object.fromEntries(keep.filter((key) => Object.hasOwn(data, key)).map((key) => [key, data[key]!]))
    const time = Math.max(now(), authority.earliest(userId))
    const base: Envelope = { v: 1, sid: mintSid(), iat: time, seen: time, auth: time, uid: userId, ...label !== '' && { label }, fresh: true, d }
    // Before anything is noted, with room for a series, which is as long as an id.
    state.assertFits({ ...base, ...remember && { rid: base.sid } })
    const series = remember ? await devices!.enrol(userId, label) : undefined
    const envelope: Envelope = series === undefined ? base : { ...base, rid: series }
    const admission = await authority.admit(recordOf(envelope, userId, limits))
    if (admission !== 'ok' && series !== undefined) await authority.endSeries(series)
    if (admission === 'refused') {
      events.tell('excess_sessions_exceeded', { userId })
      throw new SecurityError('BULWARK_ERR_SESSION_LIMIT_REACHED')
    }
    if (admission === 'down') throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    // The headers may have left meanwhile: a session that no browser has must not stand in the list of devices.
    const assertInTime = async (): Promise<void> => {
      if (state.isLate) await Promise.all([authority.end(queryOf(envelope)), series !== undefined && authority.endSeries(series)])
      state.assertInTime()
    }
    await assertInTime()
    if (old !== undefined) await authority.supersede(queryOf(old))
    await devices?.adopt(state, series, old)
    await assertInTime()
    state.commit(envelope)
    events.tell('session_created', { sid: envelope.sid, userId })
  }

  /**
   * To be called when the signed-in user has proved anew who they are: the session is fresh, begins anew, and has a new id (ASVS 7.2.4).
   * Throws `SecurityError` `BULWARK_ERR_SESSION_LOGIN_REQUIRED` when nobody is signed in.
   */
  async reauthenticate (): Promise<void> {
    const { context: { now, authority }, envelope } = this.#state
    const time = Math.max(now(), authority.earliest(envelope?.uid ?? ''))
    await this.#replace({ iat: time, seen: time, auth: time, fresh: true }, 'reauthenticated')
  }

  /** Goes on under a new id, with the same user, data and limits; the old id is denied. Where there is no session, nothing happens. */
  async rotate (): Promise<void> {
    const old = this.#state.envelope
    if (old === undefined) return
    if (old.uid !== undefined) return await this.#replace({}, 'rotated')
    this.#state.assertWritable()
    await this.#state.context.authority.supersede(queryOf(old))
    this.#state.commit({ ...old, sid: mintSid() })
  }

  /**
   * Ends the session: its id is denied until it would have ended anyway, this browser is remembered no more, the cookies are cleared, and the browser is told to empty its cache and storage. After the headers
   * of the reply have left, the cookie stays and is dead. `everywhere` ends all sessions and remembered devices of the user. When the store cannot be reached, it is told later.
   * Throws `SecurityError` `BULWARK_ERR_SESSION_STORE_DOWN` when even that cannot be promised; the session has ended in this process and browser all the same.
   */
  async logout ({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<void> {
    const state = this.#state
    const { authority, events, remember } = state.context
    const old = state.envelope
    state.logOut()
    const isForgotten = await remember?.forget(state, old) ?? true
    const isNoted = old === undefined || await authority.end(queryOf(old))
    const isDone = !everywhere || old?.uid === undefined || (await authority.endUser(old.uid) !== undefined && (remember === undefined || await authority.forgetUser(old.uid)))
    if (old !== undefined) events.tell('session_expired', { sid: old.sid, userId: old.uid, reason: everywhere ? 'logout-everywhere' : 'logout' })
    if (!isForgotten || !isNoted || !isDone) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
  }

  /**
   * Asks anew whether the session of a signed-in user lives: for a socket or a stream that outlives its request. Without an answer of the store, `onStoreError` decides.
   */
  async verify (): Promise<boolean> {
    return await this.#state.verify(false)
  }

  get #data (): JsonObject {
    return this.#state.visible?.d ?? {}
  }

  async #replace (changes: Partial<Envelope>, reason: string): Promise<void> {
    const state = this.#state
    const { authority, events, limits } = state.context
    state.assertWritable()
    const old = state.envelope
    if (old?.uid === undefined) throw new SecurityError('BULWARK_ERR_SESSION_LOGIN_REQUIRED')
    const envelope: Envelope = { ...old, ...changes, sid: mintSid() }
    const outcome = await authority.replace(queryOf(old), recordOf(envelope, old.uid, limits))
    if (outcome === 'down') throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
    const isHere = state.envelope?.sid === old.sid
    // A logout of the same request overtook it, or the headers left meanwhile.
    if (!isHere || state.isLate) await authority.end(queryOf(envelope))
    if (outcome === 'ended' || !isHere) throw new SecurityError('BULWARK_ERR_SESSION_LOGIN_REQUIRED')
    state.assertInTime()
    state.commit({ ...envelope, d: state.envelope!.d })
    events.tell('session_renewed', { sid: envelope.sid, userId: old.uid, reason })
  }
}

const UNKEEPABLE = /[\0\p{Surrogate}]/gu

function invalid (name: string, expected: string, received: unknown): SecurityError {
  return new SecurityError('BULWARK_ERR_SESSION_USER_INVALID', undefined, { cause: new TypeError(expectation(name, expected, received)) })
}

/** Text that a cookie and every store can keep as it is: another id would be another user. */
function assertUser (userId: unknown): void {
  const isKept = typeof userId === 'string' && userId.length >= 1 && userId.length <= LONGEST_USER && userId.search(UNKEEPABLE) === -1
  if (!isKept) throw invalid('userId', `well-formed text of 1 to ${LONGEST_USER} characters`, userId)
}

/** What can be kept of a label, which is for people: a User-Agent that is too long is no reason to let nobody in. */
function labelOf (given: unknown): string {
  if (typeof given !== 'string') throw invalid('label', 'text', given)
  return given.slice(0, LONGEST_LABEL).replace(UNKEEPABLE, '\ufffd')
}
