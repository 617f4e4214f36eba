import { FIRST_GENERATION } from '../remember-token.ts'
import { UNKNOWN_SERIES_MS } from '../unknown-series.ts'
import { scriptOf, type Script } from './redis-client.ts'

// Keys, all behind KEYS[1], which holds the hash tag, so that they are in one slot of a cluster:
//   s:<sid>      hash    a session: u(ser) l(abel) c(reated) t(last seen) e(nd) r(series)
//   u:<user>     zset    its sessions, by their end
//   d:<sid>      string  a denied id: the id that it goes on under, or nothing
//   c:<user>     hash    the cut-off: at, except, floor
//   r:<series>   hash    a remembered device: u l c e, g(eneration) o(rotated) t(last used) i(dle end), x when it was ended
//   v:<user>     zset    its devices, by the time until which they are kept
// Every key expires. Numbers go to Redis through `int`: Lua itself would write 1.7e+12.

const PRELUDE = `
local P = KEYS[1]
local call, int = redis.call, function (number) return string.format('%.0f', number) end
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Until when a key lives, 0 when it does not.
local function kept (key)
  local left = call('PTTL', key)
  return left < 0 and 0 or now + left
end

-- Lets a key live until a time, or longer if it already does.
local function keep (key, till)
  if till > kept(key) then call('PEXPIREAT', key, int(till)) end
end

local function fields (key, ...)
  return call('HMGET', key, ...)
end

-- Denies an id. What was denied for longer stays so.
local function deny (sid, till, successor)
  local key = P .. 'd:' .. sid
  local last = math.max(kept(key), till)
  if last <= now then return end
  call('SET', key, successor)
  call('PEXPIREAT', key, int(last))
end

local function unlist (sid)
  local user = call('HGET', P .. 's:' .. sid, 'u')
  if user then call('ZREM', P .. 'u:' .. user, sid) end
  call('DEL', P .. 's:' .. sid)
end

local function endSession (sid, till)
  unlist(sid)
  deny(sid, till, '')
end

local function isSeriesDenied (series)
  return series ~= '' and call('HEXISTS', P .. 'r:' .. series, 'x') == 1
end

local function isCutOff (user, sid, issued)
  local c = fields(P .. 'c:' .. user, 'at', 'except', 'floor')
  if not c[1] then return false end
  return issued <= tonumber((c[2] and c[2] == sid) and c[3] or c[1])
end

local function isRevoked (sid, user, issued, series)
  return call('EXISTS', P .. 'd:' .. sid) == 1 or isSeriesDenied(series) or isCutOff(user, sid, issued)
end

-- The live sessions of a user: sid, label, created, last seen, end, series. The latest login comes first.
local function live (user)
  local index = P .. 'u:' .. user
  call('ZREMRANGEBYSCORE', index, '-inf', int(now))
  local found = {}
  for _, sid in ipairs(call('ZRANGE', index, 0, -1)) do
    local s = fields(P .. 's:' .. sid, 'l', 'c', 't', 'e', 'r')
    if not s[1] then call('ZREM', index, sid)
    elseif not isRevoked(sid, user, tonumber(s[2]), s[5]) then found[#found + 1] = { sid, s[1], s[2], s[3], s[4], s[5] } end
  end
  table.sort(found, function (a, b)
    if a[3] == b[3] then return a[1] > b[1] end
    return tonumber(a[3]) > tonumber(b[3])
  end)
  return found
end

-- A session made from a series lives until a time: as long must be known whether the series is denied.
local function keepSeries (series, till)
  local key = P .. 'r:' .. series
  if series == '' or call('EXISTS', key) == 0 then return end
  keep(key, till)
  local index = P .. 'v:' .. call('HGET', key, 'u')
  if call('ZSCORE', index, series) then call('ZADD', index, int(kept(key)), series) end
  keep(index, till)
end

local function enlist (sid, user, label, created, seen, till, series)
  if till <= now then return end
  call('HSET', P .. 's:' .. sid, 'u', user, 'l', label, 'c', created, 't', seen, 'e', int(till), 'r', series)
  call('PEXPIREAT', P .. 's:' .. sid, int(till))
  call('ZADD', P .. 'u:' .. user, int(till), sid)
  keep(P .. 'u:' .. user, till)
end
`

const REMEMBER = `
local function isLive (device)
  return device[1] and not device[2] and now < tonumber(device[3]) and now < tonumber(device[4])
end

local function endSeries (series, user)
  call('HSET', P .. 'r:' .. series, 'x', int(now))
  call('ZREM', P .. 'v:' .. user, series)
end
`

