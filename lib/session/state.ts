import { SecurityError } from '../errors.ts'
import type { Authority } from './authority.ts'
import type { CookiePolicy } from './cookie-policy.ts'
import { cookieValues } from './cookie-value.ts'
import { endingOf, mintSid, queryOf, readEnvelope, type Envelope, type Limits } from './envelope.ts'
import type { SessionEvents } from './events.ts'
import { Flash } from './flash.ts'
import type { JsonObject } from './json-value.ts'
import type { Remember } from './remember.ts'
import { cookieText, keepUncached, putCookie, type ReplyLike } from './reply-cookies.ts'
import { isTooLong, nonceOf, type Sealer } from './sealed.ts'

/** What all sessions of one registration share. */
export interface SessionContext {
  readonly limits: Limits
  readonly now: () => number
  readonly authority: Authority
  readonly events: SessionEvents
  readonly sealer: Sealer
  readonly flashSealer: Sealer
  readonly cookies: CookiePolicy
  /** The value of Clear-Site-Data at logout, `''` for none. */
  readonly clearSiteData: string
  /** Absent where devices are not remembered. */
  readonly remember?: Remember | undefined
}

/** From this size on the operator is told: the next value may be the one that does not fit. */
const LARGE = 3000

/** The session of one request: what came, what the handlers made of it, and what the reply says. */
export class SessionState {
  readonly context: SessionContext
  /** What is known of the session, signed in or not; `undefined` while there is none. */
  envelope: Envelope | undefined
  /** True when the store could not be asked and an answer was needed: nothing of the session is shown and nothing is written, so that it can go on later. */
  isSuspended = false
  /** Set where the reply leaves Cache-Control to the application. */
  isStored = false
  /** The session as the application sees it, made when it first asks. */
  view: object | undefined
  /** The Cookie header. */
  readonly header: string | undefined
  #nonce: string | undefined
  #change: 'none' | 'write' | 'clear' = 'none'
  #isTouched = false
  #isLoggedOut = false
  #isSuperseded = false
  #flash: Flash | undefined
  #device: string | undefined
  #reply: ReplyLike | undefined

  /** `header`: the Cookie header. `reply`: the one whose headers were settled before anybody asked for the session. */
  constructor (context: SessionContext, header: string | undefined, reply?: ReplyLike) {
    this.context = context
    this.header = header
    this.#reply = reply
    const values = cookieValues(header, context.cookies.session.name)
    if (values.length > 1) this.#refuse('repeated')
    else if (values.length === 1) this.#open(values[0]!)
  }

  /** What may be shown. */
  get visible (): Envelope | undefined {
    return this.isSuspended ? undefined : this.envelope
  }

  /** Whether nobody is signed in, so that a remembered device may be. Not where the session is only hidden, or the browser has another one by now. */
  get isAsleep (): boolean {
    return this.envelope?.uid === undefined && !this.isSuspended && !this.#isSuperseded
  }

  get flash (): Flash {
    const { flashSealer, cookies: { flash }, now } = this.context
    this.#flash ??= new Flash(flashSealer, flash.name, cookieValues(this.header, flash.name), now)
    return this.#flash
  }

