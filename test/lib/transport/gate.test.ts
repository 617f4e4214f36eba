import fc from 'fast-check'
import t from 'tap'
import { Gate, type Verdict } from '../../../lib/transport/gate.ts'
import { NO_EXEMPTION, type TransportOptions } from '../../../lib/transport/settings.ts'
import { requestOf, type Told } from './requests.ts'

const PAGE = { accept: 'text/html' }
const NONE = (): typeof NO_EXEMPTION => NO_EXEMPTION

const to = (location: string): Verdict => ({ location })
const malformed = (reason: string): Verdict => ({ code: 'BULWARK_ERR_TRANSPORT_HOST_MALFORMED', reason } as Verdict)
const foreign: Verdict = { code: 'BULWARK_ERR_TRANSPORT_HOST_REFUSED', reason: 'host' }
const scheme: Verdict = { code: 'BULWARK_ERR_TRANSPORT_SCHEME_INVALID', reason: 'scheme' }
const plain = (reason: 'no-page' | 'no-secure-host' = 'no-page'): Verdict => ({ code: 'BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED', reason })

const HOSTS: TransportOptions = { hosts: ['app.test', '*.app.test', 'other.test:8080'], allowLoopback: true }

const cases: Array<[what: string, told: Told, verdict: Verdict | undefined, options?: TransportOptions]> = [
  ['https', { protocol: 'https' }, undefined],
  ['https under a subdomain', { protocol: 'https', headers: { host: 'a.app.test' } }, undefined],
  ['https over HTTP/2', { protocol: 'https', headers: { ':authority': 'app.test' }, host: 'app.test' }, undefined],
  ['https by a forwarded host', { protocol: 'https', headers: { host: 'my_upstream', 'x-forwarded-host': 'app.test' }, host: 'app.test' }, undefined],
  ['https by a forwarded host, with an attack in the Host', { protocol: 'https', headers: { host: '"><b>', 'x-forwarded-host': 'app.test' }, host: 'app.test' }, malformed('syntax')],
  ['https under a foreign host', { protocol: 'https', headers: { host: 'evil.test' } }, foreign],
  ['https under a foreign host that was forwarded', { protocol: 'https', host: 'evil.test' }, foreign],
  ['https with two hosts', { protocol: 'https', rawHeaders: ['host', 'app.test', 'host', 'evil.test'] }, malformed('duplicate')],
  ['https with two hosts over HTTP/2', { protocol: 'https', headers: { ':authority': 'evil.test', host: 'app.test' } }, malformed('contradiction')],
  ['https with another host in the target', { protocol: 'https', url: 'https://evil.test/' }, malformed('contradiction')],
  ['a page over http', { headers: { host: 'app.test', ...PAGE }, url: '/a?b=c' }, to('https://app.test/a?b=c')],
  ['a page over http, with its port', { headers: { host: 'APP.test.:80', ...PAGE } }, to('https://app.test/')],
  ['a page under a subdomain', { headers: { host: 'a.app.test', ...PAGE } }, to('https://a.app.test/')],
  ['a page whose path would be a host', { headers: { host: 'app.test', ...PAGE }, url: '//evil.test/%2e%2e' }, to('https://app.test//evil.test/%2e%2e')],
  ['a page by an absolute URL', { headers: { host: 'app.test', ...PAGE }, url: 'http://app.test/a' }, to('https://app.test/a')],
  ['a page under a foreign host', { headers: { host: 'evil.test', ...PAGE } }, foreign],
  ['a page under a port whose https is not listed', { headers: { host: 'other.test:8080', ...PAGE } }, plain('no-secure-host')],
  ['a page on another secure port', { headers: { host: 'app.test', ...PAGE } }, to('https://app.test:8443/'), { ...HOSTS, securePort: 8443 }],
  ['a page with a fixed host', { headers: { host: 'a.app.test', ...PAGE } }, to('https://app.test/'), { host: 'app.test', hosts: ['*.app.test'] }],
  ['a page with a fixed host and a port', { headers: { host: 'app.test', ...PAGE } }, to('https://app.test:8443/'), { host: 'app.test', securePort: 8443 }],
  ['a program over http', {}, plain()],
  ['a form over http', { method: 'POST', headers: { host: 'app.test', ...PAGE } }, plain()],
  ['OPTIONS * over http', { method: 'OPTIONS', url: '*' }, plain()],
  ['OPTIONS * over https', { method: 'OPTIONS', url: '*', protocol: 'https' }, undefined],
  ['another scheme', { protocol: 'javascript' }, scheme],
  ['a scheme in capitals', { protocol: 'HTTPS' }, scheme],
  ['a scheme that is nothing', { protocol: '' }, scheme],
  ['another scheme and a foreign host', { protocol: 'ws', headers: { host: 'evil.test' } }, scheme],
  ['no host', { headers: {} }, malformed('missing')],
  ['this machine', { headers: { host: 'localhost:3000' }, peer: '::1' }, undefined],
  ['this machine over https', { headers: { host: 'localhost:3000' }, peer: '127.0.0.1', protocol: 'https' }, undefined],
  ['this machine, not exempted', { headers: { host: 'localhost', ...PAGE }, peer: '127.0.0.1' }, foreign, { ...HOSTS, allowLoopback: false }],
  ['a stranger who says localhost', { headers: { host: 'localhost' } }, foreign],
  ['this machine with two hosts', { rawHeaders: ['host', 'localhost', 'host', 'localhost'], headers: { host: 'localhost' }, peer: '127.0.0.1' }, malformed('duplicate')],
  ['http where only hosts are checked', {}, undefined, { ...HOSTS, https: false }],
  ['a foreign host where only hosts are checked', { headers: { host: 'evil.test' } }, foreign, { ...HOSTS, https: false }]
]