// A server whose memory is full refuses a script at its first command that could need more, and lets it go on after one that could not. So logouts,
// which delete first, are taken even then, and what would be new is refused as a whole by this, which writes nothing.
const NEW = `
call('SETRANGE', P .. 'room', 0, '')
`

const script = (body: string): Script => scriptOf(PRELUDE + body)
const rememberScript = (body: string): Script => scriptOf(PRELUDE + REMEMBER + body)

/** ARGV: sid, user, label, created, last seen, end, series, max or 0, policy. Gives 1 and the evicted ids, or 0. */
export const ADMIT: Script = script(`${NEW}
local sid, user, created, till, series, max = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])
keepSeries(series, till)
if call('EXISTS', P .. 'd:' .. sid) == 1 then return { 1 } end
if isRevoked(sid, user, tonumber(created), series) then
  endSession(sid, till)
  return { 1 }
end
local evicted = { 1 }
if max > 0 then
  local others = {}
  for _, other in ipairs(live(user)) do if other[1] ~= sid then others[#others + 1] = other end end
  if #others >= max and ARGV[9] == 'refuse' and call('EXISTS', P .. 's:' .. sid) == 0 then return { 0 } end
  for index = max, #others do
    endSession(others[index][1], tonumber(others[index][5]))
    evicted[#evicted + 1] = others[index][1]
  end
end
enlist(sid, user, ARGV[3], created, ARGV[5], till, series)
return evicted
`)

/** ARGV: old sid, sid, user, label, created, last seen, end, series. */
export const REPLACE: Script = script(`
local old, sid, user, created, till, series = ARGV[1], ARGV[2], ARGV[3], ARGV[5], tonumber(ARGV[7]), ARGV[8]
keepSeries(series, till)
local isDenied = call('EXISTS', P .. 'd:' .. sid) == 1
local isRepeated = isDenied or call('EXISTS', P .. 's:' .. sid) == 1
local first = call('GET', P .. 'd:' .. old)
-- Whether the old id, or the last one that it went on under, has been ended.
local last = first
while last and last ~= '' do last = call('GET', P .. 'd:' .. last) end
local hasEnded = last == ''
local oldEnd = tonumber(call('HGET', P .. 's:' .. old, 'e') or 0)
unlist(old)
-- A chain of ids leads from one that is denied to one that is not, and so never back to where it began.
deny(old, math.max(oldEnd, till), hasEnded and '' or first or (isDenied or old == sid) and '' or sid)
if call('HGET', P .. 'c:' .. user, 'except') == old then call('HSET', P .. 'c:' .. user, 'except', sid) end
if isRepeated then return end
if hasEnded or isRevoked(sid, user, tonumber(created), series) then endSession(sid, till)
else enlist(sid, user, ARGV[4], created, ARGV[6], till, series) end
`)

/** ARGV: sid, time. */
export const SEEN: Script = script(`
local seen = call('HGET', P .. 's:' .. ARGV[1], 't')
if seen and tonumber(seen) < tonumber(ARGV[2]) then call('HSET', P .. 's:' .. ARGV[1], 't', ARGV[2]) end
`)

/** ARGV: sid, issued, series, and the user if there is one. Gives 1 or 0. */
export const IS_REVOKED: Script = script(`
local sid, issued, series, user = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if call('EXISTS', P .. 'd:' .. sid) == 1 or isSeriesDenied(series) then return 1 end
return user and isCutOff(user, sid, issued) and 1 or 0
`)

/** ARGV: sid, until. What it goes on under is ended with it: a logout may have overtaken the request that replaced the id. */
export const REVOKE: Script = script(`
local sid, till = ARGV[1], tonumber(ARGV[2])
while sid and sid ~= '' do
  local successor = call('GET', P .. 'd:' .. sid)
  endSession(sid, math.max(till, tonumber(call('HGET', P .. 's:' .. sid, 'e') or 0)))
  sid = successor
end
`)

