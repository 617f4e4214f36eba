import t from 'tap'
import { findHostFault, hasOneHost, isHarmless, type HostFault } from '../../../lib/transport/host-fault.ts'
import { requestOf, type Told } from './requests.ts'

const cases: Array<[what: string, told: Told, fault: HostFault | undefined]> = [
  ['a host', {}, undefined],
  ['a host with a port', { headers: { host: 'app.test:8080' } }, undefined],
  ['the authority of HTTP/2', { headers: { ':authority': 'app.test' }, host: 'app.test' }, undefined],
  ['a Host that repeats the authority', { headers: { ':authority': 'app.test', host: 'APP.test' } }, undefined],
  ['a Host beside another authority', { headers: { ':authority': 'app.test', host: 'evil.test' } }, 'contradiction'],
  ['an authority beside an empty Host', { headers: { ':authority': 'app.test', host: '' } }, 'contradiction'],
  ['a target that repeats the host', { url: 'http://APP.test/a' }, undefined],
  ['a target with another host', { url: 'http://evil.test/a' }, 'contradiction'],
  ['a target with another port', { url: 'http://app.test:80/a' }, 'contradiction'],
  ['a target with credentials', { url: 'http://evil@app.test/a' }, 'contradiction'],
  ['a target with a host, where there is none', { url: 'http://app.test/', headers: {} }, 'contradiction'],
  ['a target of another scheme', { url: 'ftp://app.test/a' }, 'target'],
  ['a target that is no path', { url: '@evil.test' }, 'target'],
  ['two Host headers', { rawHeaders: ['Host', 'app.test', 'hOST', 'app.test'] }, 'duplicate'],
  ['none', { headers: {} }, 'missing'],
  ['an empty one', { headers: { host: '' } }, 'syntax'],
  ['credentials', { headers: { host: 'app.test@evil.test' } }, 'syntax'],
  ['a port that is none', { headers: { host: 'app.test:bad' } }, 'syntax'],
  ['a forwarded host that is malformed', { host: 'app.test@evil.test/<x>' }, 'syntax'],
  ['a forwarded host that is empty', { host: '' }, 'syntax'],
  ['a forwarded host, the proxy naming an upstream', { host: 'app.test', headers: { host: 'my_upstream:3000' } }, undefined],
  ['a forwarded host, without a Host', { host: 'app.test', headers: {} }, undefined],
  ['a forwarded host, the Host being an attack on who prints it', { host: 'app.test', headers: { host: '"><script>' } }, 'syntax'],
  ['a forwarded host, the Host having credentials', { host: 'app.test', headers: { host: 'a@evil.test' } }, 'syntax']
]

for (const [what, told, fault] of cases) {
  t.test(`${fault ?? 'no fault'}: ${what}`, async (t) => t.equal(findHostFault(requestOf(told)), fault))
}

t.test('only a name is counted, and no value', async (t) => {
  t.ok(hasOneHost([]))
  t.ok(hasOneHost(['X-Name', 'host', 'Host', 'host', 'Hosts', 'a', 'From', 'host']))
  t.notOk(hasOneHost(['host', 'a', 'HOST', 'b', 'host', 'c']))
})

t.test('what may stand beside the host that counts', async (t) => {
  for (const sent of [undefined, '', 'my_upstream:3000', '[::1]:3000', 'APP.test.']) t.ok(isHarmless(sent), String(sent))
  for (const sent of ['a b', 'a@b', 'a/b', '"', '<', 'a\\b', 'a\n', 'a,b', 'a?b', 'a#b', 'a%b', 'b\u00fc']) t.notOk(isHarmless(sent), JSON.stringify(sent))
})
