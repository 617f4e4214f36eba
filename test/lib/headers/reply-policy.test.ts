import fc from 'fast-check'
import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import type { DirectiveKey } from '../../../lib/headers/csp-directives.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import { ReplyPolicy } from '../../../lib/headers/reply-policy.ts'

t.test('additions are kept in the order of asking', async (t) => {
  const policy = new ReplyPolicy()
  t.same(policy.additions, [])
  t.equal(policy.append('form-action', 'https://id.test'), policy, 'and calls can be chained')
  policy.append('imgSrc', 'a.test', 'b.test').append('form-action', 'https://id2.test')
  t.same(policy.additions, [['form-action', ['https://id.test']], ['imgSrc', ['a.test', 'b.test']], ['form-action', ['https://id2.test']]])
})

const refused: Array<[what: string, directive: unknown, sources: unknown[], cause: RegExp]> = [
  ['a second directive', 'form-action', ['https://id.test; script-src *'], /^reply\.csp\.append\.form-action\[0\]: /],
  ['a second policy', 'form-action', ['https://id.test, default-src *'], /white space|would end/],
  ['a second expression', 'script-src', ["https://id.test 'unsafe-inline'"], /One element is one expression/],
  ['a line break', 'form-action', ['https://id.test\r\nset-cookie: a=b'], /One element is one expression/],
  ['a quote in a path', 'form-action', ["https://id.test/'nonce'"], /Expected one of/],
  ['a literal nonce', 'script-src', ["'nonce-abcdefghijklmnopqrstuv'"], /A nonce that is written down/],
  ["'none'", 'form-action', ["'none'"], /adds nothing/],
  ['nothing', 'form-action', [], /at least one expression/],
  ['what is no text', 'form-action', [undefined], /received undefined/],
  ['an unknown directive', 'form-acton', ['https://id.test'], /Did you mean `form-action`/],
  ['a name of Object.prototype', 'constructor', ['https://id.test'], /expected a known name/],
  ['no directive', undefined, ['https://id.test'], /./],
  ['a second endpoint', 'report-to', ['a'], /single expression/],
  ['a megabyte', 'form-action', [`https://id.test/${'a'.repeat(1_000_000)}`], /1024 characters/]
]

for (const [what, directive, sources, cause] of refused) {
  t.test(`what the grammar refuses is a 400 that tells the client nothing: ${what}`, async (t) => {
    const policy = new ReplyPolicy()
    t.throws(() => policy.append(directive as DirectiveKey, ...sources as string[]), {
      code: 'BULWARK_ERR_HEADERS_SOURCE_REFUSED',
      statusCode: 400,
      message: 'The request asked for a source that the policy cannot admit.',
      cause: { message: cause }
    })
    t.same(policy.additions, [], 'and is not kept')
  })
}

t.test('a closed policy cannot be added to', async (t) => {
  const policy = new ReplyPolicy()
  policy.append('img-src', 'a.test')
  policy.closed = true
  t.throws(() => policy.append('img-src', 'b.test'), { code: 'BULWARK_ERR_HEADERS_SENT', statusCode: 500 })
  t.equal(policy.additions.length, 1)
  policy.closed = false
  policy.append('img-src', 'b.test')
  t.equal(policy.additions.length, 2)
})

t.test('property: what was admitted can be laid over any plan; nothing else is kept', async () => {
  const planner = new Planner({})
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.domain().map((domain) => `https://${domain}`), fc.constantFrom("'self'", 'https:', '*'))
  const call = fc.tuple(fc.constantFrom<DirectiveKey>('form-action', 'img-src', 'script-src', 'frameAncestors', 'sandbox', 'report-to', 'trusted-types', 'upgrade-insecure-requests'), fc.array(text, { maxLength: 3 }))
  fc.assert(fc.property(fc.array(call, { maxLength: 5 }), (calls) => {
    const policy = new ReplyPolicy()
    for (const [directive, sources] of calls) {
      try {
        policy.append(directive, ...sources)
      } catch (error) {
        if (!(error instanceof SecurityError) || error.statusCode !== 400) return false
      }
    }
    return planner.extend(planner.plan, policy.additions).document.https.pairs.every(([, value]) => /^[\x20-\x7e]+$/.test(value))
  }))
})
