import { Type } from 'typebox'
import { SecurityError } from '../../errors.ts'
import { compileOptions, expectation, type OptionSchema } from '../../options.ts'
import { FIRST_GENERATION } from '../remember-token.ts'
import type { Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore } from '../store.ts'
import { postgresNames, type PostgresNames } from './postgres-names.ts'
import { postgresQueries, type PostgresQueries } from './postgres-queries.ts'
import { tablesSql } from './postgres-tables.ts'
import { decodeText, encodeText } from './stored-text.ts'
import { wholeNumber } from './whole-number.ts'

export type {
  Admission, RememberRecord, RememberStore, RevocationQuery, Rotation, SessionLimit, SessionRecord, SessionStore
} from '../store.ts'

/** What is used of a `Pool` of the package `pg`: whatever runs one statement with values. */
export interface PostgresPool {
  query (text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
}

/** Where the tables of a `postgresStore` are. */
export interface PostgresStoreOptions {
  /** The schema, which must exist: 1 to 40 small letters, digits and `_`. Default `public`. */
  readonly schema?: string
  /** What the names of tables and functions begin with: 1 to 40 small letters, digits and `_`. One for each application that shares a schema. Default `bulwark_`. */
  readonly prefix?: string
}

/** A store in PostgreSQL, which can create what it needs. */
export interface PostgresStore extends SessionStore {
  /** Creates the tables and functions that are missing, in one transaction. It may be called at every start, by many processes at once. */
  createTables (): Promise<void>
}

/** The names that hold when none are given. */
export const postgresStoreDefaults: Required<PostgresStoreOptions> = Object.freeze({ schema: 'public', prefix: 'bulwark_' })

const identifier = Type.Optional(Type.String({
  pattern: '^[a-z_][a-z0-9_]{0,39}$', expected: 'a string of 1 to 40 small letters, digits and `_`, which does not begin with a digit'
}))
const schema: OptionSchema = Type.Object({ schema: identifier, prefix: identifier }, { additionalProperties: false })
const check = compileOptions<PostgresStoreOptions>(schema, { unknown: 'BULWARK_ERR_SESSION_STORE_INVALID', invalid: 'BULWARK_ERR_SESSION_STORE_INVALID' })

/** The SQL that `createTables` runs, for those who keep their migrations elsewhere. */
export function postgresTables (options: PostgresStoreOptions = {}): string {
  return tablesSql(namesOf(options))
}

/**
 * A store in PostgreSQL 11 or later, over a `Pool` of the package `pg`. The pool is the application's: it makes it, listens to its errors and ends it.
 * Every method is one statement in the isolation level "read committed". Throws `SecurityError` with `BULWARK_ERR_SESSION_STORE_INVALID` for what
 * has no `query`, and for names that would have to be escaped.
 */
export function postgresStore (pool: PostgresPool, options: PostgresStoreOptions = {}): PostgresStore {
  if (typeof (pool as PostgresPool | undefined)?.query !== 'function') {
    throw new SecurityError('BULWARK_ERR_SESSION_STORE_INVALID', expectation('postgresStore(pool)', 'a pool of the package pg', pool))
  }
  return new Store(pool, namesOf(options))
}

function namesOf (options: PostgresStoreOptions): PostgresNames {
  const { schema, prefix } = { ...postgresStoreDefaults, ...check(options, 'postgresStore') }
  return postgresNames(schema, prefix)
}

type Row = Readonly<Record<string, unknown>>

class Store implements PostgresStore {
  readonly isDurable = true
  readonly remember: RememberStore
  readonly #pool: PostgresPool
  readonly #names: PostgresNames
  readonly #queries: PostgresQueries

