import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { findMacKey, mac, macText } from '../../lib/mac.ts'

const key = randomBytes(32)

t.test('it is HMAC-SHA256 over the parts, each behind its length in bytes', async (t) => {
  t.same(mac(key, ['next', 'ü']), createHmac('sha256', key).update('4:next2:ü').digest())
  t.equal(mac(key, []).length, 32)
})

t.test('property: it is what Node makes of any text with any key, one after the other', async () => {
  const keys = [...[0, 1, 31, 32, 63, 64].map((length) => randomBytes(length)), ...[65, 200].map((length) => randomBytes(length))]
  fc.assert(fc.property(fc.constantFrom(...keys), fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 120, maxLength: 600 }), fc.constantFrom('', '\ud800', 'ü'.repeat(167), '\uffff'.repeat(166))), (key, text) => {
    const expected = createHmac('sha256', key).update(`${Buffer.byteLength(text)}:${text}`).digest()
    return mac(key, [text]).equals(expected) && macText(key, [text]) === expected.toString('latin1') && findMacKey([key], [text], expected) === 0
  }))
})

t.test('a MAC is nobody else\'s to change', async (t) => {
  const one = mac(key, ['a'])
  const before = Buffer.from(one)
  mac(key, ['b'])
  findMacKey([key], ['c'], one)
  t.same(one, before)
})

t.test('property: different parts have different MACs, wherever a text is cut', async () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (one, other) => {
    return mac(key, one).equals(mac(key, other)) === (JSON.stringify(one.map(encode)) === JSON.stringify(other.map(encode)))
  }))
  fc.assert(fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
    return !mac(key, [one, other]).equals(mac(key, [one + other])) && !mac(key, [one, other]).equals(mac(key, [one + other, '']))
  }))
})

/** What is hashed of a text: a lone surrogate becomes U+FFFD. */
function encode (text: string): string {
  return Buffer.from(text).toString('hex')
}

t.test('the key that made a MAC is found, and none for anything else', async (t) => {
  const keys = [randomBytes(32), key, randomBytes(32)]
  const good = mac(key, ['a'])
  const flipped = Buffer.from(good)
  flipped[31]! ^= 1
  const cases: Array<[what: string, given: Buffer, parts: string[], index: number]> = [
    ['the MAC', good, ['a'], 1],
    ['of another text', good, ['b'], -1],
    ['with one bit changed', flipped, ['a'], -1],
    ['cut', good.subarray(0, 31), ['a'], -1],
    ['with something behind', Buffer.concat([good, Buffer.alloc(1)]), ['a'], -1],
    ['empty', Buffer.alloc(0), ['a'], -1]
  ]
  for (const [what, given, parts, index] of cases) t.equal(findMacKey(keys, parts, given), index, what)
  t.equal(findMacKey([], ['a'], good), -1, 'without keys')
})
