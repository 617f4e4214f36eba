import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { mintCookie, readCookies } from '../../../lib/csrf/cookie.ts'

const key = randomBytes(32)
const pairOf = (line: string): string => line.slice(0, line.indexOf(';'))

t.test('a cookie that was set is read', async (t) => {
  const { id, line } = mintCookie(key)
  t.match(id, /^[\w-]{22}$/)
  t.match(line, new RegExp(`^__Host-csrf-${id.slice(0, 6)}=${id}\\.[\\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax$`))
  t.same(readCookies([key], pairOf(line)), [id])
  t.same(readCookies([randomBytes(32), key], `a=1;\t ${pairOf(line)} ;b=2`), [id], 'among others, by any key')
  t.same(readCookies([key], `a=__Host-csrf-;x__Host-csrf-=1; ${pairOf(line)}\t `), [id], 'behind what only looks like one')
})

t.test('several cookies are read, in their order, and of many the first eight', async (t) => {
  const cookies = Array.from({ length: 10 }, () => mintCookie(key))
  t.same(readCookies([key], cookies.map(({ line }) => pairOf(line)).join('; ')), cookies.slice(0, 8).map(({ id }) => id))
})

const { id, line } = mintCookie(key)
const pair = pairOf(line)
const ignored: Array<[what: string, header: string | undefined]> = [
  ['no header', undefined],
  ['an empty header', ''],
  ['another name', pair.replace('__Host-csrf-', '__Secure-csrf-')],
  ['the name as a value', `a=${pair}`],
  ['no value', '__Host-csrf-abcdef'],
  ['an empty value', '__Host-csrf-abcdef='],
  ['another id', pair.replace(id, `${id.slice(1)}A`)],
  ['a signature that is cut off', pair.slice(0, -1)],
  ['a signature with more behind it', `${pair}A`],
  ['a signature in another spelling', `${pair}=`],
  ['quotes around the value', pair.replace('=', '="') + '"'],
  ['a no-break space before the name, which hides the prefix from a browser', `a=1;\u00a0${pair}`],
  ['other blanks before the name', `a=1;\u000b${pair}; \u2000${pair}; \u0085${pair}; \ufeff${pair}`],
  ['another separator', pair.replace('.', ':')]
]
for (const [what, header] of ignored) {
  t.test(`ignored: ${what}`, async (t) => t.same(readCookies([key], header), []))
}
t.test('a cookie of another key is none', async (t) => t.same(readCookies([randomBytes(32)], pair), []))

t.test('no header is an exception, and none gives an id that was not set', async () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('__Host-csrf-', ';', '=', '.', id)), { maxLength: 20 }), (pieces) =>
    readCookies([key], pieces.join('')).length === 0))
})

/**
 * Steps that a header takes: characters that are looked at by place, by a search, and cut out of it. What is read is no string, so that a regular expression, whose
 * steps nobody can count, would throw.
 */
function stepsOf (text: string): number {
  let steps = 0
  const counted = {
    length: text.length,
    indexOf (piece: string, from = 0): number {
      const found = text.indexOf(piece, from)
      steps += (found === -1 ? text.length : found + piece.length) - Math.min(from, text.length)
      return found
    },
    slice (start: number, end?: number): string {
      const cut = text.slice(start, end)
      steps += cut.length
      return cut
    }
  }
  readCookies([key], new Proxy(counted, {
    get (target, name) {
      if (name in target) return target[name as keyof typeof target]
      if (!/^-?\d+$/.test(String(name))) throw new TypeError(`${String(name)} is not counted.`)
      steps++
      return text[Number(name)]
    }
  }) as unknown as string)
  return steps
}

const long: Array<[what: string, repeat: (times: number) => string]> = [
  ['blanks before a name', (times) => `a=1;${' '.repeat(times)}${pair}`],
  ['blanks behind a value', (times) => `${pair}${' \t'.repeat(times)}; a=1`],
  ['blanks within a value', (times) => `__Host-csrf-a=1${' '.repeat(times)}2`],
  ['blanks before what is no name', (times) => `a=1${' '.repeat(times)}__Host-csrf-a=1`],
  ['blanks around each of several names', (times) => `${' '.repeat(times / 16)}__Host-csrf-a=1${' '.repeat(times / 16)};`.repeat(8)],
  ['the prefix within another name', (times) => 'x__Host-csrf-'.repeat(times)],
  ['the prefix behind a blank in one value', (times) => `__Host-csrf-a=${' __Host-csrf-'.repeat(times)}`]
]
for (const [what, repeat] of long) {
  t.test(`twice the header takes twice the steps: ${what}`, async (t) => {
    const [once, twice] = [4000, 8000].map((times) => stepsOf(repeat(times)))
    t.ok(once! >= 4000, 'they are counted')
    t.ok(twice! <= once! * 2.1, `${once} steps, then ${twice}`)
  })
}
