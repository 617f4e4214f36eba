import { mac } from '../mac.ts'
import { tellListener } from '../tell-listener.ts'

/** The names, after the OWASP Logging Vocabulary where it has one, and how loud each is in the log. */
const LEVELS = {
  session_created: 'info',
  session_renewed: 'info',
  session_expired: 'info',
  session_use_after_expire: 'warn',
  session_cookie_refused: 'warn',
  session_cookie_large: 'warn',
  session_remembered: 'info',
  session_remember_refused: 'warn',
  session_remember_stale: 'warn',
  session_remember_theft: 'error',
  session_remember_rollback: 'warn',
  session_remember_unavailable: 'warn',
  session_revocation_pending: 'warn',
  session_revocation_done: 'info',
  session_revocation_lost: 'error',
  session_store_down: 'error',
  session_store_up: 'info',
  excess_sessions_exceeded: 'warn'
} as const

export type SessionEventName = keyof typeof LEVELS

/** What a client without a session can cause as often as it likes. Log-ins are never left out. */
const LIMITED: ReadonlySet<SessionEventName> = new Set(['session_expired', 'session_use_after_expire', 'session_cookie_refused', 'session_cookie_large', 'session_remember_refused', 'session_remember_unavailable'])

/** What happened to a session. It holds no secret: ids are hashes under a key of the application. */
export interface SessionEvent {
  readonly name: SessionEventName
  readonly level: 'info' | 'warn' | 'error'
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Hash of the session id, the same in every process that has the same first key. */
  readonly session?: string
  /** Hash of the user id. */
  readonly user?: string
  /** Why, as a word from the table in `docs/session.md`. */
  readonly reason?: string
  /** How many, or how large. */
  readonly count?: number
  /** Events of this name that were left out since the last one, where a client can cause more than 60 in a minute. */
  readonly suppressed?: number
}

/** What an event is about, ids in clear. */
export interface EventSubject {
  readonly sid?: string | undefined
  readonly userId?: string | undefined
  readonly reason?: string
  readonly count?: number
}

/** The part of a logger that is used. */
export interface EventLog {
  debug (detail: object, message: string): void
  info (detail: object, message: string): void
  warn (detail: object, message: string): void
  error (detail: object, message: string): void
}

const PER_MINUTE = 60
const MINUTE = 60_000

/** Tells the log and the application what happens to sessions. What a stranger can cause is told 60 times a minute at most, since whoever sends forged cookies must not fill a disk. */
export class SessionEvents {
  readonly #salt: Buffer
  readonly #log: EventLog
  readonly #onEvent: (event: SessionEvent) => void
  readonly #now: () => number
  readonly #windows = new Map<SessionEventName, { start: number, count: number, suppressed: number }>()

  /** `salt`: a key of its own, by which ids are hashed. */
  constructor (salt: Buffer, log: EventLog, onEvent: (event: SessionEvent) => void, now: () => number) {
    this.#salt = salt
    this.#log = log
    this.#onEvent = onEvent
    this.#now = now
  }

  tell (name: SessionEventName, { sid, userId, reason, count }: EventSubject = {}): void {
    const at = this.#now()
    const suppressed = this.#admit(name, at)
    if (suppressed === undefined) return
    const level = LEVELS[name]
    const event: SessionEvent = {
      name,
      level,
      at,
      ...sid !== undefined && { session: this.#hash('session', sid) },
      ...userId !== undefined && { user: this.#hash('user', userId) },
      ...reason !== undefined && { reason },
      ...count !== undefined && { count },
      ...suppressed > 0 && { suppressed }
    }
    this.#log[level]({ event }, name)
    tellListener(this.#onEvent, Object.freeze(event), (err) => this.#log.error({ err }, '`onEvent` of the session plugin failed'))
  }

  /** How many were left out before this one; `undefined` when this one is left out, too. */
  #admit (name: SessionEventName, now: number): number | undefined {
    if (!LIMITED.has(name)) return 0
    let window = this.#windows.get(name)
    if (window === undefined || now < window.start || now >= window.start + MINUTE) {
      const suppressed = window?.suppressed ?? 0
      window = { start: now, count: 1, suppressed: 0 }
      this.#windows.set(name, window)
      return suppressed
    }
    if (window.count < PER_MINUTE) {
      window.count++
      return 0
    }
    window.suppressed++
    return undefined
  }

  #hash (kind: string, id: string): string {
    return mac(this.#salt, [kind, id]).subarray(0, 12).toString('base64url')
  }
}
