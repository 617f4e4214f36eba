/** The names of the tables and functions of a store, each with its schema and quoted. */
export interface PostgresNames {
  readonly sessions: string
  readonly denials: string
  readonly cutoffs: string
  readonly series: string
  readonly isRevoked: string
  readonly lock: string
  readonly end: string
  readonly admit: string
  readonly replace: string
  readonly revoke: string
  readonly revokeUser: string
  readonly rotate: string
  /** The same for an index, which has no schema of its own. */
  index (name: string): string
}

/** `schema` and `prefix` have been checked: they hold nothing that would have to be escaped. */
export function postgresNames (schema: string, prefix: string): PostgresNames {
  const name = (stem: string): string => `"${schema}"."${prefix}${stem}"`
  return {
    sessions: name('sessions'),
    denials: name('denials'),
    cutoffs: name('cutoffs'),
    series: name('series'),
    isRevoked: name('is_revoked'),
    lock: name('lock'),
    end: name('end'),
    admit: name('admit'),
    replace: name('replace'),
    revoke: name('revoke'),
    revokeUser: name('revoke_user'),
    rotate: name('rotate'),
    index: (stem) => `"${prefix}${stem}"`
  }
}

/** The clock of the server, milliseconds since the epoch, in the middle of a statement that may have waited. */
export const CLOCK = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

/** The time at which a statement began. */
export const STATEMENT_CLOCK = '(extract(epoch from statement_timestamp()) * 1000)::bigint'
