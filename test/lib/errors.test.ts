import t from 'tap'
import { ERRORS, SecurityError, type ErrorCode } from '../../lib/errors.ts'

const entries = Object.entries(ERRORS) as Array<[ErrorCode, typeof ERRORS[ErrorCode]]>

t.test('a code says where and what', async (t) => {
  for (const [code] of entries) t.match(code, /^BULWARK_ERR_[A-Z]+(?:_[A-Z]+)+$/, code)
})

t.test('a status is the fault of the client (4xx), of the program (500) or of what it depends on (503)', async (t) => {
  for (const [code, { statusCode }] of entries) t.ok(statusCode === 500 || statusCode === 503 || (statusCode >= 400 && statusCode < 500), code)
})

t.test('a summary is one sentence of ASCII, safe for a client', async (t) => {
  for (const [code, { summary }] of entries) t.match(summary, /^[A-Z][\x20-\x7e]+\.$/, code)
})

t.test('the table cannot be changed', async (t) => {
  t.ok(Object.isFrozen(ERRORS))
})

t.test('an error says what the table says, unless it is given a message', async (t) => {
  for (const [code, { statusCode, summary }] of entries) {
    const error = new SecurityError(code)
    t.type(error, Error)
    t.equal(error.name, 'SecurityError')
    t.equal(error.code, code)
    t.equal(error.statusCode, statusCode)
    t.equal(error.message, summary)
    t.notOk('cause' in error)
  }
  const cause = new TypeError('inner')
  const error = new SecurityError('BULWARK_ERR_HEADERS_SENT', 'longer', { cause })
  t.equal(error.message, 'longer')
  t.equal(error.cause, cause)
  t.equal(new SecurityError('BULWARK_ERR_HEADERS_SENT', undefined, { cause }).message, ERRORS.BULWARK_ERR_HEADERS_SENT.summary)
})
