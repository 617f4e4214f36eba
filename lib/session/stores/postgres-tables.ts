import { CLOCK, type PostgresNames } from './postgres-names.ts'

/** Runs a function without looking for anything in schemas that others may write to. */
const PLPGSQL = 'language plpgsql set search_path = pg_catalog as'

/**
 * The tables of a store and its functions. Each function is one method of the interface: one statement for the client, so that nothing stays open
 * when the client is cut off. Times are milliseconds since the epoch. It may be run again.
 */
export function tablesSql (names: PostgresNames): string {
  const { sessions, denials, cutoffs, series, isRevoked, lock, end, admit, replace, revoke, revokeUser, rotate, index } = names
  return `\
create table if not exists ${sessions} (
  sid text primary key, user_id text not null, label text not null,
  created_at bigint not null, last_seen_at bigint not null, expires_at bigint not null, series text not null
);
create index if not exists ${index('sessions_user_id')} on ${sessions} (user_id);
create index if not exists ${index('sessions_expires_at')} on ${sessions} (expires_at);

-- Ids that are denied. One with a successor went on under that, one without was ended.
create table if not exists ${denials} (sid text primary key, until bigint not null, successor text);
create index if not exists ${index('denials_until')} on ${denials} (until);

-- Everything of a user that was issued up to "at" has ended, but for one session, for which only "floor" holds.
create table if not exists ${cutoffs} (
  user_id text primary key, at bigint not null, except_sid text, floor bigint not null, until bigint not null
);

-- Remembered devices. A row is kept until no session made from it can be alive.
create table if not exists ${series} (
  series text primary key, user_id text not null, label text not null, generation bigint not null,
  created_at bigint not null, rotated_at bigint not null, last_used_at bigint not null,
  idle_until bigint not null, expires_at bigint not null, kept_until bigint not null, ended_at bigint
);
create index if not exists ${index('series_user_id')} on ${series} (user_id);
create index if not exists ${index('series_kept_until')} on ${series} (kept_until);

create or replace function ${isRevoked}(a_sid text, a_user text, a_issued bigint, a_series text) returns boolean
language sql stable set search_path = pg_catalog as $$
  select exists (select from ${denials} where sid = a_sid and until > ${CLOCK})
    or exists (select from ${series} where series = a_series and ended_at is not null)
    or exists (
      select from ${cutoffs} where user_id = a_user and until > ${CLOCK}
        and a_issued <= case when except_sid = a_sid then floor else at end
    )
$$;

-- What concerns the sessions of one user happens one after the other. Every statement after it must see what the others did.
create or replace function ${lock}(a_user text) returns void ${PLPGSQL} $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'the session store needs the isolation level "read committed"';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('${sessions}' || a_user, 0));
end $$;

-- Denies sessions until their absolute end and takes them off the list. Gives how many were on it.
create or replace function ${end}(a_sids text[]) returns integer ${PLPGSQL} $$
declare
  ended integer;
begin
  insert into ${denials} as d (sid, until) select sid, expires_at from ${sessions} where sid = any(a_sids) order by sid
    on conflict (sid) do update set until = greatest(d.until, excluded.until), successor = null;
  delete from ${sessions} where sid = any(a_sids);
  get diagnostics ended = row_count;
  return ended;
end $$;

-- Gives the ids that were ended to make room, or null when the session was refused.
create or replace function ${admit}(
  a_sid text, a_user text, a_label text, a_created bigint, a_seen bigint, a_end bigint, a_series text, a_max integer, a_policy text
) returns text[] ${PLPGSQL} $$
declare
  others text[];
  evicted text[] := '{}';
begin
  perform ${lock}(a_user);
  update ${series} set kept_until = greatest(kept_until, a_end) where series = a_series;
  if ${isRevoked}(a_sid, a_user, a_created, a_series) then
    -- What its denial says of a successor stays.
    insert into ${denials} as d (sid, until) values (a_sid, a_end) on conflict (sid) do update set until = greatest(d.until, excluded.until);
    delete from ${sessions} where sid = a_sid;
    return evicted;
  end if;
  if a_max > 0 then
    others := array(
      select sid from ${sessions} where user_id = a_user and sid <> a_sid and expires_at > ${CLOCK}
        and not ${isRevoked}(sid, user_id, created_at, series)
      order by created_at desc, sid desc
    );
    if cardinality(others) >= a_max and a_policy = 'refuse' and not exists (select from ${sessions} where sid = a_sid) then
      return null;
    end if;
    evicted := others[a_max:];
    perform ${end}(evicted);
  end if;
  insert into ${sessions} values (a_sid, a_user, a_label, a_created, a_seen, a_end, a_series)
    on conflict (sid) do update set label = excluded.label, created_at = excluded.created_at, last_seen_at = excluded.last_seen_at,
      expires_at = excluded.expires_at, series = excluded.series;
  return evicted;
end $$;

create or replace function ${replace}(
  a_old text, a_sid text, a_user text, a_label text, a_created bigint, a_seen bigint, a_end bigint, a_series text
) returns void ${PLPGSQL} $$
declare
  now_ms bigint;
  is_denied boolean;
  is_repeated boolean;
  last text;
begin
  perform ${lock}(a_user);
  now_ms := ${CLOCK};
  update ${series} set kept_until = greatest(kept_until, a_end) where series = a_series;
  is_denied := exists (select from ${denials} where sid = a_sid and until > now_ms);
  is_repeated := is_denied or exists (select from ${sessions} where sid = a_sid);
  -- A logout that comes now waits for this row, and one that came before has left its own.
  insert into ${denials} as d (sid, until, successor)
    values (
      a_old, greatest(a_end, (select expires_at from ${sessions} where sid = a_old)), case when is_denied or a_old = a_sid then null else a_sid end
    )
    on conflict (sid) do update set until = greatest(d.until, excluded.until),
      successor = case when d.until > now_ms then d.successor else excluded.successor end
    returning successor into last;
  -- Whether the old id, or the last one that it went on under, has been ended.
  while last is not null loop
    select successor into last from ${denials} where sid = last and until > now_ms;
    exit when not found;
  end loop;
  if not found then
    last := a_sid;
  else
    update ${denials} set successor = null where sid = a_old;
  end if;
  delete from ${sessions} where sid = a_old;
  update ${cutoffs} set except_sid = a_sid where user_id = a_user and except_sid = a_old;
  if is_repeated then
    return;
  end if;
  if last is null or ${isRevoked}(a_sid, a_user, a_created, a_series) then
    insert into ${denials} values (a_sid, a_end) on conflict do nothing;
  else
    insert into ${sessions} values (a_sid, a_user, a_label, a_created, a_seen, a_end, a_series);
  end if;
end $$;

-- What an id goes on under is ended with it: a logout may have overtaken the request that replaced the id.
create or replace function ${revoke}(a_sid text, a_until bigint) returns void ${PLPGSQL} $$
declare
  sid_now text := a_sid;
  next text;
begin
  while sid_now is not null loop
    insert into ${denials} as d (sid, until) values (sid_now, a_until)
      on conflict (sid) do update set until = greatest(d.until, excluded.until)
      returning successor into next;
    update ${denials} set successor = null where sid = sid_now and successor is not null;
    perform ${end}(array[sid_now]);
    sid_now := next;
  end loop;
end $$;

create or replace function ${revokeUser}(a_user text, a_at bigint, a_until bigint, a_except text) returns integer ${PLPGSQL} $$
declare
  now_ms bigint;
  ended integer;
begin
  perform ${lock}(a_user);
  now_ms := ${CLOCK};
  ended := ${end}(array(
    select sid from ${sessions} where user_id = a_user and expires_at > now_ms and created_at <= a_at and sid is distinct from a_except
      and not ${isRevoked}(sid, user_id, created_at, series)
  ));
  delete from ${cutoffs} where user_id = a_user and until <= now_ms;
  insert into ${cutoffs} as c (user_id, at, except_sid, floor, until) values (a_user, a_at, a_except, -1, a_until)
    on conflict (user_id) do update set
      at = greatest(c.at, excluded.at),
      except_sid = case when excluded.at >= c.at then excluded.except_sid else c.except_sid end,
      floor = case when excluded.except_sid = c.except_sid then c.floor when excluded.at >= c.at then c.at else greatest(c.floor, excluded.at) end,
      until = greatest(c.until, excluded.until);
  return ended;
end $$;

create or replace function ${rotate}(
  a_series text, a_generation bigint, a_grace bigint, a_idle bigint,
  out o_kind text, out o_user text, out o_label text, out o_number bigint, out o_is_rollback boolean
) ${PLPGSQL} $$
declare
  now_ms bigint;
  s record;
begin
  select * into s from ${series} where series = a_series for update;
  now_ms := ${CLOCK};
  o_is_rollback := false;
  if not found or s.ended_at is not null or s.expires_at <= now_ms or s.idle_until <= now_ms then
    o_kind := 'none';
    return;
  end if;
  o_user := s.user_id;
  o_label := s.label;
  if s.generation <= a_generation then
    o_kind := 'ok';
    o_number := a_generation + 1;
    o_is_rollback := s.generation < a_generation;
    update ${series} set generation = o_number, rotated_at = now_ms, last_used_at = now_ms, idle_until = least(expires_at, now_ms + a_idle)
      where series = a_series;
  elsif s.generation = a_generation + 1 and now_ms - s.rotated_at <= a_grace then
    o_kind := 'ok';
    o_number := s.generation;
  else
    o_kind := 'replay';
    o_number := s.generation - a_generation;
    update ${series} set ended_at = now_ms where series = a_series;
  end if;
end $$;
`
}
