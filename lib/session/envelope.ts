import { randomBytes } from 'node:crypto'
import type { JsonObject } from './json-value.ts'
import type { RevocationQuery, SessionRecord } from './store.ts'

/** What is sealed into the cookie. Times are milliseconds since the epoch. What the application keeps is apart, so that no name of its own can collide with ours. */
export interface Envelope {
  readonly v: 1
  /** 16 random bytes (ASVS 7.2.3), base64url. */
  readonly sid: string
  /** When it began: the absolute limit counts from here. */
  readonly iat: number
  /** The last use that was noted: the idle limit counts from here. */
  readonly seen: number
  /** When the user last proved who they are. */
  readonly auth?: number
  /** An own property even where nobody is signed in: from Object.prototype, whoever found a way to write into that would be anybody. */
  readonly uid: string | undefined
  /** What the application called the device at login. */
  readonly label?: string
  /** The remembered series that it was made from. */
  readonly rid?: string
  /** True when the user signed in during this very session. */
  readonly fresh: boolean
  readonly d: JsonObject
}

/** How long a session may last, in milliseconds. */
export interface Limits {
  readonly idle: number
  readonly absolute: number
  /** A use is noted when the last note is older than this. */
  readonly refresh: number
}

/** Why a sealed session counts no more. `future`: it says that it begins, or was used, later than now. */
export type Ending = 'idle' | 'absolute' | 'future'

/** Clocks of several machines differ by this much at the most, in milliseconds. */
const TOLERANCE = 60_000

const LEAST_REFRESH = 60_000

/** Limits from seconds. A use is noted after a tenth of the idle limit, once a minute at the most; never so late that the limit passes between two notes. */
export function limitsOf (idle: number, absolute: number): Limits {
  const ms = idle * 1000
  return { idle: ms, absolute: absolute * 1000, refresh: Math.min(Math.max(ms / 10, LEAST_REFRESH), ms / 2) }
}

/** A session id: 16 bytes of the system's generator. */
export function mintSid (): string {
  return randomBytes(16).toString('base64url')
}

/** The envelope in what was opened; `undefined` for anything else that a holder of the key may have sealed. */
export function readEnvelope (payload: unknown): Envelope | undefined {
  if (!isObject(payload)) return undefined
  const { v, sid, iat, seen, auth, label, rid, fresh, d } = payload
  const uid = Object.hasOwn(payload, 'uid') ? payload['uid'] : undefined
  const isWhole = v === 1 && isSid(sid) && isTime(iat) && isTime(seen) && (auth === undefined || isTime(auth)) &&
    isTextOrAbsent(uid) && isTextOrAbsent(label) && isTextOrAbsent(rid) && typeof fresh === 'boolean' && isObject(d)
  if (!isWhole) return undefined
  return Object.hasOwn(payload, 'uid') ? payload as unknown as Envelope : { ...payload as unknown as Envelope, uid: undefined }
}

/** Why a session has ended, `undefined` while it lives. The absolute limit is told first. */
export function endingOf ({ iat, seen }: Envelope, now: number, { idle, absolute }: Limits): Ending | undefined {
  if (iat > now + TOLERANCE || seen > now + TOLERANCE) return 'future'
  if (now >= iat + absolute) return 'absolute'
  return now >= seen + idle ? 'idle' : undefined
}

/** What a store is asked about a session. */
export function queryOf ({ sid, uid, iat, rid }: Envelope): RevocationQuery {
  // Asked at every read: without the detour over objects that are spread.
  if (uid === undefined) return { sid, issuedAt: iat }
  return rid === undefined ? { sid, issuedAt: iat, userId: uid } : { sid, issuedAt: iat, userId: uid, series: rid }
}

/** What a store notes of a session of `userId`. */
export function recordOf ({ sid, iat, seen, label, rid }: Envelope, userId: string, { absolute }: Limits): SessionRecord {
  return { sid, userId, label: label ?? '', createdAt: iat, lastSeenAt: seen, expiresAt: iat + absolute, ...rid !== undefined && { series: rid } }
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSid (value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{22}$/.test(value)
}

function isTime (value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number >= 0
}

function isTextOrAbsent (value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '')
}
