import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { errorOf } from '../../../lib/files/parser.ts'

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
