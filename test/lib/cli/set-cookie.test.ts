import fc from 'fast-check'
import t from 'tap'
import { isKept, parseSetCookie, withoutValue } from '../../../lib/cli/set-cookie.ts'

t.test('name and attributes, in any case and with any blanks', async (t) => {
  const cookie = parseSetCookie(' sid = secret=1 ; Secure;HTTPONLY ; SameSite = Lax; Path=/a=b; ')!
  t.equal(cookie.name, 'sid')
  t.same([...cookie.attributes], [['secure', ''], ['httponly', ''], ['samesite', 'Lax'], ['path', '/a'], ['', '']])
  t.equal(parseSetCookie('nothing; Secure'), undefined)
  t.equal(parseSetCookie('=value'), undefined)
})

const kept: Array<[header: string, host: string, isKept: boolean]> = [
  ['a=1', 'a.test', true],
  ['a=1; Domain=a.test', 'a.test', true],
  ['a=1; Domain=.A.test', 'www.a.test', true],
  ['a=1; Domain=b.test', 'a.test', false],
  ['a=1; Domain=a.test', 'evila.test', false],
  ['__Host-a=1; Secure; Path=/', 'a.test', true],
  ['__Host-a=1; Path=/', 'a.test', false],
  ['__Host-a=1; Secure', 'a.test', false],
  ['__Host-a=1; Secure; Path=/; Domain=a.test', 'a.test', false],
  ['__Secure-a=1', 'a.test', false],
  ['__Secure-a=1; Secure', 'a.test', true]
]
for (const [header, host, expected] of kept) t.test(`${header} from ${host} is ${expected ? '' : 'not '}kept`, async (t) => t.equal(isKept(parseSetCookie(header)!, host), expected))

t.test('the value is never shown', async (t) => {
  t.equal(withoutValue('sid=secret; Secure'), 'sid=…; Secure')
  t.equal(withoutValue('sid=secret'), 'sid=…')
  t.equal(withoutValue('secret; Secure'), '…; Secure', 'what has no name is all value')
  fc.assert(fc.property(fc.stringMatching(/^[A-Z]{8,20}$/), fc.stringMatching(/^[a-z=]{0,9}$/), (secret, name) => !withoutValue(`${name}=${secret}; Path=/`).includes(secret) && !withoutValue(secret).includes(secret)))
})
