import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dictionary } from '@zxcvbn-ts/language-common'
import t from 'tap'
import { PASSWORD_LIST } from '../../../lib/input/password-list.ts'

// The list in the package is that of @zxcvbn-ts/language-common, which is kept: with UPDATE_LIST=1 in the environment the file is written anew, such
// as after a new release of it. Look at the difference before you commit it.

const root = new URL('../../../../', import.meta.url)
const COMMONEST = 5000
const SHORTEST = 8
/** From this length on, all that the list has. */
const LONG = 15
const WIDTH = 500

const ranked = [...new Set((dictionary['passwords-common'] as string[]).map((word) => word.normalize('NFC').toLowerCase()))].filter((word) => [...word].length >= SHORTEST)
const wanted = [...ranked.slice(0, COMMONEST), ...ranked.slice(COMMONEST).filter((word) => [...word].length >= LONG)]

function write (): void {
  const licence = readFileSync(new URL('node_modules/@zxcvbn-ts/language-common/LICENSE.txt', root), 'utf8').trim()
  const lines = ['']
  for (const word of wanted) {
    const last = lines.at(-1)!
    if (last.length + word.length < WIDTH) lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
    else lines.push(word)
  }
  writeFileSync(new URL('lib/input/password-list.ts', root), `/*!
 * The ${COMMONEST} commonest passwords of at least ${SHORTEST} characters, most common first, and all others that have at least ${LONG}, of
 * @zxcvbn-ts/language-common (\`passwords-common\`). Written by test/lib/input/password-list.test.ts, and of this licence (MIT):
 *
${licence.split(/\r?\n/).map((line) => ` * ${line}`.trimEnd()).join('\n')}
 */

/** In normal form C and small letters, a blank between two. */
export const PASSWORD_LIST: string = \`
${lines.join('\n')}\`
`)
}

if (process.env['UPDATE_LIST'] === '1') write()

t.test('the list is that of the kept package', { skip: process.env['UPDATE_LIST'] === '1' && 'it was written anew' }, async (t) => {
  t.ok(ranked.length > COMMONEST)
  t.same(PASSWORD_LIST.trim().split(/\s+/), wanted, 'npm test with UPDATE_LIST=1 writes it anew')
})

t.test('it is at least what ASVS 5.0, 6.2.4 asks for, and comes with its licence', async (t) => {
  const words = PASSWORD_LIST.trim().split(/\s+/)
  t.ok(words.length >= 3000 && new Set(words).size === words.length)
  const text = readFileSync(fileURLToPath(new URL('dist/lib/input/password-list.js', root)), 'utf8')
  t.match(text, /^\/\*!\n[^]*Copyright \(c\) 2012-2016 Dan Wheeler and Dropbox, Inc\.[^]*THE SOFTWARE IS PROVIDED "AS IS"[^]*?\*\//, 'also in the file that is published')
  t.ok(text.length < 100_000)
})
