import t from 'tap'
import { isUsername } from '../../../lib/input/username.ts'

t.test('names', async (t) => {
  const rows: Array<[title: string, name: string, ascii: boolean, script: boolean]> = [
    ['letters', 'anna', true, true],
    ['digits, dots and underscores', 'a.1_b', true, true],
    ['a digit first', '1a', false, false],
    ['a dot first', '.a', false, false],
    ['an underscore first', '_a', false, false],
    ['a hyphen', 'a-b', false, false],
    ['a blank', 'a b', false, false],
    ['empty', '', false, false],
    ['an accent', 'ren\u00e9', false, true],
    ['Cyrillic', '\u0430\u043d\u043d\u0430', false, true],
    ['Cyrillic letters among Latin ones', 'p\u0430ypal', false, false],
    ['Greek among Latin', 'p\u03bfst', false, false],
    ['Japanese in its three scripts', '\u65e5\u672c\u306e\u30c6', false, true],
    ['Korean', '\ud55c\uad6d', false, true],
    ['digits of another script', 'a\u0661', false, false],
    ['zero width', 'a\u200bb', false, false],
    ['a joiner', 'a\u200db', false, false],
    ['turned around', 'a\u202eb', false, false],
    ['variation selector', 'a\ufe0f', false, false],
    ['a ligature', '\ufb01ne', false, false],
    ['wide letters', '\uff41nna', false, false],
    ['a line end behind', 'anna\n', false, false]
  ]
  for (const [title, name, ascii, script] of rows) {
    t.equal(isUsername(name, false), ascii, `${title}, in ASCII`)
    t.equal(isUsername(name, true), script, `${title}, in one script`)
  }
})
