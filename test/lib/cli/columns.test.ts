import fc from 'fast-check'
import t from 'tap'
import { columns, wrap } from '../../../lib/cli/columns.ts'

t.test('columns are as wide as their widest cell, and the last one is broken at blanks', async (t) => {
  t.equal(columns([[{ text: 'a' }, { text: 'one two' }], [{ text: 'long' }, { text: 'three' }]], 100), 'a     one two\nlong  three')
  t.equal(columns([[{ text: 'ab' }, { text: 'word '.repeat(10).trim() }]], 34), 'ab  word word word word word word\n    word word word word')
})

t.test('what is painted does not count for the width', async (t) => {
  t.equal(columns([[{ text: 'a', paint: (text) => `<${text}>` }, { text: 'x' }], [{ text: 'bcd' }, { text: 'y', paint: () => '(y)' }]], 100), '<a>    x\nbcd  (y)')
})

t.test('a cell that takes more than half of the width stands above the last one', async (t) => {
  t.equal(columns([[{ text: 'w'.repeat(40) }, { text: 'below' }], [{ text: 'a' }, { text: 'beside' }]], 60, '  '), `  ${'w'.repeat(40)}\n      below\n  a  beside`)
  t.equal(columns([[{ text: 'w'.repeat(40) }, { text: 'below' }]], 60), `${'w'.repeat(40)}\n    below`, 'and where no other row has a width to give')
})

t.test('a row of one cell is a paragraph', async (t) => {
  t.equal(columns([[{ text: 'only this' }]], 100, '  '), '  only this')
  t.equal(columns([], 100), '')
})

t.test('wrapping loses no word and no line is longer than it must be', async () => {
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 12, max: 60 }), (words, width) => {
    const lines = wrap(words.join(' '), width)
    return lines.join(' ') === words.join(' ') && lines.every((line) => line.length <= width)
  }))
})

t.test('a word that is longer than the line stays whole', async (t) => {
  t.same(wrap(`a ${'b'.repeat(20)} c`, 10), ['a', 'b'.repeat(20), 'c'])
})
