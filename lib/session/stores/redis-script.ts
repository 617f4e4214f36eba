import { createHash } from 'node:crypto'

/** A Lua script and the name under which a server that has seen it knows it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

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

// A server whose memory is full refuses a script at its first command that could need more, and lets it go on after one that could not. So logouts,
// which delete first, are taken even then, and what would be new is refused as a whole by this, which writes nothing.
export const NEW: string = `
call('SETRANGE', P .. 'room', 0, '')
`

/** A script with what all scripts share in front of it. */
export function scriptOf (body: string): Script {
  const text = PRELUDE + body
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
