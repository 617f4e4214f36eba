import { fail } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { RememberStore, SessionRecord, SessionStore } from '../store.ts'

/** One thing that a store has to do. It throws when the store does not. */
export type Check = readonly [title: string, check: (store: SessionStore) => Promise<void>]

export const HOUR = 3_600_000

/** Terms under which nothing ends while it is tested. */
export const LONG: Parameters<RememberStore['create']>[1] & Parameters<RememberStore['rotate']>[2] = { idleMs: HOUR, maxAgeMs: 2 * HOUR, graceMs: HOUR }

/** A session id, a series, or the id of a user. */
export function newId (): string {
  return randomBytes(16).toString('base64url')
}

/** A session of `userId` that began now and ends in an hour, unless `fields` say otherwise. */
export function recordOf (userId: string, fields: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now()
  return { sid: newId(), userId, label: 'Firefox on Linux', createdAt: now, lastSeenAt: now, expiresAt: now + HOUR, ...fields }
}

/** `count` sessions of a user, admitted one after the other, each a millisecond younger than the one before. */
export async function admitted (store: SessionStore, userId: string, count: number): Promise<SessionRecord[]> {
  const start = Date.now() - 1000
  const records = Array.from({ length: count }, (_, index) => recordOf(userId, { createdAt: start + index, lastSeenAt: start + index }))
  for (const record of records) await store.admit(record)
  return records
}

export async function sidsOf (store: SessionStore, userId: string): Promise<string[]> {
  return (await store.list(userId)).map(({ sid }) => sid)
}

export async function isRevoked (store: SessionStore, { sid, userId, createdAt, series }: SessionRecord): Promise<boolean> {
  return await store.isRevoked({ sid, userId, issuedAt: createdAt, ...(series !== undefined && { series }) })
}

/** A remembered device of a user; its series. */
export async function remembered (store: SessionStore, userId: string, terms: Parameters<RememberStore['create']>[1] = LONG): Promise<string> {
  const series = newId()
  await store.remember.create({ series, userId, label: 'Firefox on Linux' }, terms)
  return series
}

/** Long enough for any clock of milliseconds to go on. */
export async function moment (): Promise<void> {
  await wait(20)
}

/**
 * What `begin` gives when it took less than half of the life that it was told. On a busy machine it is called again with twice as much, as often as
 * it takes: what has to live at the beginning of a check, and to have ended later, would have ended too soon.
 */
export async function inTime<Result> (begin: (life: number) => Promise<Result>, life: number = 60): Promise<Result> {
  const start = Date.now()
  const result = await begin(life)
  return Date.now() - start < life / 2 ? result : await inTime(begin, life * 2)
}

/** Waits until something holds, five seconds at the most. */
export async function eventually (what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; !await holds();) {
    if (Date.now() > end) fail(`${what}: not within five seconds`)
    await moment()
  }
}

/** Strings that a person or another system may give as a name, and that break escaping, encodings or keys. All of them are different. */
export const HOSTILE: readonly string[] = [
  '', ' ', '\0', 'a\0b', '\\', '\\0', '\\u0000', '\ud800', '\ud801', '\udfff\ud800', '\ufffd', "'; drop table users; --", '"', '$1', '%s%n', '*', '?', '[a-z]',
  '{a}', '}{', ':', 'a:b', 'null', 'undefined', '__proto__', 'constructor', '\r\n', '\u2028', 'é', 'e\u0301', 'İ', 'ı', 'A', 'a', 'a ', '0', '-1', '1e3', '{}', '[]',
  '\u{1f600}', '\u202eabc', 'x'.repeat(255), '\u{1f600}'.repeat(127), '\ud800'.repeat(255)
]

/** A call of every method, each of a user and of ids that are not there. */
export function allCalls (store: SessionStore): Array<[name: string, call: () => Promise<unknown>]> {
  const { remember } = store
  const id = newId()
  return [
    ['admit', () => store.admit(recordOf(id), { max: 1, policy: 'refuse' })],
    ['replace', () => store.replace(id, recordOf(id))],
    ['seen', () => store.seen(id, 1)],
    ['isRevoked', () => store.isRevoked({ sid: id, issuedAt: 1 })],
    ['revoke', () => store.revoke(id, Date.now() + HOUR)],
    ['revokeUser', () => store.revokeUser(id, { at: 1, until: Date.now() + HOUR })],
    ['list', () => store.list(id)],
    ['count', () => store.count(id)],
    ['remember.create', () => remember.create({ series: id, userId: id, label: '' }, LONG)],
    ['remember.rotate', () => remember.rotate(id, 0, LONG)],
    ['remember.revoke', () => remember.revoke(id)],
    ['remember.revokeUser', () => remember.revokeUser(id)],
    ['remember.list', () => remember.list(id)]
  ]
}
