import { FIRST_GENERATION } from '../remember-token.ts'
import { UNKNOWN_SERIES_MS } from '../unknown-series.ts'
import { NEW, scriptOf, type Script } from './redis-script.ts'

const REMEMBER = `
local function isLive (device)
  return device[1] and not device[2] and now < tonumber(device[3]) and now < tonumber(device[4])
end

-- The index comes first: a server whose memory is full goes on after a command that needs none (redis-script.ts).
local function endSeries (series, user)
  call('ZREM', P .. 'v:' .. user, series)
  call('HSET', P .. 'r:' .. series, 'x', int(now))
end
`

const script = (body: string): Script => scriptOf(REMEMBER + body)

/** ARGV: series, user, label, idle ms, max age ms. */
export const CREATE: Script = script(`${NEW}
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
export const ROTATE: Script = script(`
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
export const REVOKE: Script = script(`
local key = P .. 'r:' .. ARGV[1]
local user = call('HGET', key, 'u')
endSeries(ARGV[1], user or '')
if not user then
  call('HSET', key, 'u', '')
  call('PEXPIREAT', key, int(now + ${UNKNOWN_SERIES_MS}))
end
`)

/** ARGV: user, and the exempted series if there is one. Gives the number of live series ended. */
export const REVOKE_USER: Script = script(`
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
export const LIST: Script = script(`
local index, found = P .. 'v:' .. ARGV[1], {}
call('ZREMRANGEBYSCORE', index, '-inf', int(now))
for _, series in ipairs(call('ZRANGE', index, 0, -1)) do
  local r = fields(P .. 'r:' .. series, 'l', 'g', 'c', 't', 'i', 'e', 'x')
  if isLive({ r[1], r[7], r[5], r[6] }) then found[#found + 1] = { series, r[1], r[2], r[3], r[4], r[5], r[6] } end
end
return found
`)
