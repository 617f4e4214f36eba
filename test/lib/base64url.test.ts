import fc from 'fast-check'
import t from 'tap'
import { decodeBase64url } from '../../lib/base64url.ts'

const cases: Array<[what: string, text: string, bytes: number[] | undefined]> = [
  ['nothing', '', []],
  ['one byte', 'AQ', [1]],
  ['two bytes', 'AQI', [1, 2]],
  ['three bytes', 'AQID', [1, 2, 3]],
  ['both characters of its own', '-_8', [251, 255]],
  ['left-over bits', 'AR', undefined],
  ['padding', 'AQ==', undefined],
  ['the alphabet of base64', '+/8', undefined],
  ['a length that no bytes give', 'A', undefined],
  ['a blank', 'AQ ID', undefined],
  ['a line break at the end', 'AQ\n', undefined],
  ['a character of no alphabet', 'AQ!', undefined],
  ['a character beyond ASCII', 'AQé', undefined]
]

for (const [what, text, bytes] of cases) {
  t.test(`${what}: ${bytes === undefined ? 'refused' : 'read'}`, async (t) => t.same(decodeBase64url(text), bytes && Buffer.from(bytes)))
}

t.test('property: what was written is read, and no other text gives the same bytes', async () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = Buffer.from(bytes).toString('base64url')
    return Buffer.from(bytes).equals(decodeBase64url(text)!)
  }))
  fc.assert(fc.property(fc.string(), (text) => {
    const bytes = decodeBase64url(text)
    return bytes === undefined || bytes.toString('base64url') === text
  }))
})
