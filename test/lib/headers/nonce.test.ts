import { randomBytes } from 'node:crypto'
import t from 'tap'
import { ERRORS } from '../../../lib/errors.ts'
import { guardedNonces, pooledNonces, ReplyNonces } from '../../../lib/headers/nonce.ts'

const WEAK = { code: 'BULWARK_ERR_HEADERS_NONCE_WEAK', statusCode: 500 }
const LATE = { code: 'BULWARK_ERR_HEADERS_NONCE_LATE', statusCode: 500 }

t.test('1,000,000 nonces are distinct, 22 characters of base64url, 128 bit', async (t) => {
  const next = pooledNonces()
  const seen = new Set<string>()
  let malformed = 0
  const ones = new Array<number>(128).fill(0)
  for (let count = 0; count < 1_000_000; count++) {
    const nonce = next()
    seen.add(nonce)
    if (!/^[A-Za-z0-9_-]{22}$/.test(nonce)) malformed++
    if (count % 100 !== 0) continue
    const bytes = Buffer.from(nonce, 'base64url')
    if (bytes.length !== 16 || bytes.toString('base64url') !== nonce) malformed++
    for (let bit = 0; bit < 128; bit++) ones[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1
  }
  t.equal(seen.size, 1_000_000)
  t.equal(malformed, 0)
  // 10,000 tosses of a coin: beyond 7 standard deviations (50 each) once in 10^11.
  t.same(ones.filter((count) => Math.abs(count - 5000) > 350), [], 'every one of the 128 bits is a coin')
})

t.test('two generators share nothing', async (t) => {
  const [one, other] = [pooledNonces(), pooledNonces()]
  const seen = new Set(Array.from({ length: 1000 }, () => [one(), other()]).flat())
  t.equal(seen.size, 2000)
})

function counting (from: (count: number) => unknown): () => string {
  let count = 0
  return () => from(count++) as string
}

const admitted: Array<[what: string, generate: () => string]> = [
  ['16 bytes in base64url', () => randomBytes(16).toString('base64url')],
  ['16 bytes in base64', () => randomBytes(16).toString('base64')],
  ['17 bytes in base64, one sign of padding', () => randomBytes(17).toString('base64')],
  ['16 bytes in hexadecimal', () => randomBytes(16).toString('hex')],
  ['256 characters', () => randomBytes(192).toString('base64url')],
  ['the generator of the suite itself', pooledNonces()]
]

for (const [what, generate] of admitted) {
  t.test(`a generator of one's own is admitted: ${what}`, async (t) => {
    const next = guardedNonces(generate)
    t.not(next(), next())
  })
}

const refused: Array<[what: string, generate: () => string]> = [
  ['an empty text', () => ''],
  ['fewer than 22 characters', counting((count) => `${'a'.repeat(20)}${count % 10}`)],
  ['22 characters of which two are padding', counting((count) => `${'a'.repeat(19)}${count % 10}==`)],
  ['more than 256 characters', counting((count) => `${'a'.repeat(256)}${count % 10}`)],
  ['the same text every time', () => 'a'.repeat(22)],
  ['a number', counting((count) => 1e21 + count)],
  ['nothing', counting(() => undefined)],
  ['null', counting(() => null)],
  ['a promise', counting((count) => Promise.resolve(`${'a'.repeat(22)}${count}`))],
  ['a buffer', counting(() => randomBytes(16))],
  ['a String object', counting((count) => Object(`${'a'.repeat(22)}${count}`))],
  ['an object that prints another text each time', counting(() => ({ toString: pooledNonces() }))],
  ...['\r\nset-cookie: a=b', '\n', '\0', ' ', ';', ',', "'", '"', '<', '>', '=a', '===', '\u00e9', '\u2028', '%'].map((end): [string, () => string] =>
    [`a text that ends in ${encodeURIComponent(end)}`, counting((count) => `${'a'.repeat(22)}${count}${end}`)])
]

for (const [what, generate] of refused) {
  t.test(`a generator is refused at start: ${what}`, async (t) => {
    t.throws(() => guardedNonces(generate), WEAK)
  })
}

t.test('what a generator throws at start is told as it is', async (t) => {
  t.throws(() => guardedNonces(() => { throw new TypeError('no entropy') }), { name: 'TypeError', message: 'no entropy' })
})

t.test('a generator that goes wrong later is caught then, and never reaches a header', async (t) => {
  const next = guardedNonces(counting((count) => count < 3 ? `${'a'.repeat(22)}${count}` : 'short'))
  t.equal(next(), `${'a'.repeat(22)}2`)
  t.throws(next, WEAK)
  const sticky = guardedNonces(counting((count) => `${'a'.repeat(22)}${Math.min(count, 3)}`))
  t.equal(sticky(), `${'a'.repeat(22)}2`)
  t.equal(sticky(), `${'a'.repeat(22)}3`)
  t.throws(sticky, WEAK, 'it repeats itself')
})

t.test('an error about a nonce does not hold it', async (t) => {
  t.throws(() => guardedNonces(() => 'SECRET'), { message: ERRORS.BULWARK_ERR_HEADERS_NONCE_WEAK.summary })
})

t.test('the nonces of a reply are made when they are first read, once', async (t) => {
  let made = 0
  const nonces = new ReplyNonces(() => `nonce ${++made}`, false)
  t.equal(nonces.use, 0)
  t.equal(made, 0)
  t.equal(nonces.script, 'nonce 1')
  t.equal(nonces.script, 'nonce 1')
  t.equal(nonces.style, 'nonce 1', 'styles share it')
  t.equal(nonces.use, 3)
  t.equal(made, 1)
})

t.test('the style nonce read first is the shared one', async (t) => {
  const nonces = new ReplyNonces(pooledNonces(), false)
  t.equal(nonces.style, nonces.script)
  t.equal(nonces.use, 3)
})

t.test('separate nonces are two, and use tells which was read', async (t) => {
  const none = new ReplyNonces(pooledNonces(), true)
  t.equal(none.use, 0)
  const script = new ReplyNonces(pooledNonces(), true)
  t.equal(script.script, script.script)
  t.equal(script.use, 1)
  const style = new ReplyNonces(pooledNonces(), true)
  t.equal(style.style, style.style)
  t.equal(style.use, 2)
  t.not(style.script, style.style)
  t.equal(style.use, 3)
})

t.test('a nonce that was read needs a place: a shared one anywhere, separate ones each its own', async (t) => {
  const read = (isSeparate: boolean, which: readonly ('script' | 'style')[]): ReplyNonces => {
    const nonces = new ReplyNonces(pooledNonces(), isSeparate)
    for (const name of which) t.ok(nonces[name])
    return nonces
  }
  const unplaced = (nonces: ReplyNonces): number[] => [0, 1, 2, 3].filter((places) => nonces.isUnplaced(places))
  t.same(unplaced(read(false, ['style'])), [0])
  t.same(unplaced(read(true, ['script'])), [0, 2])
  t.same(unplaced(read(true, ['style'])), [0, 1])
  t.same(unplaced(read(true, ['script', 'style'])), [0, 1, 2])
})

t.test('closed nonces cannot be made, only read', async (t) => {
  for (const isSeparate of [false, true]) {
    const unread = new ReplyNonces(pooledNonces(), isSeparate)
    unread.closed = true
    t.throws(() => unread.script, LATE)
    t.throws(() => unread.style, LATE)
    t.equal(unread.use, 0, 'a late read is no use')
  }
  const read = new ReplyNonces(pooledNonces(), true)
  const { script } = read
  read.closed = true
  t.equal(read.script, script)
  t.throws(() => read.style, LATE)
  read.closed = false
  t.ok(read.style, 'and may be made again for another reply')
})

t.test('a generator that throws leaves the nonce unmade', async (t) => {
  const nonces = new ReplyNonces(counting((count) => {
    if (count === 0) throw new TypeError('no entropy')
    return 'made'
  }), false)
  t.throws(() => nonces.script, new TypeError('no entropy'))
  t.equal(nonces.use, 0)
  t.equal(nonces.script, 'made')
})
