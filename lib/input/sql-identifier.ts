import { SecurityError } from '../errors.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/

/**
 * A function that gives the SQL for a name that a client asked for, such as the column in `ORDER BY`: no parameter can stand there.
 * `names`: the names that may be asked for; or an object from those to columns, which need not be told to anybody.
 *
 * The function throws `SecurityError` `BULWARK_ERR_INPUT_IDENTIFIER_REFUSED`, status 400, for any other name. Making it throws `RangeError`
 * for a column that is no plain name.
 */
export function sqlIdentifier<const Name extends string> (names: readonly Name[] | Readonly<Record<Name, string>>): (name: string) => string {
  const entries = Array.isArray(names) ? names.map((name: string) => [name, name] as const) : Object.entries(names as Record<string, string>)
  const columns = new Map(entries.map(([name, column]) => [name, quote(column)]))
  return (name) => {
    const column = columns.get(name)
    if (column === undefined) throw new SecurityError('BULWARK_ERR_INPUT_IDENTIFIER_REFUSED')
    return column
  }
}

function quote (column: string): string {
  if (!NAME.test(column)) throw new RangeError('sqlIdentifier: expected a column such as `created_at` or `users.name`, received a string of another form.')
  return column.split('.').map((part) => `"${part}"`).join('.')
}

/** A text for use in a pattern of `LIKE … ESCAPE '\'`: in it, `%` and `_` stand for themselves. */
export function likePattern (text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
