import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { BoundedCache } from '../../../lib/bounded-cache.ts'
import { mac } from '../../../lib/mac.ts'
import { mintToken, TOKEN_LENGTH, tokenFault, type Binding } from '../../../lib/csrf/token.ts'

const key = randomBytes(32)
const session: Binding = ['session', 'abc']

t.test('a token is as long as said, different each time, and good for what it is bound to', async (t) => {
  const tokens = Array.from({ length: 200 }, () => mintToken(key, session))
  t.equal(new Set(tokens).size, tokens.length)
  for (const token of tokens) {
    t.equal(token.length, TOKEN_LENGTH)
    t.equal(tokenFault([key], [session], token), undefined)
  }
})

t.test('what is under the mask is the MAC of the binding, as earlier versions made it', async (t) => {
  const bytes = Buffer.from(mintToken(key, session), 'base64url')
  t.same(Buffer.from(bytes.subarray(32).map((byte, index) => byte ^ bytes[index]!)), mac(key, session))
})

t.test('a token of another binding, kind or key is wrong', async (t) => {
  const token = mintToken(key, session)
  t.equal(tokenFault([key], [['session', 'abd']], token), 'token-wrong')
  t.equal(tokenFault([key], [['cookie', 'abc']], token), 'token-wrong')
  t.equal(tokenFault([randomBytes(32)], [session], token), 'token-wrong')
  t.equal(tokenFault([randomBytes(32), key], [['cookie', 'x'], session], token), undefined, 'any key and any binding will do')
  t.equal(tokenFault([key], [], token), 'token-unbound')
})

t.test('whatever is given is no token, and no exception', async () => {
  fc.assert(fc.property(fc.oneof(fc.anything(), fc.string({ minLength: TOKEN_LENGTH, maxLength: TOKEN_LENGTH }), fc.stringMatching(/^[\w-]{86}$/)), (given) => {
    const fault = tokenFault([key], [session], given)
    return fault === 'token-malformed' || fault === 'token-wrong' || (fault === 'token-missing' && given === undefined)
  }))
})

t.test('each bit counts', async (t) => {
  const bytes = Buffer.from(mintToken(key, session), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    if (tokenFault([key], [session], changed.toString('base64url')) !== 'token-wrong') t.fail(`bit ${bit}`)
  }
})

t.test('a text is not converted to one', async (t) => {
  const token = mintToken(key, session)
  let reads = 0
  const hostile = { get length () { reads++; return TOKEN_LENGTH }, toString () { reads++; return token } }
  t.equal(tokenFault([key], [session], hostile), 'token-malformed')
  t.equal(tokenFault([key], [session], Object(token)), 'token-malformed')
  t.equal(reads, 0)
})

t.test('a remembered MAC gives tokens of its own session only, each with a pad of its own, and that of a cookie is not remembered', async (t) => {
  const macs = new BoundedCache<string>(2)
  for (const id of ['abc', 'abd', 'abc', 'abe', 'abd', 'abc']) {
    const binding: Binding = ['session', id]
    const tokens = [mintToken(key, binding, macs), mintToken(key, binding, macs)]
    t.not(tokens[0], tokens[1])
    for (const token of tokens) {
      t.equal(tokenFault([key], [binding], token), undefined, id)
      t.equal(tokenFault([key], [['session', 'other']], token), 'token-wrong')
    }
  }
  t.same([macs.get('abc'), macs.get('abe')], [mac(key, ['session', 'abc']).toString('latin1'), undefined], 'the last one is remembered, and not for ever')
  const before = macs.size
  t.equal(tokenFault([key], [['cookie', 'new']], mintToken(key, ['cookie', 'new'], macs)), undefined)
  t.equal(macs.size, before)
  t.equal(tokenFault([key], [['session', 'abc']], mintToken(key, ['cookie', 'abc'], macs)), 'token-wrong', 'one id of both kinds')
})
