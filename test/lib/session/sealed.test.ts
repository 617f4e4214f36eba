import fc from 'fast-check'
import t from 'tap'
import { isTooLong, MOST_BYTES, mostBytesOf, nonceOf, Sealer, sealedLength } from '../../../lib/session/sealed.ts'
import { heapInUse } from '../../suite/heap.ts'
import { loadCodec, sealerOf } from './fixture.ts'

const KEY = Buffer.alloc(32, 'key')
const { sealer, codec } = await sealerOf(KEY)

t.test('what is sealed can be opened, has the length that was told before, and one alphabet', async (t) => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const payload = { value }
    const text = sealer.seal(payload)
    const opened = sealer.open(text)
    return /^[\w-]+\.[\w-]{32}$/.test(text) && text.length === sealedLength(payload) && opened.ok && JSON.stringify(opened.payload) === JSON.stringify(payload)
  }))
  t.not(sealer.seal({}), sealer.seal({}), 'a nonce for each')
  const text = sealer.seal({})
  t.ok(text.endsWith(`.${nonceOf(text)}`))
  t.equal(nonceOf(text).length, 32)
})

t.test('what fits is known before it is sealed, to the byte', async (t) => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => mostBytesOf(value) >= Buffer.byteLength(JSON.stringify(value))))
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), fc.double({ noNaN: true, noDefaultInfinity: true }), (text, number) => mostBytesOf({ [text]: [text, number] }) >= Buffer.byteLength(JSON.stringify({ [text]: [text, number] }))))
  const name = '__Host-session'
  for (const character of ['x', '\0', '\u{fffd}', '\ud800']) {
    for (let count = 1; ; count = count < 300 ? count + 50 : count + 1) {
      const payload = { text: character.repeat(count) }
      const isLong = name.length + sealer.seal(payload).length > MOST_BYTES
      if (isTooLong(name, payload) !== isLong) t.fail(`${JSON.stringify(character)} ${count} times`)
      if (isLong) break
    }
  }
  t.notOk(isTooLong(name, {}))
})

t.test('one text has one spelling', async (t) => {
  const text = sealer.seal({ a: 'x'.repeat(20) })
  const [cipher, nonce] = text.split('.') as [string, string]
  const last = cipher.at(-1)!
  const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((character) => character !== last)
  const cases: Array<readonly [what: string, text: string]> = [
    ['nothing', ''], ['no point', cipher + nonce], ['the form of the codec', `${cipher};${nonce}`], ['junk behind', `${text}.x`], ['junk behind a semicolon', `${text};x`],
    ['padding', `${cipher}=.${nonce}`], ['a space', `${cipher} .${nonce}`], ['an exclamation mark', `!${text}`], ['the alphabet of base64', `+${text.slice(1)}`], ['a percent sign', `%2B${text.slice(1)}`],
    ['a line break', `${text}\n`], ['a nonce that is short', text.slice(0, -1)], ['a nonce that is long', `${text}A`], ['one character too many', `A${text}`], ['too long', `${'A'.repeat(MOST_BYTES)}.${nonce}`]
  ]
  for (const [what, given] of cases) t.notOk(sealer.open(given).ok, what)
  for (const other of others) t.notOk(sealer.open(`${cipher.slice(0, -1)}${other}.${nonce}`).ok, `another last character: ${other}`)
  for (const length of [1, 2, 3, 4, 5]) t.same(sealer.open(`${'B'.repeat(length)}.${nonce}`), { ok: false, reason: length % 4 === 0 ? 'forged' : 'malformed' }, `${length} characters`)
})

t.test('what is forged, and what a holder of the key sealed, are values', async (t) => {
  const { sealer: other } = await sealerOf(Buffer.alloc(32, 'other'))
  t.same(sealer.open(other.seal({})), { ok: false, reason: 'forged' })
  for (const payload of ['hello', 'null', '1', '"x"', '', '{', 'true', '{"__ts":']) t.same(sealer.open(await sealText(payload)), { ok: false, reason: 'payload' }, payload)
  for (const payload of ['{}', '[]', '[1]', '{"__ts":"abc"}', '{"a":1}']) t.same(sealer.open(await sealText(payload)), { ok: true, payload: undefined }, payload)
  t.same(sealer.open(await sealText('{"e":null,"__ts":null}')), { ok: false, reason: 'forged' }, 'a time of the codec that is long gone')
})