  /** To be called when the application asks for the session: notes the use, once in a while. */
  touch (): void {
    if (this.#isTouched) return
    this.#isTouched = true
    const { limits, now, authority } = this.context
    const seen = now()
    const envelope = this.envelope
    if (envelope !== undefined && seen - envelope.seen >= limits.refresh && !this.isSuspended) {
      this.envelope = { ...envelope, seen }
      this.#change = 'write'
      if (envelope.uid !== undefined) authority.seen(envelope.sid, seen)
    }
    this.changed('none')
  }

  /** Asks the store whether the session of a user lives. False when it does not, or when nobody knows. */
  async verify (isStrict: boolean): Promise<boolean> {
    const envelope = this.envelope
    if (envelope === undefined) return false
    const ending = endingOf(envelope, this.context.now(), this.context.limits)
    if (ending !== undefined) {
      this.#end('session_expired', envelope, ending)
      return false
    }
    const verdict = await this.context.authority.verify(queryOf(envelope), this.#nonce, isStrict)
    this.isSuspended = verdict === 'unknown'
    if (verdict === 'ended' && this.envelope === envelope) this.#end('session_use_after_expire', envelope, 'revoked')
    return verdict === 'live' && envelope.uid !== undefined
  }

  /** Whether nothing can be written into the reply any more. */
  get isLate (): boolean {
    return this.#reply?.raw.headersSent === true
  }

  /** Throws where nothing can be written into the reply any more. */
  assertInTime (): void {
    if (this.isLate) throw new SecurityError('BULWARK_ERR_SESSION_LATE')
  }

  /** Throws where the session cannot be changed any more, or not now. */
  assertWritable (): void {
    this.assertInTime()
    if (this.isSuspended) throw new SecurityError('BULWARK_ERR_SESSION_STORE_DOWN')
  }

  /** Throws when `envelope` would not fit into the cookie; the one that is there stays. */
  assertFits (envelope: Envelope): void {
    if (isTooLong(this.context.cookies.session.name, envelope)) throw new SecurityError('BULWARK_ERR_SESSION_TOO_LARGE')
  }

  /** A session without a user and without data. */
  blank (): Envelope {
    const now = this.context.now()
    return { v: 1, sid: mintSid(), iat: now, seen: now, uid: undefined, fresh: false, d: {} }
  }

  /** Takes other data of the application, all of them; makes a session where there is none. */
  keep (d: JsonObject): void {
    this.assertWritable()
    const envelope = { ...this.envelope ?? this.blank(), d }
    this.assertFits(envelope)
    this.commit(envelope)
  }

  /** Takes another envelope, which fits. */
  commit (envelope: Envelope): void {
    this.envelope = envelope
    this.isSuspended = false
    this.changed('write')
  }

  /** Has the reply set the cookie of the remembered device: `text` is a whole Set-Cookie. */
  putDevice (text: string): void {
    this.#device = text
    this.changed('none')
  }

  /** The session is over: the cookie goes, and what the browser stored of this site. */
  logOut (): void {
    this.envelope = undefined
    this.isSuspended = false
    this.#isLoggedOut = true
    this.changed('clear')
  }

  /** Notes what the reply has to say; where its headers were settled before, says it at once. */
  changed (change: 'none' | 'write' | 'clear'): void {
    if (change !== 'none') this.#change = change
    if (this.#reply !== undefined) this.settle(this.#reply)
  }

  /** Writes what has changed into the reply. Called again by whatever changes later. */
  settle (reply: ReplyLike): void {
    this.#reply = reply
    if (reply.raw.headersSent) return
    const { cookies: { session, flash, remember }, clearSiteData } = this.context
    const isWritten = this.#change !== 'none' || this.#device !== undefined
    if (this.#change === 'write') this.#write(reply)
    else if (this.#change === 'clear') putCookie(reply, session.name, session.cleared)
    this.#change = 'none'
    if (this.#device !== undefined) putCookie(reply, remember!.name, this.#device)
    this.#device = undefined
    const outcome = this.#flash?.outcome
    if (outcome?.kind === 'write') putCookie(reply, flash.name, cookieText(flash, outcome.text))
    else if (outcome?.kind === 'clear') putCookie(reply, flash.name, flash.cleared)
    if (this.#isLoggedOut && clearSiteData !== '') reply.header('clear-site-data', clearSiteData)
    if (this.#isTouched || isWritten) keepUncached(reply, this.isStored && !isWritten && outcome?.kind !== 'write')
  }

  #write (reply: ReplyLike): void {
    const { cookies: { session }, sealer, authority, events } = this.context
    const { sid, uid } = this.envelope!
    // The browser has a better one by now.
    if (this.#isSuperseded && uid === undefined) return
    // It was ended meanwhile, by another request: the browser has what that one gave it, and must not get the dead one back.
    if (authority.isDenied(queryOf(this.envelope!))) return
    const text = sealer.seal(this.envelope!)
    const count = session.name.length + text.length
    if (count >= LARGE) events.tell('session_cookie_large', { sid, userId: uid, count })
    putCookie(reply, session.name, cookieText(session, text))
  }

  #open (text: string): void {
    const { sealer, limits, now, authority } = this.context
    const opened = sealer.open(text)
    if (!opened.ok) return this.#refuse(opened.reason)
    const envelope = readEnvelope(opened.payload)
    if (envelope === undefined) return this.#refuse('payload')
    const ending = endingOf(envelope, now(), limits)
    if (ending === 'future') return this.#refuse('future')
    if (ending !== undefined) return this.#end('session_expired', envelope, ending)
    if (authority.isSuperseded(envelope.sid)) return this.supersede(envelope)
    if (authority.isDenied(queryOf(envelope))) return this.#end('session_use_after_expire', envelope, 'revoked')
    this.envelope = envelope
    this.#nonce = nonceOf(text)
  }

  /** It went on under another id while this request was under way: there is no session here, and the cookie of the browser is left alone. */
  supersede ({ sid, uid }: Envelope): void {
    this.context.events.tell('session_use_after_expire', { sid, userId: uid, reason: 'superseded' })
    this.#isSuperseded = true
  }

  #refuse (reason: string): void {
    this.context.events.tell('session_cookie_refused', { reason })
    this.#change = 'clear'
  }

  #end (name: 'session_expired' | 'session_use_after_expire', { sid, uid }: Envelope, reason: string): void {
    this.context.events.tell(name, { sid, userId: uid, reason })
    this.envelope = undefined
    this.#nonce = undefined
    this.changed('clear')
  }
}
