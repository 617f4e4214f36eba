import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { generateKey, KeyRing } from '../../../lib/keys.ts'
import { mac } from '../../../lib/mac.ts'
import { SignedNext, unsigned, verifierOf, type SignOptions } from '../../../lib/redirect/signed-next.ts'

const ORIGIN = 'https://app.test'
const HREF = 'https://app.test/account?x=1'
const NOW = 1_800_000_000_000
const INVALID = 'BULWARK_ERR_REDIRECT_OPTION_INVALID'

const first = generateKey()
const second = generateKey()
const ring = (...keys: string[]): KeyRing => new KeyRing(keys, 'redirect.keys', INVALID)
const signedBy = (keys: readonly string[], origin = ORIGIN): SignedNext => new SignedNext(ring(...keys), origin)
const signed = signedBy([first])

t.test('a token gives its target back until it expires', async (t) => {
  const token = signed.sign(HREF, { maxAge: 60 }, NOW)
  t.same(signed.verify(token, undefined, NOW), { ok: true, href: HREF })
  t.same(signed.verify(token, undefined, NOW + 59_999), { ok: true, href: HREF })
  t.same(signed.verify(token, undefined, NOW + 60_000), { ok: false, reason: 'expired' })
  t.match(token, /^[\w.-]+$/, 'it needs no encoding in a form or in a query')
})

t.test('what was signed by a clock that was years ahead is worth nothing once it is right', async (t) => {
  const token = signed.sign(HREF, { maxAge: 60 }, NOW + 315_360_000_000)
  t.same(signed.verify(token, undefined, NOW), { ok: false, reason: 'expired' })
  const longest = signed.sign(HREF, { maxAge: 2_592_000 }, NOW)
  t.same(signed.verify(longest, undefined, NOW - 60_000), { ok: true, href: HREF }, 'clocks of two machines differ a little')
  t.same(signed.verify(longest, undefined, NOW - 61_000), { ok: false, reason: 'expired' })
})

t.test('keys are rotated: the first signs, all verify', async (t) => {
  const token = signed.sign(HREF, { maxAge: 60 }, NOW)
  const rotated = signedBy([second, first])
  t.same(rotated.verify(token, undefined, NOW), { ok: true, href: HREF })
  t.match(signed.verify(rotated.sign(HREF, { maxAge: 60 }, NOW), undefined, NOW), { ok: false }, 'what the new one signed means nothing to the old one')
  t.match(signedBy([second]).verify(token, undefined, NOW), { ok: false }, 'nor does the old one live on when it is gone')
})

// Every line is a forgery of a good token; whatever it is, the answer to a client is the same.
const good = signed.sign(HREF, { maxAge: 60 }, NOW)
const [end, target, signature] = good.split('.') as [string, string, string]
const encode = (text: string): string => Buffer.from(text).toString('base64url')
const keyFor = (purpose: string): Buffer => ring(first).derive(purpose)[0]!
const forged = (key: Buffer, parts: string[], text = `${end}.${target}`): string => `${text}.${mac(key, parts).toString('base64url')}`

const attacks: Array<[what: string, token: unknown]> = [
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['a number', 5],
  ['an array, as a repeated key gives', [good]],
  ['an object that becomes a token', { toString: () => good }],
  ['truncated', good.slice(0, -1)],
  ['truncated at the front', good.slice(1)],
  ['without its signature', `${end}.${target}`],
  ['with an empty signature', `${end}.${target}.`],
  ['without its target', `${end}..${signature}`],
  ['extended', `${good}A`],
  ['with another part', `${good}.${signature}`],
  ['with white space behind it', `${good}\n`],
  ['re-encoded: padding', `${good}=`],
  ['re-encoded: percent', good.replace('.', '%2E')],
  ['re-encoded: hex', `${end}.${target}.${Buffer.from(signature, 'base64url').toString('hex')}`],
  ['re-encoded: bits left over in the signature', `${end}.${target}.${signature.slice(0, -1)}${nextLetter(signature.at(-1)!)}`],
  ['re-encoded: a leading zero', `0${good}`],
  ['re-encoded: an exponent', good.replace(/^\d+/, '18e8')],
  ['a longer life', good.replace(/^\d+/, (text) => String(Number(text) + 1))],
  ['another target', `${end}.${encode('https://evil.test/')}.${signature}`],
  ['a target of other letters', `${end}.${encode(HREF.toUpperCase())}.${signature}`],
  ['a signature of zeros', `${end}.${target}.${Buffer.alloc(32).toString('base64url')}`],
  ['another key', signedBy([second]).sign(HREF, { maxAge: 60 }, NOW)],
  ['expired', signed.sign(HREF, { maxAge: 60 }, NOW - 60_000)],
  ['another purpose', forged(keyFor('csrf'), [ORIGIN, end, HREF])],
  ['the master key itself', forged(Buffer.from(first, 'base64url'), [ORIGIN, end, HREF])],
  ['another application', signedBy([first], 'https://other.test').sign(HREF, { maxAge: 60 }, NOW)],
  ['no application', signedBy([first], '').sign(HREF, { maxAge: 60 }, NOW)],
  ['another session', signed.sign(HREF, { maxAge: 60, bind: 'other' }, NOW)],
  ['a session joined to the target', forged(keyFor('redirect/next'), [ORIGIN, end, `${HREF}session`])],
  ['huge', `${end}.${'A'.repeat(1_000_000)}.${signature}`]
]

