import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { ALGORITHMS, BLOCKING_INTEGRITY, integrityOf, integrityOfStream, parseIntegrity, strongestOf } from '../../../lib/integrity/metadata.ts'
import { matchesIntegrity } from './matches-integrity.ts'

const HELLO = Buffer.from('alert(\'Hello, world.\');')
// The example of SRI §3.1.
const HELLO_384 = 'sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO'
const HELLO_256 = integrityOf(HELLO, 'sha256')
const HELLO_512 = integrityOf(HELLO, 'sha512')
const OTHER_512 = integrityOf(Buffer.from('other'), 'sha512')

t.test('the example of the specification', async (t) => {
  t.equal(integrityOf(HELLO), HELLO_384)
  t.same(await integrityOfStream(Readable.from([HELLO.subarray(0, 5), HELLO.subarray(5)])), { integrity: HELLO_384, size: HELLO.length })
  t.same(await integrityOfStream(Readable.from([HELLO]), HELLO.length, 'sha512'), { integrity: HELLO_512, size: HELLO.length })
  await t.rejects(integrityOfStream(Readable.from([HELLO]), HELLO.length - 1), RangeError)
})

const parsed: Array<[what: string, metadata: string, algorithms: string[]]> = [
  ['one hash', HELLO_384, ['sha384']],
  ['several, whatever the white space', `  ${HELLO_256}\n\t${HELLO_512}\f${HELLO_384} `, ['sha256', 'sha512', 'sha384']],
  ['options are skipped', `${HELLO_384}?ct=text/javascript`, ['sha384']],
  ['base64url, as browsers read it', HELLO_384.replaceAll('+', '-').replaceAll('/', '_'), ['sha384']],
  ['an algorithm that is none', `md5-${Buffer.alloc(16).toString('base64')} sha1-${Buffer.alloc(20).toString('base64')}`, []],
  ['an algorithm in capitals', HELLO_384.replace('sha', 'SHA'), []],
  ['a digest that is too short', HELLO_384.slice(0, -4), []],
  ['a digest that is too long', `${HELLO_384}AAAA`, []],
  ['the digest of another algorithm', HELLO_384.replace('384', '256'), []],
  ['hex', `sha256-${Buffer.alloc(32).toString('hex')}`, []],
  ['a comma for white space', `${HELLO_384},${HELLO_512}`, []],
  ['nothing', '', []]
]
for (const [what, metadata, algorithms] of parsed) {
  t.test(`parse: ${what}`, async (t) => t.same(parseIntegrity(metadata).map(({ algorithm }) => algorithm), algorithms))
}

const matched: Array<[what: string, metadata: string, matches: boolean]> = [
  ['its own hash', HELLO_384, true],
  ['any hash of the strongest algorithm', `${OTHER_512} ${HELLO_512}`, true],
  ['a weaker one does not count beside a stronger one', `${HELLO_384} ${OTHER_512}`, false],
  ['a weaker one counts beside what is skipped', `${HELLO_256} sha999-AAAA`, true],
  ['no hash at all is no permission', 'none', false],
  ['nor is nothing', '', false],
  ['what blocks', BLOCKING_INTEGRITY, false]
]
for (const [what, metadata, matches] of matched) {
  t.test(`match: ${what}`, async (t) => t.equal(matchesIntegrity(HELLO, metadata), matches))
}

t.test('what blocks is well formed, so that no browser skips it', async (t) => {
  t.match(parseIntegrity(BLOCKING_INTEGRITY), [{ algorithm: 'sha384' }])
})

t.test('what is made is parsed again, and fits its bytes and no others', async () => {
  fc.assert(fc.property(fc.uint8Array(), fc.nat(), fc.constantFrom(...ALGORITHMS), (bytes, at, algorithm) => {
    const integrity = integrityOf(bytes, algorithm)
    const altered = Uint8Array.from(bytes)
    if (altered.length > 0) altered[at % altered.length]! ^= 1
    return strongestOf(parseIntegrity(integrity)).length === 1 && matchesIntegrity(bytes, integrity) && (bytes.length === 0 || !matchesIntegrity(altered, integrity))
  }))
  fc.assert(fc.property(fc.string(), (text) => !matchesIntegrity(HELLO, text)))
})
