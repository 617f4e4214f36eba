import { likePattern, sqlIdentifier } from 'fastify-bulwark/input'

/** A database with parameters in the place of `?`, such as SQLite. */
export interface Database {
  all (sql: string, values?: unknown[]): unknown[]
}

// #region injection
/** Never like this: what is in `name` becomes a part of the statement. */
export const findUnsafe = (database: Database, name: string): unknown[] =>
  database.all(`SELECT id, name FROM users WHERE name = '${name}'`)

/** The value goes beside the statement, and stays a value. */
export const find = (database: Database, name: string): unknown[] =>
  database.all('SELECT id, name FROM users WHERE name = ?', [name])
// #endregion injection

// #region identifier
const column = sqlIdentifier({ name: 'name', newest: 'created_at' })
const direction = sqlDirection()

/** A column cannot be a parameter: it comes from a list. */
export const sorted = (database: Database, by: string, order: string): unknown[] =>
  database.all(`SELECT id, name FROM users ORDER BY ${column(by)} ${direction(order)}`)

function sqlDirection (): (order: string) => 'ASC' | 'DESC' {
  return (order) => order === 'desc' ? 'DESC' : 'ASC'
}
// #endregion identifier

// #region like
/** `%` and `_` that were typed stand for themselves. */
export const search = (database: Database, text: string): unknown[] =>
  database.all("SELECT id, name FROM users WHERE name LIKE ? ESCAPE '\\'", [`%${likePattern(text)}%`])
// #endregion like

// #region list
/** As many placeholders as there are values: their number is ours, the values are not. */
export const findAll = (database: Database, ids: readonly number[]): unknown[] =>
  ids.length === 0 ? [] : database.all(`SELECT id, name FROM users WHERE id IN (${ids.map(() => '?').join(', ')})`, [...ids])
// #endregion list
