import t from 'tap'
import { COMMON_PASSWORDS } from '../../../lib/input/common-passwords.ts'

t.test('the list holds what would pass the least length, in small letters', async (t) => {
  t.ok(COMMON_PASSWORDS.size > 200)
  for (const word of COMMON_PASSWORDS) t.ok(word.length >= 8 && word === word.toLowerCase(), word)
  t.ok(COMMON_PASSWORDS.has('password1'))
})
