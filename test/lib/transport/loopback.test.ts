import t from 'tap'
import { isFromThisMachine } from '../../../lib/transport/loopback.ts'
import { requestOf } from './requests.ts'

const cases: Array<[what: string, peer: string | undefined, headers: Record<string, string>, is: boolean]> = [
  ['localhost', '127.0.0.1', { host: 'localhost:3000' }, true],
  ['localhost over IPv6', '::1', { host: 'localhost:3000' }, true],
  ['an address of IPv4 on a socket of IPv6', '::ffff:127.0.0.1', { host: '127.0.0.1:3000' }, true],
  ['an address of IPv6', '::1', { host: '[::1]:3000' }, true],
  ['an address of IPv4 in one of IPv6', '::1', { host: '[::ffff:127.0.0.1]' }, true],
  ['another address of 127.0.0.0/8', '127.1.2.3', { host: '127.1.2.3' }, true],
  ['a subdomain of localhost', '127.0.0.1', { host: 'app.localhost' }, true],
  ['capitals and a dot', '127.0.0.1', { host: 'LOCALHOST.' }, true],
  ['HTTP/2', '127.0.0.1', { ':authority': 'localhost:3000' }, true],
  ['a remote client that says localhost', '203.0.113.9', { host: 'localhost' }, false],
  ['a neighbour that says localhost', '10.0.0.5', { host: '127.0.0.1' }, false],
  ['a remote client on a socket of IPv6', '::ffff:10.0.0.5', { host: 'localhost' }, false],
  ['an address that only begins alike', '127.0.0.1.evil', { host: 'localhost' }, false],
  ['a socket without an address', undefined, { host: 'localhost' }, false],
  ['DNS rebinding: another name for this machine', '127.0.0.1', { host: 'evil.test' }, false],
  ['a host that only ends alike', '127.0.0.1', { host: 'evillocalhost' }, false],
  ['a host that only begins alike', '127.0.0.1', { host: 'localhost.evil.test' }, false],
  ['an address that only begins alike, as the host', '127.0.0.1', { host: '127.0.0.1.evil.test' }, false],
  ['a host with credentials', '127.0.0.1', { host: 'localhost@evil.test' }, false],
  ['no host', '127.0.0.1', {}, false],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-server', 'forwarded', 'via', 'cdn-loop', 'x-forwarded', 'x-original-host', 'x-envoy-external-address', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip']
    .map((name): [string, string, Record<string, string>, boolean] => [`a proxy on this machine that adds ${name}`, '127.0.0.1', { host: 'localhost', [name]: '' }, false])
]

for (const [what, peer, headers, is] of cases) {
  t.test(`${is ? 'this machine' : 'not this machine'}: ${what}`, async (t) => t.equal(isFromThisMachine({ ...requestOf({ headers }), socket: { remoteAddress: peer } }), is))
}

t.test('what Fastify believes of the host does not count', async (t) => {
  t.notOk(isFromThisMachine(requestOf({ host: 'localhost', headers: { host: 'app.test' }, peer: '127.0.0.1' })))
})

t.test('nor does a request of HTTP/1.0, as nginx makes it unless it is told otherwise', async (t) => {
  const headers = { host: '127.0.0.1:3000', connection: 'close' }
  t.notOk(isFromThisMachine(requestOf({ headers, peer: '127.0.0.1', httpVersion: '1.0' })))
  for (const httpVersion of ['1.1', '2.0']) t.ok(isFromThisMachine(requestOf({ headers, peer: '127.0.0.1', httpVersion })))
})
