import fc from 'fast-check'
import t from 'tap'
import { decodeText, encodeText } from '../../../../lib/session/stores/stored-text.ts'

t.test('what a database holds is left as it is, and the rest is escaped', async (t) => {
  const cases: [title: string, text: string, stored: string][] = [
    ['an ordinary id', '42', '42'],
    ['an address', 'o\'hara+"x"@example.test', 'o\'hara+"x"@example.test'],
    ['nothing', '', ''],
    ['other scripts, and characters of two units', 'Ünï ☃ \u{1f600}', 'Ünï ☃ \u{1f600}'],
    ['control characters', '\r\n\t\x7f\u2028', '\r\n\t\x7f\u2028'],
    ['NUL', 'a\0b', 'a\\u0000b'],
    ['a backslash', '\\', '\\\\'],
    ['what looks like an escape', '\\u0000', '\\\\u0000'],
    ['lone surrogates', '\udfff\ud800x', '\\udfff\\ud800x']
  ]
  for (const [title, text, stored] of cases) {
    t.equal(encodeText(text), stored, title)
    t.equal(decodeText(stored), text, title)
  }
})

t.test('property: every string comes back, is well-formed and has no NUL', async () => {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), fc.constantFrom('\\', 'u', '0', '\0', '\ud800', '\udc00'))
  fc.assert(fc.property(fc.array(unit).map((units) => units.join('')), (text) => {
    const stored = encodeText(text)
    return decodeText(stored) === text && Buffer.from(stored).toString() === stored && !stored.includes('\0')
  }), { numRuns: 1000 })
})