/** Seals any text, as only the codec itself can with objects: its stringify is given an object that prints as the text. */
async function sealText (text: string): Promise<string> {
  const { default: sodium } = await import('sodium-native' as string) as { default: Record<string, (...buffers: Buffer[]) => void> }
  const message = Buffer.from(text)
  const nonce = Buffer.alloc(24, 7)
  const cipher = Buffer.alloc(message.length + 16)
  sodium['crypto_secretbox_easy']!(cipher, message, nonce, KEY)
  return `${cipher.toString('base64url')}.${nonce.toString('base64url')}`
}

t.test('a text that comes again is opened no more, and nobody can change what was in it', async (t) => {
  let calls = 0
  const counting = new Sealer({ ...codec, decodeSecureSession: (...given) => { calls++; return codec.decodeSecureSession(...given) } }, 'test')
  const text = sealer.seal({ cart: [{ name: 'tea' }] })
  const opened = counting.open(text)
  for (let turn = 0; turn < 3; turn++) t.same(counting.open(text), { ok: true, payload: { cart: [{ name: 'tea' }] } })
  t.equal(calls, 2, 'it is kept from the second time on')
  const { payload } = opened as { payload: { cart: Array<{ name: string }> } }
  t.throws(() => { payload.cart[0]!.name = 'coffee' }, TypeError)
  t.throws(() => payload.cart.push({ name: 'coffee' }), TypeError)
  t.throws(() => { payload.cart = [] }, TypeError)
  const forged = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
  calls = 0
  for (let turn = 0; turn < 2; turn++) t.same(counting.open(forged), { ok: false, reason: 'forged' }, 'and what is like it stays forged')
  t.equal(calls, 2, 'what cannot be opened takes no room')
  for (let count = 0; count < 1100; count++) {
    const other = sealer.seal({ text: 'x'.repeat(2900) })
    for (let turn = 0; turn < 2; turn++) counting.open(other)
  }
  calls = 0
  t.same(counting.open(text), opened)
  t.equal(calls, 1, 'what was not used for long is forgotten')
})

t.test('what is kept is the text alone, not the Cookie header that it came in, however often it is asked for', async (t) => {
  const keeping = new Sealer(codec, 'test')
  const texts = Array.from({ length: 300 }, (_, count) => sealer.seal({ text: `${count} ${'x'.repeat(2900)}` }))
  const before = await heapInUse()
  // Asked for by each of 300, of which 250 are a generation, so that entries are moved, too.
  for (let turn = 0; turn < 4; turn++) {
    for (const text of texts) t.ok(keeping.open(`${'y'.repeat(16_000)}${turn}${text}`.slice(16_001)).ok)
  }
  const grown = (await heapInUse()) - before
  t.ok(grown < 3_500_000, `${Math.round(grown / 1000)} kB for 300 texts of 4 kB; with headers it would be 4.8 MB more`)
})

t.test('a codec that throws is one that opens nothing', async (t) => {
  const broken = new Sealer({ ...codec, decodeSecureSession () { throw new Error('broken') } }, 'test')
  t.same(broken.open(sealer.seal({})), { ok: false, reason: 'payload' })
})

t.test('the second key still opens, the first one seals', async (t) => {
  const keys = [Buffer.alloc(32, 'new'), KEY]
  const both = new Sealer(await loadCodec(() => [{ sessionName: 'test', key: keys }]), 'test')
  t.same(both.open(sealer.seal({ a: 1 })), { ok: true, payload: { a: 1 } })
  t.same(sealer.open(both.seal({ a: 1 })), { ok: false, reason: 'forged' })
})
