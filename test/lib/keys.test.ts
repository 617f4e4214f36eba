import { randomBytes } from 'node:crypto'
import t from 'tap'
import { generateKey, KeyRing } from '../../lib/keys.ts'

const CODE = 'BULWARK_ERR_HEADERS_OPTION_INVALID'
const HEX = 'c2a1f0573fd9be66a0134c0d9c7be1d5f7440a3b9b2e8d16e7752bd1f8c90a44'
const ring = (...keys: unknown[]): KeyRing => new KeyRing(keys as string[], 'plugin.keys', CODE)

t.test('a new key is 32 random bytes in base64url', async (t) => {
  const keys = Array.from({ length: 1000 }, generateKey)
  t.equal(new Set(keys).size, 1000)
  for (const key of keys) t.match(key, /^[\w-]{43}$/)
  t.doesNotThrow(() => ring(...keys), 'and every one is accepted')
})

t.test('hex and base64url are two spellings of one key', async (t) => {
  const bytes = Buffer.from(HEX, 'hex')
  t.same(ring(HEX).derive('a'), ring(bytes.toString('base64url')).derive('a'))
  t.same(ring(HEX).derive('a'), ring(HEX.toUpperCase()).derive('a'))
})

t.test('every purpose and every master key has a key of its own, the same each time', async (t) => {
  const keys = [HEX, generateKey()]
  const derived = [...ring(...keys).derive('session:a'), ...ring(...keys).derive('session:b')]
  t.equal(new Set(derived.map((key) => key.toString('hex'))).size, 4)
  for (const key of derived) t.equal(key.length, 32)
  t.same(ring(...keys).derive('session:a'), derived.slice(0, 2))
  t.notOk(derived.some((key) => key.toString('hex') === HEX), 'the master key itself is not used')
  t.same(ring(HEX).derive('test').map((key) => key.toString('hex')), ['cc0ebde27637bb3130ae8b8811f66c6626008b0695d2956eed72e931e4997827'], 'what an earlier version made stays valid')
})

const refused: Array<[what: string, keys: unknown[], expected: string]> = [
  ['no key', [], 'plugin.keys: expected at least one key, received an array of length 0.'],
  ['a number', [1], 'plugin.keys[0]: expected a key as text, received the number 1.'],
  ['a variable of the environment that is not set', [undefined], 'plugin.keys[0]: expected a key as text, received undefined.'],
  ['bytes', [randomBytes(32)], 'plugin.keys[0]: expected a key as text, received an object.'],
  ['an empty text', [''], 'plugin.keys[0]: expected a key of 32 bytes, received a string of length 0.'],
  ['a short key', ['c2a1f057'], 'plugin.keys[0]: expected a key of 32 bytes, received a string of length 8.'],
  ['a key of 16 bytes in hex', [HEX.slice(32)], 'plugin.keys[0]: expected a key of 32 bytes, received a string of length 32.'],
  ['a long key', [randomBytes(33).toString('base64url')], 'plugin.keys[0]: expected a key of 32 bytes'],
  ['a passphrase', ['correct horse battery staple, correct horse'], 'plugin.keys[0]: expected hex or base64url, received a string of length 43.'],
  ['base64 with padding', [Buffer.from(HEX, 'hex').toString('base64')], 'Base64 is written here with `-` and `_`, without `=`.'],
  ['a line break behind it', [`${HEX}\n`], 'plugin.keys[0]: expected hex or base64url'],
  ['the second of two', [HEX, 'c2a1f057'], 'plugin.keys[1]: expected a key of 32 bytes'],
  ['one key twice', [HEX, generateKey(), HEX], 'plugin.keys[2]: expected a key of its own, received the one of plugin.keys[0] again.'],
  ['one key in two spellings', [HEX, Buffer.from(HEX, 'hex').toString('base64url')], 'plugin.keys[1]: expected a key of its own'],
  ['zeros', ['0'.repeat(64)], 'plugin.keys[0]: expected random bytes'],
  ['a repetition', ['0123456789abcdef'.repeat(4)], 'plugin.keys[0]: expected random bytes'],
  ['a count', [Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex')], 'plugin.keys[0]: expected random bytes'],
  ['a count backwards', [Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - 3 * index)).toString('hex')], 'plugin.keys[0]: expected random bytes'],
  ['a text as bytes', [Buffer.from('averylogphrasebiggerthanthirtyt!').toString('hex')], 'plugin.keys[0]: expected random bytes']
]

for (const [what, keys, expected] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    const message = t.throws(() => ring(...keys), { code: CODE }) as Error
    t.match(message.message, expected)
    for (const key of keys) if (typeof key === 'string' && key !== '') t.notMatch(message.message, key, 'nothing of a key is told')
  })
}
