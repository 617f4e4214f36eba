import t from 'tap'
import { parseHostPattern } from '../../../lib/host-pattern.ts'
import { AllowedHosts, type Scheme } from '../../../lib/transport/allowed-hosts.ts'

const hostsOf = (entries: readonly string[], securePort = 443): AllowedHosts => new AllowedHosts(entries.map((entry) => parseHostPattern(entry)!), securePort)

const cases: Array<[what: string, entries: string[], host: string, scheme: Scheme, name: string | undefined]> = [
  ['the entry', ['app.test'], 'app.test', 'https', 'app.test'],
  ['the entry over http', ['app.test'], 'app.test', 'http', 'app.test'],
  ['in capitals and with its dot', ['app.test'], 'APP.Test.', 'https', 'app.test'],
  ['with the port of https', ['app.test'], 'app.test:443', 'https', 'app.test'],
  ['with the port of http', ['app.test'], 'app.test:80', 'http', 'app.test'],
  ['with the port of the other scheme', ['app.test'], 'app.test:80', 'https', undefined],
  ['with the port of https over http', ['app.test'], 'app.test:443', 'http', undefined],
  ['with a port that is not listed', ['app.test'], 'app.test:8080', 'http', undefined],
  ['with a port that is listed', ['app.test:8080'], 'app.test:8080', 'http', 'app.test'],
  ['with a port that is listed, over https', ['app.test:8080'], 'app.test:8080', 'https', 'app.test'],
  ['without the port that is listed', ['app.test:8080'], 'app.test', 'http', undefined],
  ['without a port that is listed and the default one', ['app.test:443'], 'app.test', 'https', 'app.test'],
  ['another host', ['app.test'], 'evil.test', 'https', undefined],
  ['a subdomain', ['app.test'], 'a.app.test', 'https', undefined],
  ['a host that ends alike', ['app.test'], 'evil-app.test', 'https', undefined],
  ['a host that begins alike', ['app.test'], 'app.test.evil.test', 'https', undefined],
  ['a subdomain under a wildcard', ['*.app.test'], 'a.app.test', 'https', 'a.app.test'],
  ['a deeper one', ['*.app.test'], 'A.b.app.test.', 'https', 'a.b.app.test'],
  ['the domain itself under a wildcard', ['*.app.test'], 'app.test', 'https', undefined],
  ['an empty label under a wildcard', ['*.app.test'], '.app.test', 'https', undefined],
  ['another port under a wildcard', ['*.app.test'], 'a.app.test:8443', 'https', undefined],
  ['the port of a wildcard', ['*.app.test:8443'], 'a.app.test:8443', 'https', 'a.app.test'],
  ['an end without a dot under a wildcard', ['*.app.test'], 'evilapp.test', 'https', undefined],
  ['one of several', ['a.test', 'b.test'], 'b.test', 'https', 'b.test'],
  ['an entry in Unicode', ['bücher.test'], 'xn--bcher-kva.test', 'https', 'xn--bcher-kva.test'],
  ['an address', ['10.0.0.5'], '10.0.0.5', 'https', '10.0.0.5'],
  ['another spelling of an address', ['127.0.0.1'], '127.1', 'https', undefined],
  ['an address of IPv6', ['[2001:db8::1]'], '[2001:DB8::1]', 'https', '[2001:db8::1]'],
  ['credentials', ['app.test', 'evil.test'], 'app.test@evil.test', 'https', undefined],
  ['nothing', ['app.test'], '', 'https', undefined],
  ['a name of Object.prototype', ['app.test'], 'constructor', 'https', undefined]
]

for (const [what, entries, host, scheme, name] of cases) {
  t.test(`${name === undefined ? 'refused' : 'admitted'}: ${what}`, async (t) => t.equal(hostsOf(entries).admit(host, scheme), name))
}

t.test('the secure port counts as the port of https, and of nothing else', async (t) => {
  const hosts = hostsOf(['app.test', '*.app.test', 'other.test:9000'], 8443)
  t.equal(hosts.admit('app.test:8443', 'https'), 'app.test')
  t.equal(hosts.admit('a.app.test:8443', 'https'), 'a.app.test')
  t.equal(hosts.admit('app.test', 'https'), 'app.test', 'behind a proxy the port may be gone')
  t.equal(hosts.admit('app.test:8443', 'http'), undefined)
  t.equal(hosts.admit('other.test:8443', 'https'), undefined, 'an entry with a port means that one')
})

t.test('an entry that is there letter for letter is found at once', async (t) => {
  const hosts = hostsOf(['app.test', '*.app.test'])
  t.ok(hosts.isListed('app.test', 'https'))
  t.ok(hosts.isListed('app.test:443', 'https'))
  t.notOk(hosts.isListed('APP.test', 'https'), 'any other spelling takes the long way')
  t.notOk(hosts.isListed('a.app.test', 'https'))
})
