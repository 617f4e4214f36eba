import type { IncomingHttpHeaders } from 'node:http'
import t from 'tap'
import { hasAmbientCredential } from '../../../lib/csrf/ambient.ts'

const cases: Array<[rule: string, headers: IncomingHttpHeaders, socket: object | undefined, expected: boolean]> = [
  ['nothing', {}, {}, false],
  ['a connection that is gone', {}, undefined, false],
  ['any cookie', { cookie: 'theme=dark' }, {}, true],
  ['an empty Cookie header', { cookie: '' }, {}, false],
  ['a password', { authorization: 'Basic YTpi' }, {}, true],
  ['a password in capitals', { authorization: 'BASIC YTpi' }, {}, true],
  ['Digest', { authorization: 'Digest username="a"' }, {}, true],
  ['the account of the computer', { authorization: 'Negotiate YII=' }, {}, true],
  ['NTLM', { authorization: 'NTLM' }, {}, true],
  ['a token that a program adds', { authorization: 'Bearer abc' }, {}, false],
  ['a scheme that begins like one', { authorization: 'Basically abc' }, {}, false],
  ['TLS without a client certificate', {}, { getPeerCertificate: () => ({}) }, false],
  ['a client certificate', {}, { getPeerCertificate: () => ({ subject: {} }) }, true],
  ['TLS that is over', {}, { getPeerCertificate: () => null }, false]
]
for (const [rule, headers, socket, expected] of cases) {
  t.test(`${expected ? 'ambient' : 'not ambient'}: ${rule}`, async (t) => t.equal(hasAmbientCredential(headers, socket), expected))
}
