import { likePattern, sqlIdentifier } from 'fastify-bulwark/input'

/** The part of a client or pool of `pg` that is used. */
export interface Queries {
  query (statement: { text: string, values?: unknown[] } | string): Promise<{ rows: Array<{ id: number, name: string }> }>
}

/** Never like this. */
export const findUnsafe = async (db: Queries, name: string): Promise<unknown[]> =>
  (await db.query(`SELECT id, name FROM users WHERE name = '${name}'`)).rows

// #region postgres
export const find = async (db: Queries, name: string): Promise<unknown[]> =>
  (await db.query({ text: 'SELECT id, name FROM users WHERE name = $1', values: [name] })).rows

const column = sqlIdentifier({ name: 'name', newest: 'users.created_at' })

export const sorted = async (db: Queries, by: string): Promise<unknown[]> =>
  (await db.query(`SELECT id, name FROM users ORDER BY ${column(by)}`)).rows

export const search = async (db: Queries, text: string): Promise<unknown[]> =>
  (await db.query({ text: "SELECT id, name FROM users WHERE name LIKE $1 ESCAPE '\\'", values: [`%${likePattern(text)}%`] })).rows

/** A list of any length is one parameter, the empty one included. */
export const findAll = async (db: Queries, ids: readonly number[]): Promise<unknown[]> =>
  (await db.query({ text: 'SELECT id, name FROM users WHERE id = ANY($1) ORDER BY id', values: [ids] })).rows
// #endregion postgres
