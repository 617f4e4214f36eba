import fc from 'fast-check'
import t from 'tap'
import { cleanText, codePoints, isWellFormed, REPLACEMENT } from '../../../lib/input/text.ts'

t.test('what no text may hold', async (t) => {
  const rows: Array<[title: string, text: string, line: string | undefined, lines: string | undefined]> = [
    ['plain', 'abc ~', 'abc ~', 'abc ~'],
    ['empty', '', '', ''],
    ['accents are composed', 'e\u0301', '\u00e9', '\u00e9'],
    ['NUL', 'a\0', undefined, undefined],
    ['a tab', 'a\tb', undefined, 'a\tb'],
    ['a line feed', 'a\nb', undefined, 'a\nb'],
    ['two kinds of line ends', 'a\r\nb\rc', undefined, 'a\nb\nc'],
    ['escape', '\u001b[31m', undefined, undefined],
    ['delete', '\u007f', undefined, undefined],
    ['C1', '\u0085', undefined, undefined],
    ['a separator of lines', 'a\u2028b', undefined, 'a\u2028b'],
    ['a separator of paragraphs', 'a\u2029b', undefined, 'a\u2029b'],
    ['half of a pair', '\ud800', undefined, undefined],
    ['the other half', 'a\udc00b', undefined, undefined],
    ['a whole pair', '\u{1f600}', '\u{1f600}', '\u{1f600}'],
    ['KELVIN SIGN is K', '\u212a', 'K', 'K'],
    ['thirty marks on a letter', `a${'\u0316'.repeat(30)}`, `a${'\u0316'.repeat(30)}`, `a${'\u0316'.repeat(30)}`],
    ['more marks than any language piles up', `a${'\u0301\u0316'.repeat(16)}`, undefined, undefined],
    ['such marks behind a letter that has few', `e\u0301${'a\u0301'.repeat(3)}${'\u0301'.repeat(31)}`, undefined, undefined]
  ]
  for (const [title, text, line, lines] of rows) {
    t.equal(cleanText(text, false), line, title)
    t.equal(cleanText(text, true), lines, `${title}, in a field of several lines`)
  }
})

t.test('a clean text is clean, and stays as it is', async (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, hasLines) => {
    const clean = cleanText(text, hasLines)
    return clean === undefined || (cleanText(clean, hasLines) === clean && clean === clean.normalize('NFC') && !clean.includes('\0'))
  }))
  t.pass()
})

t.test('lengths are in code points', async (t) => {
  for (const [text, length] of [['', 0], ['abc', 3], ['\u{1f600}', 1], ['\u{1f1e9}\u{1f1ea}', 2], ['\ud800', 1], ['\ud800a', 2]] as const) t.equal(codePoints(text), length)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => codePoints(text) === Array.from(text).length))
  t.equal(REPLACEMENT, new TextDecoder().decode(new Uint8Array([255])))
})

t.test('halves of surrogate pairs', async (t) => {
  for (const [text, expected] of [['', true], ['a', true], ['\u{1f600}', true], ['\ud800', false], ['\udc00\ud800', false]] as const) t.equal(isWellFormed(text), expected)
})