  constructor (pool: PostgresPool, names: PostgresNames) {
    this.#pool = pool
    this.#names = names
    this.#queries = postgresQueries(names)
    this.remember = new Remember(pool, names, this.#queries)
  }

  async createTables (): Promise<void> {
    // Without values, several statements go at once and are one transaction. Two of `create … if not exists` at the same moment may fail.
    await this.#pool.query(`select pg_advisory_xact_lock(hashtextextended('${this.#names.sessions}', 1));\n${tablesSql(this.#names)}`)
  }

  async admit (record: SessionRecord, limit?: SessionLimit): Promise<Admission> {
    const { answer } = await one(this.#pool, `select ${this.#names.admit}($1, $2, $3, $4, $5, $6, $7, $8, $9) as answer`,
      [...valuesOf(record), limit?.max ?? 0, limit?.policy ?? ''])
    return answer === null ? { ok: false } : { ok: true, evicted: (answer as string[]).map(decodeText) }
  }

  async replace (oldSid: string, record: SessionRecord): Promise<void> {
    await this.#pool.query(`select ${this.#names.replace}($1, $2, $3, $4, $5, $6, $7, $8)`, [encodeText(oldSid), ...valuesOf(record)])
  }

  async seen (sid: string, at: number): Promise<void> {
    await this.#pool.query(this.#queries.seen, [encodeText(sid), wholeNumber(at)])
  }

  async isRevoked ({ sid, userId, issuedAt, series = '' }: RevocationQuery): Promise<boolean> {
    const values = [encodeText(sid), userId === undefined ? null : encodeText(userId), wholeNumber(issuedAt), encodeText(series)]
    return (await one(this.#pool, `select ${this.#names.isRevoked}($1, $2, $3, $4) as answer`, values))['answer'] as boolean
  }

  async revoke (sid: string, until: number): Promise<void> {
    await this.#pool.query(`select ${this.#names.revoke}($1, $2)`, [encodeText(sid), wholeNumber(until)])
  }

  async revokeUser (userId: string, { at, until, except }: { readonly at: number, readonly until: number, readonly except?: string }): Promise<number> {
    const values = [encodeText(userId), wholeNumber(at), wholeNumber(until), except === undefined ? null : encodeText(except)]
    return (await one(this.#pool, `select ${this.#names.revokeUser}($1, $2, $3, $4) as answer`, values))['answer'] as number
  }

  async list (userId: string): Promise<SessionRecord[]> {
    const { rows } = await this.#pool.query(this.#queries.list, [encodeText(userId)])
    return (rows as Row[]).map((row) => ({
      sid: text(row, 'sid'),
      userId,
      label: text(row, 'label'),
      createdAt: Number(row['created_at']),
      lastSeenAt: Number(row['last_seen_at']),
      expiresAt: Number(row['expires_at']),
      ...(row['series'] !== '' && { series: text(row, 'series') })
    }))
  }

  async count (userId: string): Promise<number> {
    return Number((await one(this.#pool, this.#queries.count, [encodeText(userId)]))['number'])
  }

  async purge (): Promise<void> {
    await this.#pool.query(this.#queries.purge)
  }
}

class Remember implements RememberStore {
  readonly #pool: PostgresPool
  readonly #names: PostgresNames
  readonly #queries: PostgresQueries

  constructor (pool: PostgresPool, names: PostgresNames, queries: PostgresQueries) {
    this.#pool = pool
    this.#names = names
    this.#queries = queries
  }

  async create ({ series, userId, label }: Parameters<RememberStore['create']>[0], { idleMs, maxAgeMs }: Parameters<RememberStore['create']>[1]): Promise<void> {
    await this.#pool.query(this.#queries.rememberCreate, [encodeText(series), encodeText(userId), encodeText(label), FIRST_GENERATION, wholeNumber(idleMs), wholeNumber(maxAgeMs)])
  }

  async rotate (series: string, generation: number, { graceMs, idleMs }: Parameters<RememberStore['rotate']>[2]): Promise<Rotation> {
    const row = await one(this.#pool, `select * from ${this.#names.rotate}($1, $2, $3, $4)`, [encodeText(series), wholeNumber(generation), wholeNumber(graceMs), wholeNumber(idleMs)])
    const kind = row['o_kind'] as Rotation['kind']
    if (kind === 'none') return { kind }
    const userId = text(row, 'o_user')
    const number = Number(row['o_number'])
    if (kind === 'replay') return { kind, userId, gap: number }
    return { kind, userId, label: text(row, 'o_label'), generation: number, isRollback: row['o_is_rollback'] as boolean }
  }

  async revoke (series: string): Promise<void> {
    await this.#pool.query(this.#queries.rememberRevoke, [encodeText(series)])
  }

  async revokeUser (userId: string, except?: string): Promise<number> {
    const values = [encodeText(userId), except === undefined ? null : encodeText(except)]
    return Number((await one(this.#pool, this.#queries.rememberRevokeUser, values))['number'])
  }

  async list (userId: string): Promise<RememberRecord[]> {
    const { rows } = await this.#pool.query(this.#queries.rememberList, [encodeText(userId)])
    return (rows as Row[]).map((row) => ({
      series: text(row, 'series'),
      userId,
      label: text(row, 'label'),
      generation: Number(row['generation']),
      createdAt: Number(row['created_at']),
      lastUsedAt: Number(row['last_used_at']),
      idleUntil: Number(row['idle_until']),
      expiresAt: Number(row['expires_at'])
    }))
  }
}

async function one (pool: PostgresPool, statement: string, values: unknown[]): Promise<Row> {
  return (await pool.query(statement, values)).rows[0] as Row
}

function text (row: Row, column: string): string {
  return decodeText(row[column] as string)
}

function valuesOf ({ sid, userId, label, createdAt, lastSeenAt, expiresAt, series = '' }: SessionRecord): unknown[] {
  return [encodeText(sid), encodeText(userId), encodeText(label), ...[createdAt, lastSeenAt, expiresAt].map(wholeNumber), encodeText(series)]
}