/** ARGV: user, at, until, and the exempted sid if there is one. Gives the number of sessions ended. See nextCutOff in lib/session/cut-off.ts. */
export const REVOKE_USER: Script = script(`
local user, at, till, except = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local ended = 0
for _, session in ipairs(live(user)) do
  if tonumber(session[3]) <= at and session[1] ~= except then
    endSession(session[1], tonumber(session[5]))
    ended = ended + 1
  end
end
local key = P .. 'c:' .. user
local known = fields(key, 'at', 'except', 'floor')
local floor = -1
if known[1] then
  local knownAt, knownFloor = tonumber(known[1]), tonumber(known[3])
  if except and except == known[2] then at, floor = math.max(knownAt, at), knownFloor
  elseif at >= knownAt then floor = knownAt
  else at, except, floor = knownAt, known[2], math.max(knownFloor, at) end
end
local last = math.max(kept(key), till)
call('DEL', key)
call('HSET', key, 'at', int(at), 'floor', int(floor))
if except then call('HSET', key, 'except', except) end
call('PEXPIREAT', key, int(last))
return ended
`)

/** ARGV: user. Gives the live sessions. */
export const LIST: Script = script('return live(ARGV[1])')

/** ARGV: user. Gives their number. */
export const COUNT: Script = script('return #live(ARGV[1])')

/** ARGV: series, user, label, idle ms, max age ms. */
export const REMEMBER_CREATE: Script = rememberScript(`${NEW}
local key, user = P .. 'r:' .. ARGV[1], ARGV[2]
if call('EXISTS', key) == 1 then return end
local till = now + tonumber(ARGV[5])
call('HSET', key, 'u', user, 'l', ARGV[3], 'g', '${FIRST_GENERATION}', 'o', int(now), 'c', int(now), 't', int(now),
  'i', int(math.min(till, now + tonumber(ARGV[4]))), 'e', int(till))
call('PEXPIREAT', key, int(till))
call('ZREMRANGEBYSCORE', P .. 'v:' .. user, '-inf', int(now))
call('ZADD', P .. 'v:' .. user, int(till), ARGV[1])
keep(P .. 'v:' .. user, till)
`)

/** ARGV: series, generation, grace ms, idle ms. Gives the kind, the user, the label, a number (generation or gap), and 1 for a rollback. */
export const REMEMBER_ROTATE: Script = rememberScript(`
local key, presented = P .. 'r:' .. ARGV[1], tonumber(ARGV[2])
local r = fields(key, 'u', 'l', 'g', 'o', 'i', 'e', 'x')
if not isLive({ r[1], r[7], r[5], r[6] }) then return { 'none' } end
local gap = tonumber(r[3]) - presented
if gap <= 0 then
  call('HSET', key, 'g', int(presented + 1), 'o', int(now), 't', int(now), 'i', int(math.min(tonumber(r[6]), now + tonumber(ARGV[4]))))
  return { 'ok', r[1], r[2], int(presented + 1), gap < 0 and 1 or 0 }
end
if gap == 1 and now - tonumber(r[4]) <= tonumber(ARGV[3]) then return { 'ok', r[1], r[2], r[3], 0 } end
endSeries(ARGV[1], r[1])
return { 'replay', r[1], r[2], int(gap), 0 }
`)

/** ARGV: series. */
export const REMEMBER_REVOKE: Script = rememberScript(`
local key = P .. 'r:' .. ARGV[1]
local user = call('HGET', key, 'u')
if user then endSeries(ARGV[1], user)
else
  call('HSET', key, 'u', '', 'x', int(now))
  call('PEXPIREAT', key, int(now + ${UNKNOWN_SERIES_MS}))
end
`)

/** ARGV: user, and the exempted series if there is one. Gives the number of live series ended. */
export const REMEMBER_REVOKE_USER: Script = rememberScript(`
local index, ended = P .. 'v:' .. ARGV[1], 0
for _, series in ipairs(call('ZRANGE', index, 0, -1)) do
  if series ~= ARGV[2] then
    local r = fields(P .. 'r:' .. series, 'u', 'x', 'i', 'e')
    if isLive(r) then ended = ended + 1 end
    if r[1] then endSeries(series, ARGV[1]) end
  end
end
return ended
`)

/** ARGV: user. Gives the live devices. */
export const REMEMBER_LIST: Script = rememberScript(`
local index, found = P .. 'v:' .. ARGV[1], {}
call('ZREMRANGEBYSCORE', index, '-inf', int(now))
for _, series in ipairs(call('ZRANGE', index, 0, -1)) do
  local r = fields(P .. 'r:' .. series, 'l', 'g', 'c', 't', 'i', 'e', 'x')
  if isLive({ r[1], r[7], r[5], r[6] }) then found[#found + 1] = { series, r[1], r[2], r[3], r[4], r[5], r[6] } end
end
return found
`)
