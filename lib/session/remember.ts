import type { Authority } from './authority.ts'
import type { CookieTemplate } from './cookie-policy.ts'
import { cookieValues } from './cookie-value.ts'
import { mintSid, queryOf, recordOf, type Envelope, type Limits } from './envelope.ts'
import type { SessionEvents } from './events.ts'
import { FIRST_GENERATION, type RememberToken, type RememberTokens } from './remember-token.ts'
import { cookieText } from './reply-cookies.ts'
import type { SessionState } from './state.ts'
import { rotationOf } from './store-answer.ts'
import type { Rotation } from './store.ts'

/** What remembered devices of one registration share. Times are milliseconds. */
export interface RememberContext {
  readonly tokens: RememberTokens
  readonly cookie: CookieTemplate
  readonly terms: { readonly maxAgeMs: number, readonly idleMs: number, readonly graceMs: number }
  readonly onTheft: 'family' | 'user'
  readonly authority: Authority
  readonly events: SessionEvents
  readonly limits: Limits
  readonly now: () => number
}

type Refusal = 'forged' | 'repeated' | 'ended'

/**
 * The devices that sign in again on their own: their cookie, and the session that is made from it.
 *
 * Whatever a browser sends here gives a session or none, and never an error. Who the user is says the store alone.
 */
export class Remember {
  readonly #context: RememberContext

  constructor (context: RememberContext) {
    this.#context = context
  }

  /** Whether a Cookie header may have the cookie: to be asked of every request. */
  isPresented (header: string | undefined): boolean {
    return header !== undefined && header.includes(`${this.#context.cookie.name}=`)
  }

  /** Signs the user of a remembered device in where there is no session of a user. */
  async wake (state: SessionState): Promise<void> {
    const { authority, events } = this.#context
    const presented = this.#presented(state)
    if (presented === undefined || !state.isAsleep) return
    if (typeof presented === 'string') return this.#refuse(state, presented)
    const { series } = presented
    const rotation = await this.#rotate(presented)
    if (rotation === undefined) return events.tell('session_remember_unavailable', { reason: 'wake-up' })
    if (rotation.kind === 'none') {
      // It was ended here a moment ago, and the browser may have another one by now.
      if (!authority.isSuperseded(series)) this.#refuse(state, 'ended')
      return
    }
    if (rotation.kind === 'replay') return await this.#alarm(state, series, rotation)
    if (rotation.isRollback) events.tell('session_remember_rollback', { userId: rotation.userId })
    await this.#signIn(state, series, rotation)
  }

  /** Notes a device at login. Gives its series, `undefined` when the store cannot be asked: the user is signed in, and not remembered. */
  async enrol (userId: string, label: string): Promise<string | undefined> {
    const { authority, events, terms } = this.#context
    const series = mintSid()
    const isNoted = await authority.read(async (store) => {
      await store.remember.create({ series, userId, label }, terms)
      return true
    })
    if (isNoted === true) return series
    events.tell('session_remember_unavailable', { userId, reason: 'login' })
    return undefined
  }

  /** A login took place: `series` is remembered in the place of what the browser had; without it, nothing is. */
  async adopt (state: SessionState, series: string | undefined, old: Envelope | undefined): Promise<void> {
    if (series === undefined) {
      await this.forget(state, old)
      return
    }
    this.#issue(state, { series, generation: FIRST_GENERATION })
    await this.#endAll(state, old)
  }

  /** The browser is remembered no more. False when the store cannot be told, not even later. */
  async forget (state: SessionState, old: Envelope | undefined): Promise<boolean> {
    if (old?.rid !== undefined || this.isPresented(state.header)) state.putDevice(this.#context.cookie.cleared)
    return await this.#endAll(state, old)
  }

  /** Ends the device of the session, and the one of the cookie, which may be another one. */
  async #endAll (state: SessionState, old: Envelope | undefined): Promise<boolean> {
    const presented = this.#presented(state)
    const all = new Set([old?.rid, typeof presented === 'object' ? presented.series : undefined].filter((series) => series !== undefined))
    const outcomes = await Promise.all([...all].map(async (series) => await this.#context.authority.endSeries(series)))
    return outcomes.every(Boolean)
  }

  /** What the browser presents. The MAC is checked before anybody else hears of it. */
  #presented ({ header }: SessionState): RememberToken | Refusal | undefined {
    const { tokens, cookie } = this.#context
    if (!this.isPresented(header)) return undefined
    const values = cookieValues(header, cookie.name)
    if (values.length === 0) return undefined
    return values.length > 1 ? 'repeated' : tokens.open(values[0]!) ?? 'forged'
  }

  /** `undefined` when the store cannot be asked. */
  async #rotate ({ series, generation }: RememberToken): Promise<Rotation | undefined> {
    const { authority, terms } = this.#context
    if (authority.isSeriesDenied(series)) return { kind: 'none' }
    const rotation = await authority.read(async (store) => rotationOf(await store.remember.rotate(series, generation, terms)))
    // What ended here meanwhile, or is owed to the store, the store may not know yet.
    if (rotation?.kind === 'ok' && (authority.isSeriesDenied(series) || authority.isForgetting(rotation.userId))) return { kind: 'none' }
    return rotation
  }

  async #signIn (state: SessionState, series: string, { userId, label, generation }: Extract<Rotation, { kind: 'ok' }>): Promise<void> {
    const { authority, events, limits, now, tokens } = this.#context
    const time = Math.max(now(), authority.earliest(userId))
    // One id for all that present this generation: tabs that are opened at once are one session, in the list and in the count.
    const sid = tokens.sessionId({ series, generation })
    const envelope: Envelope = { v: 1, sid, iat: time, seen: time, uid: userId, ...label !== '' && { label }, rid: series, fresh: false, d: {} }
    // It went on under another id, which the browser has by now.
    if (authority.isSuperseded(sid)) return state.supersede(envelope)
    this.#issue(state, { series, generation })
    const admission = await authority.admit(recordOf(envelope, userId, limits))
    if (admission === 'refused') return events.tell('excess_sessions_exceeded', { userId })
    if (admission === 'down') return events.tell('session_remember_unavailable', { userId, reason: 'wake-up' })
    if (authority.isDenied(queryOf(envelope))) return
    const old = state.envelope
    if (old !== undefined) await authority.supersede(queryOf(old))
    state.commit(envelope)
    events.tell('session_remembered', { sid, userId })
  }

  async #alarm (state: SessionState, series: string, { userId, gap }: Extract<Rotation, { kind: 'replay' }>): Promise<void> {
    const { authority, events, cookie, onTheft } = this.#context
    state.putDevice(cookie.cleared)
    authority.denySeries(series)
    if (gap === 1) return events.tell('session_remember_stale', { userId })
    events.tell('session_remember_theft', { userId, reason: onTheft, count: gap })
    if (onTheft === 'user') await Promise.all([authority.endUser(userId), authority.forgetUser(userId)])
  }

  #refuse (state: SessionState, reason: Refusal): void {
    this.#context.events.tell('session_remember_refused', { reason })
    state.putDevice(this.#context.cookie.cleared)
  }

  #issue (state: SessionState, token: RememberToken): void {
    const { cookie, tokens } = this.#context
    state.putDevice(cookieText(cookie, tokens.format(token)))
  }
}
