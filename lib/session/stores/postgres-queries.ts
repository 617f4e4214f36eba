import { UNKNOWN_SERIES_MS } from '../unknown-series.ts'
import { STATEMENT_CLOCK, type PostgresNames } from './postgres-names.ts'

/** The statements of the methods that need no function. */
export interface PostgresQueries {
  readonly seen: string
  readonly list: string
  readonly count: string
  readonly purge: string
  readonly rememberCreate: string
  readonly rememberRevoke: string
  readonly rememberRevokeUser: string
  readonly rememberList: string
}

export function postgresQueries ({ sessions, denials, cutoffs, series, isRevoked }: PostgresNames): PostgresQueries {
  const live = `from ${sessions} where user_id = $1 and expires_at > ${STATEMENT_CLOCK} and not ${isRevoked}(sid, user_id, created_at, series)`
  // What another statement is about to change is left for the next time.
  const expired = (table: string, column: string): string => `delete from ${table} where ctid = any(array(
    select ctid from ${table} where ${column} <= ${STATEMENT_CLOCK} for update skip locked))`
  return {
    seen: `update ${sessions} set last_seen_at = $2 where sid = $1 and last_seen_at < $2`,
    list: `select sid, label, created_at, last_seen_at, expires_at, series ${live} order by created_at desc, sid desc`,
    count: `select count(*) as number ${live}`,
    purge: `with a as (${expired(sessions, 'expires_at')}), b as (${expired(denials, 'until')}), c as (${expired(cutoffs, 'until')})
      ${expired(series, 'kept_until')}`,
    rememberCreate: `insert into ${series}
      select $1, $2, $3, $4, n, n, n, least(n + $5, n + $6), n + $6, n + $6, null from (select ${STATEMENT_CLOCK} as n) as clock
      on conflict do nothing`,
    rememberRevoke: `insert into ${series} as s
      select $1, '', '', 0, n, n, n, n, n, n + ${UNKNOWN_SERIES_MS}, n from (select ${STATEMENT_CLOCK} as n) as clock
      on conflict (series) do update set ended_at = coalesce(s.ended_at, excluded.ended_at),
        kept_until = case when s.kept_until > excluded.ended_at then s.kept_until else excluded.kept_until end`,
    // Locked in one order, so that two calls do not wait for each other.
    rememberRevokeUser: `with found as (
        select series from ${series} where user_id = $1 and ended_at is null and series is distinct from $2 order by series for update
      ), ended as (
        update ${series} as s set ended_at = ${STATEMENT_CLOCK} from found where s.series = found.series
        returning s.idle_until > ${STATEMENT_CLOCK} and s.expires_at > ${STATEMENT_CLOCK} as was_live
      ) select count(*) filter (where was_live) as number from ended`,
    rememberList: `select series, label, generation, created_at, last_used_at, idle_until, expires_at from ${series}
      where user_id = $1 and ended_at is null and idle_until > ${STATEMENT_CLOCK} and expires_at > ${STATEMENT_CLOCK}
      order by last_used_at desc, series desc`
  }
}
