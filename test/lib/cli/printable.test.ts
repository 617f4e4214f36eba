import fc from 'fast-check'
import t from 'tap'
import { printable, printableJson } from '../../../lib/cli/printable.ts'

const cases: Array<[what: string, text: string, shown: string]> = [
  ['a text stays', "default-src 'none'", "default-src 'none'"],
  ['letters of any language stay', 'Grüße 日本', 'Grüße 日本'],
  ['a sequence that steers the terminal does not reach it', '\x1b[2Jgone', '\\u{1b}[2Jgone'],
  ['its form in one byte neither', '\x9b31m', '\\u{9b}31m'],
  ['a line that pretends to be ours', 'a\r\nfastify-bulwark: all is well', 'a\\u{d}\\u{a}fastify-bulwark: all is well'],
  ['a text that runs the other way', 'a\u202eb', 'a\\u{202e}b'],
  ['what takes up no place', 'a\u200bb', 'a\\u{200b}b']
]
for (const [what, text, shown] of cases) t.test(what, async (t) => t.equal(printable(text), shown))

t.test('whatever comes, no control character is left', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(printable(text))))
})

t.test('JSON is ASCII and says the same', async () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
    const json = printableJson([value, text])
    return /^[\x20-\x7e\n]*$/.test(json) && JSON.stringify(JSON.parse(json)) === JSON.stringify([value, text])
  }))
})
