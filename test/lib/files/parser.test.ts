import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { errorOf, requireUnread, silenced } from '../../../lib/files/parser.ts'
import { kTornBody } from '../../../lib/torn-body.ts'

const errors: ReadonlyArray<readonly [what: string, cause: object, code: string]> = [
  ['too many parts', { code: 'FST_PARTS_LIMIT' }, 'TOO_MANY'],
  ['too many files', { code: 'FST_FILES_LIMIT' }, 'TOO_MANY'],
  ['too many fields', { code: 'FST_FIELDS_LIMIT' }, 'TOO_MANY'],
  ['whatever else the parser objects to', { code: 'FST_OTHER' }, 'BODY_REFUSED'],
  ['an error without a code', {}, 'BODY_REFUSED']
]

for (const [what, more, code] of errors) {
  t.test(`${what}: ${code}`, async (t) => {
    const cause = Object.assign(new Error('no'), more)
    t.match(errorOf(cause), { code: `BULWARK_ERR_FILES_${code}`, cause })
  })
}

t.test('an error of ours stays', async (t) => {
  const error = new SecurityError('BULWARK_ERR_FILES_STORE_FAILED')
  t.equal(errorOf(error), error)
})

t.test('the parser is shown the media type, and of the other headers that they are there', async (t) => {
  t.same(silenced({ 'content-type': 'multipart/form-data; boundary=x', cookie: 'a=b', 'x-a': ['b'] }), { cookie: '', 'x-a': '' })
})

t.test('a body that was read already: by the application a mistake, to its early end the doing of the client', async (t) => {
  requireUnread({ raw: { readableEnded: false } as never })
  t.throws(() => requireUnread({ raw: { readableEnded: true } as never }), { code: 'BULWARK_ERR_FILES_MULTIPART_CONSUMED', statusCode: 500 })
  t.throws(() => requireUnread({ raw: { readableEnded: false } as never, body: {} }), { code: 'BULWARK_ERR_FILES_MULTIPART_CONSUMED' })
  t.throws(() => requireUnread({ raw: { readableEnded: true, [kTornBody]: true } as never }), { code: 'BULWARK_ERR_FILES_BODY_REFUSED', statusCode: 400 })
})