/** Another letter of base64url whose first bits are the same. */
function nextLetter (letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return letters[letters.indexOf(letter) ^ 1]!
}

for (const [what, token] of attacks) {
  t.test(`refused: ${what}`, async (t) => {
    t.match(signed.verify(token, undefined, NOW), { ok: false })
    t.match(signed.verify(token, 'session', NOW), { ok: false })
  })
}

t.test('the parts of the good token are what makes it', async (t) => {
  t.match(signed.verify(good, undefined, NOW), { ok: true })
  t.equal(forged(keyFor('redirect/next'), [ORIGIN, end, HREF]), good)
})

const bindings: Array<[what: string, bind: unknown, ok: boolean]> = [
  ['the same session', 'session', true],
  ['another session', 'sessions', false],
  ['no session', undefined, false],
  ['an empty one', '', false],
  ['null', null, false],
  ['a list', ['session'], false]
]

t.test('a token is bound to a session', async (t) => {
  const token = signed.sign(HREF, { maxAge: 60, bind: 'session' }, NOW)
  for (const [what, bind, ok] of bindings) t.equal(signed.verify(token, bind, NOW).ok, ok, what)
  const unbound = signed.sign(HREF, { maxAge: 60 }, NOW)
  for (const bind of ['session', '', null]) t.notOk(signed.verify(unbound, bind, NOW).ok, 'and one that is bound to nothing does not pass for it')
})

t.test('what is signed comes back, and nothing that was changed does', async () => {
  fc.assert(fc.property(fc.webUrl(), fc.option(fc.string({ minLength: 1 }), { nil: undefined }), fc.nat(), fc.integer({ min: 1, max: 127 }), (href, bind, at, change) => {
    const options = bind === undefined ? { maxAge: 5 } : { maxAge: 5, bind }
    const token = signed.sign(href, options, NOW)
    const bytes = Buffer.from(token)
    bytes[at % bytes.length]! ^= change
    const changed = signed.verify(bytes.toString('latin1'), bind, NOW)
    const same = signed.verify(token, bind, NOW)
    return same.ok && same.href === href && !changed.ok
  }))
  fc.assert(fc.property(fc.anything(), fc.anything(), (token, bind) => !signed.verify(token, bind, NOW).ok))
})

const wrong: Array<[what: string, options: unknown, code: string]> = [
  ['none', undefined, INVALID],
  ['no lifetime', {}, INVALID],
  ['a lifetime of zero', { maxAge: 0 }, INVALID],
  ['a lifetime as text', { maxAge: '60' }, INVALID],
  ['a lifetime beyond 30 days', { maxAge: 2_592_001 }, INVALID],
  ['no number', { maxAge: NaN }, INVALID],
  ['a binding to nothing', { maxAge: 60, bind: undefined }, INVALID],
  ['a binding to an empty text', { maxAge: 60, bind: '' }, INVALID],
  ['a binding to a number', { maxAge: 60, bind: 5 }, INVALID],
  ['a name that is misspelt', { maxAge: 60, binds: 'x' }, 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN']
]

for (const [what, options, code] of wrong) {
  t.test(`not signed: ${what}`, async (t) => {
    t.throws(() => signed.sign(HREF, options as SignOptions, NOW), { code, message: /^signNext/ })
  })
}

t.test('without keys nothing is signed and nothing verified', async (t) => {
  t.throws(() => unsigned.sign(HREF, { maxAge: 60 }, NOW), { code: 'BULWARK_ERR_REDIRECT_KEYS_MISSING', message: /redirect\.keys/ })
  t.throws(() => unsigned.verify(good, undefined, NOW), { code: 'BULWARK_ERR_REDIRECT_KEYS_MISSING' })
})

t.test('two keys of one ring make different tokens, and no token holds a key', async (t) => {
  const key = randomBytes(32).toString('hex')
  const token = signedBy([key]).sign(HREF, { maxAge: 60 }, NOW)
  t.not(token, good)
  t.notMatch(token, key)
})

t.test('a value that may be a token is read without a binding, and is none where there are no keys', async (t) => {
  const signed = signedBy([generateKey()])
  const verify = verifierOf(signed)
  t.same(verify(signed.sign(HREF, { maxAge: 60 }, Date.now())), { ok: true, href: HREF })
  t.same(verify(signed.sign(HREF, { maxAge: 60 }, 0)), { ok: false, reason: 'expired' })
  t.same(verify(signed.sign(HREF, { maxAge: 60, bind: 'a' }, Date.now())), { ok: false, reason: 'signature' }, 'one that is bound is for the program')
  for (const value of ['/home', undefined, ['a'], {}]) t.same(verify(value), { ok: false, reason: 'form' })
  t.same(verifierOf(unsigned)(signed.sign(HREF, { maxAge: 60 }, Date.now())), { ok: false, reason: 'form' })
})
