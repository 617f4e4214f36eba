import t from 'tap'
import { ReplyPolicy } from '../../../lib/headers/reply-policy.ts'

t.test('additions are kept in the order of asking', async (t) => {
  const policy = new ReplyPolicy()
  t.equal(policy.append('form-action', 'https://idp.test').append('imgSrc', 'data:', 'blob:'), policy)
  t.same(policy.additions, [['form-action', ['https://idp.test']], ['imgSrc', ['data:', 'blob:']]])
})

const refused: Array<[what: string, directive: string, sources: unknown[]]> = [
  ['an unknown directive', 'form-actoin', ['https://idp.test']],
  ['a source that ends the directive', 'form-action', ['https://idp.test;script-src']],
  ['a line break', 'form-action', ['https://idp.test\r\nx: y']],
  ['an unquoted keyword', 'form-action', ['self']],
  ['nothing to add', 'form-action', []],
  ["'none'", 'form-action', ["'none'"]],
  ['something that is no string', 'form-action', [{}]],
  ['a source of 2,000 characters', 'form-action', [`https://idp.test/${'a'.repeat(2000)}`]]
]
for (const [what, directive, sources] of refused) {
  t.test(`refused with 400 and a fixed sentence: ${what}`, async (t) => {
    const policy = new ReplyPolicy()
    t.throws(() => policy.append(directive as 'form-action', ...sources as string[]), {
      code: 'BULWARK_ERR_HEADERS_SOURCE_REFUSED', statusCode: 400, message: 'The request asked for a source that the policy cannot admit.', cause: { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' }
    })
    t.same(policy.additions, [])
  })
}

t.test('nothing can be added when the headers are written', async (t) => {
  const policy = new ReplyPolicy()
  policy.closed = true
  t.throws(() => policy.append('img-src', 'data:'), { code: 'BULWARK_ERR_HEADERS_SENT' })
})
