import { Type } from 'typebox'
import { compileOptions, type OptionSchema } from '../../options.ts'
import type { Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore } from '../store.ts'
import { scriptRunner, type RedisClient, type RunScript } from './redis-client.ts'
import * as registry from './redis-registry-scripts.ts'
import * as devices from './redis-remember-scripts.ts'
import type { Script } from './redis-script.ts'
import { decodeText, encodeText } from './stored-text.ts'
import { wholeNumber } from './whole-number.ts'

export type {
  Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore
} from '../store.ts'

export type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.ts'

/** How a `redisStore` names its keys. */
export interface RedisStoreOptions {
  /** What all keys begin with, in braces: 1 to 64 letters, digits and `-._:`. One for each application that shares a server. Default `bulwark`. */
  readonly prefix?: string
}

/** The prefix that holds when none is given. */
export const redisStoreDefaults: Required<RedisStoreOptions> = Object.freeze({ prefix: 'bulwark' })

const schema: OptionSchema = Type.Object({
  prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._:-]{1,64}$', expected: 'a string of 1 to 64 letters, digits and `-._:`' }))
}, { additionalProperties: false })
const check = compileOptions<RedisStoreOptions>(schema, { unknown: 'BULWARK_ERR_SESSION_STORE_INVALID', invalid: 'BULWARK_ERR_SESSION_STORE_INVALID' })

/**
 * A store in Redis 5 or later, or in what speaks as it does, over a client of the package `ioredis` or `redis`. The client is the application's:
 * it connects it, listens to its errors and closes it. Every method is one script, and so one operation; all keys are in one slot of a cluster.
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and what it acknowledged must outlive it (`appendonly yes`): what it forgets
 * is a logout. Throws `SecurityError` with `BULWARK_ERR_SESSION_STORE_INVALID` for another client and for a malformed prefix.
 */
export function redisStore (client: RedisClient, options: RedisStoreOptions = {}): SessionStore {
  const { prefix } = { ...redisStoreDefaults, ...check(options, 'redisStore') }
  return new RedisStore(scriptRunner(client, `{${prefix}}:`))
}

/** A number or text of an answer: clients can be told to give either, or bytes. */
type Reply = { toString (): string }

class RedisStore implements SessionStore {
  readonly isDurable = true
  readonly remember: RememberStore
  readonly #run: RunScript

  constructor (run: RunScript) {
    this.#run = run
    this.remember = new RedisRemember(run)
  }

  async admit (record: SessionRecord, limit?: SessionLimit): Promise<Admission> {
    const [isAdmitted, ...evicted] = await this.#run(registry.ADMIT, [...valuesOf(record), String(limit?.max ?? 0), limit?.policy ?? '']) as Reply[]
    return Number(isAdmitted) === 1 ? { ok: true, evicted: evicted.map((sid) => decodeText(String(sid))) } : { ok: false }
  }

  async replace (oldSid: string, record: SessionRecord): Promise<void> {
    await this.#run(registry.REPLACE, [encodeText(oldSid), ...valuesOf(record)])
  }

  async seen (sid: string, at: number): Promise<void> {
    await this.#run(registry.SEEN, [encodeText(sid), number(at)])
  }

  async isRevoked ({ sid, userId, issuedAt, series = '' }: RevocationQuery): Promise<boolean> {
    return await this.#count(registry.IS_REVOKED, encodeText(sid), number(issuedAt), encodeText(series), ...optional(userId)) === 1
  }

  async revoke (sid: string, until: number): Promise<void> {
    await this.#run(registry.REVOKE, [encodeText(sid), number(until)])
  }

  async revokeUser (userId: string, { at, until, except }: { readonly at: number, readonly until: number, readonly except?: string }): Promise<number> {
    return await this.#count(registry.REVOKE_USER, encodeText(userId), number(at), number(until), ...optional(except))
  }

  async list (userId: string): Promise<SessionRecord[]> {
    const rows = await this.#run(registry.LIST, [encodeText(userId)]) as Reply[][]
    return rows.map((row) => {
      const [sid, label, createdAt, lastSeenAt, expiresAt, series] = row.map(String) as [string, string, string, string, string, string]
      return {
        sid: decodeText(sid),
        userId,
        label: decodeText(label),
        createdAt: Number(createdAt),
        lastSeenAt: Number(lastSeenAt),
        expiresAt: Number(expiresAt),
        ...(series !== '' && { series: decodeText(series) })
      }
    })
  }

  async count (userId: string): Promise<number> {
    return await this.#count(registry.COUNT, encodeText(userId))
  }

  async purge (): Promise<void> {
    // Every key expires on its own.
  }

  async #count (script: Script, ...values: string[]): Promise<number> {
    // `QUEUED`, from a client that gathers commands, is not the 0 that stands for "not revoked".
    return wholeNumber(Number(String(await this.#run(script, values))))
  }
}

class RedisRemember implements RememberStore {
  readonly #run: RunScript

  constructor (run: RunScript) {
    this.#run = run
  }

  async create ({ series, userId, label }: Parameters<RememberStore['create']>[0], { idleMs, maxAgeMs }: Parameters<RememberStore['create']>[1]): Promise<void> {
    await this.#run(devices.CREATE, [encodeText(series), encodeText(userId), encodeText(label), number(idleMs), number(maxAgeMs)])
  }

  async rotate (series: string, generation: number, { graceMs, idleMs }: Parameters<RememberStore['rotate']>[2]): Promise<Rotation> {
    const answer = await this.#run(devices.ROTATE, [encodeText(series), number(generation), number(graceMs), number(idleMs)]) as Reply[]
    const [kind, user, label, count, isRollback] = answer.map(String) as [Rotation['kind'], string, string, string, string]
    if (kind === 'none') return { kind }
    const userId = decodeText(user)
    if (kind === 'replay') return { kind, userId, gap: Number(count) }
    return { kind, userId, label: decodeText(label), generation: Number(count), isRollback: isRollback === '1' }
  }

  async revoke (series: string): Promise<void> {
    await this.#run(devices.REVOKE, [encodeText(series)])
  }

  async revokeUser (userId: string, except?: string): Promise<number> {
    return Number(await this.#run(devices.REVOKE_USER, [encodeText(userId), ...optional(except)]))
  }

  async list (userId: string): Promise<RememberRecord[]> {
    const rows = await this.#run(devices.LIST, [encodeText(userId)]) as Reply[][]
    return rows.map((row) => {
      const [series, label, ...numbers] = row.map(String) as [string, string, ...string[]]
      const [generation, createdAt, lastUsedAt, idleUntil, expiresAt] = numbers.map(Number) as [number, number, number, number, number]
      return { series: decodeText(series), userId, label: decodeText(label), generation, createdAt, lastUsedAt, idleUntil, expiresAt }
    }).sort((a, b) => b.lastUsedAt - a.lastUsedAt)
  }
}

function valuesOf ({ sid, userId, label, createdAt, lastSeenAt, expiresAt, series = '' }: SessionRecord): string[] {
  return [encodeText(sid), encodeText(userId), encodeText(label), number(createdAt), number(lastSeenAt), number(expiresAt), encodeText(series)]
}

/** An argument that is a time or a count. A script that fails in its middle has done half of its work. */
function number (value: number): string {
  return String(wholeNumber(value))
}

/** An argument that a script finds missing when it is. */
function optional (text: string | undefined): string[] {
  return text === undefined ? [] : [encodeText(text)]
}
