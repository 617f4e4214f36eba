import { NEW, scriptOf as script, type Script } from './redis-script.ts'

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
