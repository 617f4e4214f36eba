import t from 'tap'
import { endingOf, limitsOf, mintSid, queryOf, readEnvelope, recordOf, type Envelope } from '../../../lib/session/envelope.ts'

const NOW = 1_700_000_000_000
const envelope: Envelope = { v: 1, sid: 'A'.repeat(22), iat: NOW, seen: NOW, uid: undefined, fresh: false, d: {} }

t.test('ASVS 7.2.3: an id is 16 bytes of the system\'s generator', async (t) => {
  const sids = Array.from({ length: 1000 }, mintSid)
  t.equal(new Set(sids).size, 1000)
  t.ok(sids.every((sid) => Buffer.from(sid, 'base64url').length === 16 && sid.length === 22))
})

t.test('an envelope is read, anything else is none', async (t) => {
  t.same(readEnvelope(envelope), envelope)
  t.same(readEnvelope({ ...envelope, auth: NOW, uid: '42', label: 'a', rid: 'b', fresh: true, d: { a: 1 } })?.uid, '42')
  const wrong: Array<readonly [what: string, payload: unknown]> = [
    ['nothing', undefined], ['null', null], ['text', 'a'], ['a list', []], ['an empty object', {}],
    ...(Object.entries({ v: [0, 2, '1', undefined], sid: ['', 'A', 'A'.repeat(23), 'A'.repeat(21) + '!', 1, null], iat: ['1', -1, 1.5, NaN, null, undefined], seen: ['1', -1, null, undefined], auth: ['1', -1, null], uid: ['', 1, null, {}], label: ['', 1], rid: ['', 1], fresh: [1, 'true', undefined], d: [null, [], 'a', 1, undefined] })
      .flatMap(([key, values]) => values.map((value) => [`${key} that is ${JSON.stringify(value)}`, { ...envelope, [key]: value }] as const)))
  ]
  for (const [what, payload] of wrong) t.equal(readEnvelope(payload), undefined, what)
})

t.test('ASVS 7.3.1, 7.3.2: limits', async (t) => {
  const limits = limitsOf(1800, 43_200)
  const cases: Array<readonly [what: string, iat: number, seen: number, expected: string | undefined]> = [
    ['new', 0, 0, undefined],
    ['used a while ago', -3600, -1799, undefined],
    ['idle to the second', -3600, -1800, 'idle'],
    ['old and used', -43_199, 0, undefined],
    ['absolute to the second, although used', -43_200, 0, 'absolute'],
    ['both: the absolute one is told', -50_000, -50_000, 'absolute'],
    ['a little in the future', 59, 59, undefined],
    ['begun in the future', 61, 0, 'future'],
    ['used in the future', 0, 61, 'future']
  ]
  for (const [what, iat, seen, expected] of cases) t.equal(endingOf({ ...envelope, iat: NOW + iat * 1000, seen: NOW + seen * 1000 }, NOW, limits), expected, what)
})

t.test('a use is noted once in a tenth of the idle limit, never so late that the limit passes', async (t) => {
  const cases: Array<readonly [idle: number, refresh: number]> = [[1800, 180], [36_000, 3600], [600, 60], [300, 60], [120, 60], [100, 50], [60, 30]]
  for (const [idle, refresh] of cases) t.equal(limitsOf(idle, 43_200).refresh, refresh * 1000, `${idle}`)
})

t.test('what a store is asked and told', async (t) => {
  t.same(queryOf(envelope), { sid: envelope.sid, issuedAt: NOW })
  t.same(queryOf({ ...envelope, uid: '42', rid: 'r' }), { sid: envelope.sid, issuedAt: NOW, userId: '42', series: 'r' })
  const limits = limitsOf(60, 120)
  t.same(recordOf({ ...envelope, seen: NOW + 1 }, '42', limits), { sid: envelope.sid, userId: '42', label: '', createdAt: NOW, lastSeenAt: NOW + 1, expiresAt: NOW + 120_000 })
  t.same(recordOf({ ...envelope, label: 'a', rid: 'r' }, '42', limits), { sid: envelope.sid, userId: '42', label: 'a', createdAt: NOW, lastSeenAt: NOW, expiresAt: NOW + 120_000, series: 'r' })
})

t.test('nobody is signed in by what somebody put into Object.prototype', async (t) => {
  const { uid: _, ...anonymous } = envelope
  Reflect.set(Object.prototype, 'uid', 'admin')
  const opened = readEnvelope(anonymous)
  const query = queryOf(opened!)
  Reflect.deleteProperty(Object.prototype, 'uid')
  t.ok(Object.hasOwn(opened!, 'uid'))
  t.equal(opened!.uid, undefined)
  t.same(query, { sid: envelope.sid, issuedAt: envelope.iat })
})
