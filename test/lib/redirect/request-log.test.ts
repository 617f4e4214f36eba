import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { refuseTarget, report } from '../../../lib/redirect/request-log.ts'
import { MemoryRequest } from './memory-reply.ts'

const CODE = 'BULWARK_ERR_REDIRECT_UNSAFE'

t.test('a line has the code, the reason and the beginning of the target', async (t) => {
  const request = new MemoryRequest()
  report(request, 'info', CODE, 'host', `https://evil.test/${'a'.repeat(5000)}`)
  t.match(request.lines, [{ level: 'info', code: CODE, reason: 'host', target: /^https:\/\/evil\.test\/a+$/, message: 'The request would lead to an address that is not allowed.' }])
  t.equal(String(request.lines[0]!.target).length, 256)
})

t.test('no query, no fragment and no password of a target is in the log', async (t) => {
  const cases: Array<[target: string, logged: string]> = [
    ['https://evil.test/a?code=secret', 'https://evil.test/a?…'],
    ['https://evil.test/a#secret', 'https://evil.test/a?…'],
    ['https://evil.test/a#x?secret\nsecret', 'https://evil.test/a?…'],
    ['https://ada:secret@evil.test/a', 'https://…@evil.test/a'],
    ['https:ada:secret@evil.test', '…@evil.test'],
    ['\\\\ada:secret@evil.test', '\\\\…@evil.test'],
    ['//a@secret@evil.test', '//…@evil.test'],
    [`https://ada:${'secret'.repeat(100)}@evil.test/a`, 'https://…@'],
    [`https://evil.test/${'a'.repeat(300)}/@x`, `https://evil.test/${'a'.repeat(238)}`],
    [`https://evil.test/?${'secret'.repeat(100)}@x`, 'https://evil.test/?…'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['/..//evil.test', '/..//evil.test']
  ]
  for (const [target, logged] of cases) {
    const request = new MemoryRequest()
    report(request, 'warn', CODE, 'host', target)
    t.equal(request.lines[0]!.target, logged, target)
  }
})

t.test('what is no text is not written', async (t) => {
  const request = new MemoryRequest()
  for (const target of [undefined, null, ['x'], { toString: () => { throw new Error('read') } }]) report(request, 'error', CODE, 'type', target)
  t.same(request.lines.map(({ target }) => target), [undefined, undefined, undefined, undefined])
})

t.test('the error for the reply does not repeat the target', async (t) => {
  const request = new MemoryRequest()
  const error = refuseTarget(request, 'host', 'https://evil.test/')
  t.type(error, SecurityError)
  t.equal(error.statusCode, 400)
  t.notMatch(error.message, 'evil')
  t.match(request.lines, [{ level: 'warn', code: CODE }])
})
