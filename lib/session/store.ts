/** One live session of a signed-in user, as the registry knows it. Times are milliseconds since the epoch. */
export interface SessionRecord {
  readonly sid: string
  readonly userId: string
  /** What the application called the device at login, at most 200 characters. */
  readonly label: string
  readonly createdAt: number
  readonly lastSeenAt: number
  /** The absolute end. */
  readonly expiresAt: number
  /** The remembered series that it was made from, if any. */
  readonly series?: string
}

/** How many sessions a user may have, and what happens to one more. */
export interface SessionLimit {
  readonly max: number
  readonly policy: 'evict-oldest' | 'refuse'
}

/** The answer to `admit`: `evicted` are the session ids that were ended to make room. */
export type Admission = { readonly ok: true, readonly evicted: readonly string[] } | { readonly ok: false }

/** What is asked about one sealed session. */
export interface RevocationQuery {
  readonly sid: string
  readonly userId?: string
  /** When the user signed in, milliseconds; for the cut-off of `revokeUser`. */
  readonly issuedAt: number
  readonly series?: string
}

/**
 * Where the sessions that ended, and the devices of users, are kept. Every method is one atomic operation of the store, may be repeated without harm, and
 * rejects when the store cannot answer: what follows from that is the plugin's to decide.
 */
export interface SessionStore {
  /** Whether what it holds outlives the process and is seen by other processes. */
  readonly isDurable: boolean
  /** Notes a session at login; ends the oldest ones, or refuses, when there would be more than `limit.max` live ones. Atomic for each user. */
  admit (record: SessionRecord, limit?: SessionLimit): Promise<Admission>
  /** A session goes on under another id: `oldSid` is denied until its absolute end, and `record` takes its place in the list and its exemption from `revokeUser`. */
  replace (oldSid: string, record: SessionRecord): Promise<void>
  /** Notes the last use. An unknown id is ignored. */
  seen (sid: string, at: number): Promise<void>
  /** True when the id is denied, when its series is, or when its user signed in before the cut-off of `revokeUser` and the id is not the one exempted. */
  isRevoked (query: RevocationQuery): Promise<boolean>
  /** Denies an id until `until`, when it would have ended anyway, and takes it off the list. */
  revoke (sid: string, until: number): Promise<void>
  /**
   * Ends every session of a user that was issued up to `at`, but for `except`: denies those that are listed, and sets a cut-off for those that are not. The cut-off
   * is kept until `until`. Gives how many listed ones it ended. Remembered series are ended by `remember.revokeUser`.
   */
  revokeUser (userId: string, options: { readonly at: number, readonly until: number, readonly except?: string }): Promise<number>
  /** The live sessions of a user, the latest login first. */
  list (userId: string): Promise<SessionRecord[]>
  count (userId: string): Promise<number>
  /** Forgets what has ended. Stores that forget on their own do nothing. */
  purge (): Promise<void>
  readonly remember: RememberStore
}

/** One remembered device. It holds no secret: the validator is derived from `series` and `generation` by a key that the store never sees. */
export interface RememberRecord {
  /** 16 random bytes, base64url. */
  readonly series: string
  readonly userId: string
  readonly label: string
  readonly generation: number
  readonly createdAt: number
  readonly lastUsedAt: number
  /** The idle end, moved by every rotation. */
  readonly idleUntil: number
  /** The absolute end. */
  readonly expiresAt: number
}

/**
 * What became of a presented generation (the table of `docs/session.md`):
 * - `ok`: `generation` is the one to issue; `isRollback` when the store was behind what was presented (restored from a backup);
 * - `replay`: an old generation; the series is revoked by now. `gap` 1: the successor was never presented; 2 or more: it was;
 * - `none`: unknown, ended or revoked.
 */
export type Rotation =
  | { readonly kind: 'ok', readonly userId: string, readonly label: string, readonly generation: number, readonly isRollback: boolean }
  | { readonly kind: 'replay', readonly userId: string, readonly gap: number }
  | { readonly kind: 'none' }

/** The remembered devices. Times come from the clock of the store alone. */
export interface RememberStore {
  /** Inserts if absent; `idleMs` and `maxAgeMs` from now. */
  create (row: { readonly series: string, readonly userId: string, readonly label: string }, terms: { readonly idleMs: number, readonly maxAgeMs: number }): Promise<void>
  /** One statement: see `Rotation`. The immediate predecessor within `graceMs` of the rotation gets the same generation again. On `replay` the series is revoked, and sessions made from it are denied. */
  rotate (series: string, generation: number, terms: { readonly graceMs: number, readonly idleMs: number }): Promise<Rotation>
  /** Ends a series; sessions made from it are denied (`isRevoked` with that `series`). */
  revoke (series: string): Promise<void>
  /** Ends all series of a user but for `except`, and denies sessions made from them. Gives how many. */
  revokeUser (userId: string, except?: string): Promise<number>
  /** The live ones, the last used first. */
  list (userId: string): Promise<RememberRecord[]>
}
