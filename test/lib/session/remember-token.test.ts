import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { KeyRing, generateKey } from '../../../lib/keys.ts'
import { mac } from '../../../lib/mac.ts'
import { FIRST_GENERATION, RememberTokens } from '../../../lib/session/remember-token.ts'
import { heapInUse } from '../../suite/heap.ts'

const masters = [generateKey(), generateKey(), generateKey()] as const
const keysOf = (...keys: string[]): readonly Buffer[] => new KeyRing(keys, 'keys', 'BULWARK_ERR_SESSION_STORE_INVALID').derive('remember')
const tokens = new RememberTokens(keysOf(masters[0], masters[1]))
const SERIES = randomBytes(16).toString('base64url')
const good = tokens.format({ series: SERIES, generation: 12 })

t.test('what was formatted is opened', async (t) => {
  t.match(good, /^v1\.[\w-]{6}\.[\w-]{22}\.12\.[\w-]{43}$/)
  t.same(tokens.open(good), { series: SERIES, generation: 12 })
  t.same(tokens.open(tokens.format({ series: SERIES, generation: FIRST_GENERATION })), { series: SERIES, generation: 0 })
})

t.test('the same token has the same text, so that two tabs get the same cookie', async (t) => {
  t.equal(tokens.format({ series: SERIES, generation: 12 }), good)
})

t.test('an old key still opens what it made, and a key that was taken out does not', async (t) => {
  const token = { series: SERIES, generation: 3 }
  const [first, second, third] = masters.map((key) => new RememberTokens(keysOf(key)).format(token))
  t.same(tokens.open(first!), token)
  t.same(tokens.open(second!), token)
  t.equal(tokens.open(third!), undefined)
})

t.test('a key of another purpose opens nothing', async (t) => {
  const ring = new KeyRing([masters[0]], 'keys', 'BULWARK_ERR_SESSION_STORE_INVALID')
  for (const purpose of ['session', 'csrf', 'flash']) t.equal(new RememberTokens(ring.derive(purpose)).open(good), undefined, purpose)
})

t.test('everything else is refused', async (t) => {
  const [version, kid, series, generation, signature] = good.split('.') as [string, string, string, string, string]
  const other = randomBytes(16).toString('base64url')
  const [key] = keysOf(masters[0]) as [Buffer]
  const signed = (kid: string, series: string, generation: string): string =>
    ['v1', kid, series, generation, mac(key, ['v1', kid, series, generation]).toString('base64url')].join('.')
  const secondKid = new RememberTokens(keysOf(masters[1])).format({ series, generation: 1 }).split('.')[1]!
  t.ok(tokens.open(signed(kid, series, generation)), 'the test signs as the application does')
  const cases: [title: string, value: string][] = [
    ['nothing', ''],
    ['another version', ['v2', kid, series, generation, signature].join('.')],
    ['another series', [version, kid, other, generation, signature].join('.')],
    ['a later generation', [version, kid, series, '13', signature].join('.')],
    ['an earlier generation', [version, kid, series, '11', signature].join('.')],
    ['another name of the key', [version, secondKid, series, generation, signature].join('.')],
    ['another name of the key, signed', signed(secondKid, series, generation)],
    ['a MAC that is cut', good.slice(0, -1)],
    ['a MAC that is longer', `${good}A`],
    ['no MAC', [version, kid, series, generation, ''].join('.')],
    ['a part too many', `${good}.`],
    ['leading space', ` ${good}`],
    ['a line after it', `${good}\n`],
    ['padding', `${good}=`],
    ['leading zeros', signed(kid, series, '012')],
    ['a negative generation', signed(kid, series, '-1')],
    ['a generation in another notation', signed(kid, series, '1e3')],
    ['a generation that no number holds', signed(kid, series, '9'.repeat(16))],
    ['a series of 15 bytes', signed(kid, series.slice(0, 20), generation)],
    ['a series that is not canonical', signed(kid, series.slice(0, -1) + (series.endsWith('A') ? 'B' : `${String.fromCharCode(series.charCodeAt(21) + 1)}`), generation)],
    ['a MAC that is not canonical', good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1)],
    ['a very long value', `v1.${'a'.repeat(100_000)}`]
  ]
  for (const [title, value] of cases) t.equal(tokens.open(value), undefined, title)
})

t.test('property: a token comes back, and with one character changed it does not', async () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(), fc.nat(), fc.constantFrom(...'AZaz09-_.=% '), (bytes, generation, position, character) => {
    const series = Buffer.from(bytes).toString('base64url')
    const value = tokens.format({ series, generation })
    const index = position % value.length
    const changed = value.slice(0, index) + character + value.slice(index + 1)
    const opened = tokens.open(value)
    return opened?.series === series && opened.generation === generation && (changed === value || tokens.open(changed) === undefined)
  }), { numRuns: 2000 })
})

t.test('a token is exchanged for one session, of 128 bits, that says nothing of the token', async (t) => {
  const [one, other] = [new RememberTokens([Buffer.alloc(32, 1)]), new RememberTokens([Buffer.alloc(32, 2)])]
  const series = 'AAAAAAAAAAAAAAAAAAAAAA'
  const ids = [one.sessionId({ series, generation: 1 }), one.sessionId({ series, generation: 2 }), one.sessionId({ series: 'AAAAAAAAAAAAAAAAAAAAAQ', generation: 1 }), other.sessionId({ series, generation: 1 })]
  t.equal(one.sessionId({ series, generation: 1 }), ids[0])
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) t.match(id, /^[\w-]{22}$/)
})

t.test('the series of a token does not keep the whole header alive that it came in', async (t) => {
  const before = await heapInUse()
  const kept = Array.from({ length: 1000 }, () => tokens.open(Buffer.from(`${good}; other=${'x'.repeat(20_000)}`).toString().slice(0, good.length)))
  t.ok(kept.every((token) => token?.series === SERIES))
  t.ok(await heapInUse() - before < 5_000_000, 'twenty megabytes of headers are gone')
})