for (const [what, told, verdict, options = HOSTS] of cases) {
  t.test(what, async (t) => t.same(new Gate(options).judge(requestOf(told), NONE)?.verdict, verdict))
}

const exempted: Array<[what: string, told: Told, exemption: { https: boolean, hosts: boolean }, verdict: Verdict | undefined]> = [
  ['all, over http and under any host', { headers: { host: '10.0.0.7:3000' } }, { https: true, hosts: true }, undefined],
  ['all, without a host', { headers: {} }, { https: true, hosts: true }, undefined],
  ['all, with an empty host', { headers: { host: '' } }, { https: true, hosts: true }, malformed('syntax')],
  ['all, with a malformed host', { headers: { host: 'a@evil.test' } }, { https: true, hosts: true }, malformed('syntax')],
  ['all, with another scheme', { protocol: 'javascript' }, { https: true, hosts: true }, scheme],
  ['https', {}, { https: true, hosts: false }, undefined],
  ['https, under a foreign host', { headers: { host: 'evil.test' } }, { https: true, hosts: false }, foreign],
  ['https, without a host', { headers: {} }, { https: true, hosts: false }, malformed('missing')],
  ['hosts, over https', { headers: { host: 'evil.test' }, protocol: 'https' }, { https: false, hosts: true }, undefined],
  ['hosts, over http', { headers: { host: 'app.test', ...PAGE } }, { https: false, hosts: true }, to('https://app.test/')],
  ['hosts, over http under a foreign host: there is nowhere to lead to', { headers: { host: 'evil.test', ...PAGE } }, { https: false, hosts: true }, plain('no-secure-host')]
]

for (const [what, told, exemption, verdict] of exempted) {
  t.test(`exempted from ${what}`, async (t) => t.same(new Gate(HOSTS).judge(requestOf(told), () => exemption)?.verdict, verdict))
}

t.test('of an ordinary request, nobody is asked for an exemption, and scheme and host are read once', async (t) => {
  for (const headers of [{ host: 'app.test' }, { host: 'app.test:443' }, { host: 'app.test', 'x-forwarded-host': 'app.test' }, { host: 'my_upstream', 'x-forwarded-host': 'app.test' }, { ':authority': 'app.test' }]) {
    const reads: string[] = []
    const request = requestOf({ protocol: 'https', headers, host: 'app.test' })
    const read = (name: 'protocol' | 'host'): string => {
      reads.push(name)
      return request[name]
    }
    const counted = { ...request, get protocol () { return read('protocol') }, get host () { return read('host') } }
    t.equal(new Gate(HOSTS).judge(counted, () => {
      t.fail('asked')
      return NO_EXEMPTION
    }), undefined)
    t.same(reads, ['protocol', 'host'])
  }
})

t.test('a judgement says what travels in the clear', async (t) => {
  const gate = new Gate(HOSTS)
  t.match(gate.judge(requestOf({}), NONE), { isExposed: true })
  t.match(gate.judge(requestOf({ headers: { host: 'localhost' }, peer: '127.0.0.1' }), NONE), { verdict: undefined, isExposed: false })
  t.match(gate.judge(requestOf({}), () => ({ https: true, hosts: true })), { verdict: undefined, isExposed: true }, 'an exemption does not change it')
  t.match(gate.judge(requestOf({ protocol: 'https', headers: { host: 'a.app.test' } }), NONE), { verdict: undefined, isExposed: false })
})

t.test('what travels in the clear', async (t) => {
  const gate = new Gate(HOSTS)
  t.notOk(gate.isExposed(requestOf({ protocol: 'https' })))
  t.ok(gate.isExposed(requestOf({})))
  t.ok(gate.isExposed(requestOf({ protocol: 'javascript' })))
  t.notOk(gate.isExposed(requestOf({ headers: { host: 'localhost' }, peer: '127.0.0.1' })), 'not on this machine')
  t.notOk(new Gate({ ...HOSTS, https: false }).isExposed(requestOf({})), 'nor where https is not asked for')
})

t.test('whatever a request says, it is led to an origin of the list or not at all', async (t) => {
  const gate = new Gate({ hosts: ['app.test', '*.good.test'], securePort: 8443 })
  const text = fc.oneof(fc.constantFrom('app.test', 'a.good.test', 'evil.test', 'app.test:80', '@', '/', '\\', ':', '.', 'good.test', ' ', '#', '?', '[::1]'), fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }))
  const joined = fc.array(text, { maxLength: 4 }).map((parts) => parts.join(''))
  let led = 0
  fc.assert(fc.property(fc.oneof(fc.constantFrom('app.test', 'x.good.test'), joined), fc.oneof(joined, joined.map((path) => `/${path}`), joined.map((rest) => `http://${rest}`)), fc.constantFrom('http', 'https', 'javascript'), (host, url, protocol) => {
    const verdict = gate.judge(requestOf({ headers: { host, ...PAGE }, url, protocol }), NONE)?.verdict
    if (verdict === undefined || !('location' in verdict)) return
    led++
    const { protocol: scheme, hostname, port, username } = new URL(verdict.location)
    if (scheme !== 'https:' || port !== '8443' || username !== '' || !/^(?:app\.test|.+\.good\.test)$/.test(hostname) || !/^[\x21-\x7e]+$/.test(verdict.location)) throw new Error(verdict.location)
  }), { numRuns: 3000 })
  t.ok(led > 100)
})
