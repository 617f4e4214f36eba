import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { hashOf } from '../../../lib/headers/csp-hash.ts'

// The first is the example of CSP3 §8.3; the others were computed with `openssl dgst -binary | base64`.
const cases: Array<[text: string, algorithm: 'sha256' | 'sha384' | 'sha512' | undefined, source: string]> = [
  ["alert('Hello, world.');", 'sha256', "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"],
  ['', 'sha256', "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
  ['', undefined, "'sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb'"],
  ['', 'sha512', "'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=='"]
]

for (const [text, algorithm, source] of cases) {
  t.test(`the hash source of ${JSON.stringify(text)} by ${algorithm ?? 'default, sha384'}`, async (t) => {
    t.equal(algorithm === undefined ? hashOf(text) : hashOf(text, algorithm), source)
  })
}

t.test('every character counts, and text is UTF-8', async (t) => {
  t.not(hashOf('a()'), hashOf('a()\n'))
  t.equal(hashOf('"ü"', 'sha256'), `'sha256-${createHash('sha256').update(Buffer.from([0x22, 0xc3, 0xbc, 0x22])).digest('base64')}'`)
})

t.test('property: two texts have two hashes', async () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => (a === b) === (hashOf(a) === hashOf(b))))
})
