import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { commonPasswords, foldPassword } from '../../../lib/input/common-passwords.ts'
import { PASSWORD_LIST } from '../../../lib/input/password-list.ts'

t.test('the list holds what would pass the least length, as passwords are folded', async (t) => {
  const words = await commonPasswords()
  t.ok(words.size > 5000)
  t.same([...words].filter((word) => [...word].length < 8 || word !== foldPassword(word)), [])
  for (const word of ['password1', 'passwort123', 'administrator', 'iloveyou', 'correcthorsebatterystaple', '1qaz2wsx3edc4rfv']) t.ok(words.has(word), word)
  for (const word of ['correct horse battery staple', '', 'toString', '__proto__']) t.notOk(words.has(word), word)
  t.equal(await commonPasswords(), words, 'it is read once')
})

t.test('our own words are not those of the kept list', async (t) => {
  const kept = new Set(PASSWORD_LIST.trim().split(/\s+/))
  const source = readFileSync(new URL('../../../../lib/input/common-passwords.ts', import.meta.url), 'utf8')
  const own = /OWN = `([^`]+)`/.exec(source)![1]!.trim().split(/\s+/)
  t.same(own.filter((word, index) => kept.has(word) || own.indexOf(word) !== index), [])
})

t.test('passwords are folded', async (t) => {
  for (const [given, expected] of [['PassWord1', 'password1'], ['PASSE\u0301', 'pass\u00e9'], ['\u212aelvin', 'kelvin'], ['12345678', '12345678']] as const) t.equal(foldPassword(given), expected)
})

t.test('nothing but the look-up reads the list, and that when it is asked', async (t) => {
  const folders = ['lib/input/', 'lib/', 'plugins/']
  const readers = folders.flatMap((folder) => {
    const url = new URL(`../../../../${folder}`, import.meta.url)
    return readdirSync(url).filter((name) => name.endsWith('.ts')).filter((name) => readFileSync(new URL(name, url), 'utf8').includes('password-list.ts')).map((name) => folder + name)
  })
  t.same(readers, ['lib/input/common-passwords.ts'])
  const source = readFileSync(new URL('../../../../lib/input/common-passwords.ts', import.meta.url), 'utf8')
  t.match(source, "import('./password-list.ts')")
  t.notMatch(source, /^import .*password-list/m)
})
