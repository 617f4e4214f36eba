import fc from 'fast-check'
import t from 'tap'
import { formatHost, parseHost } from '../../../lib/transport/host.ts'

const parsed: Array<[text: string, name: string, port: string]> = [
  ['app.test', 'app.test', ''],
  ['APP.Test', 'app.test', ''],
  ['APP.TEST.', 'app.test', ''],
  ['app.test.:8443', 'app.test', '8443'],
  ['app.test:0443', 'app.test', '443'],
  ['app.test:65535', 'app.test', '65535'],
  ['localhost', 'localhost', ''],
  ['127.0.0.1:3000', '127.0.0.1', '3000'],
  ['xn--bcher-kva.test', 'xn--bcher-kva.test', ''],
  ['[::1]', '[::1]', ''],
  ['[::1]:3000', '[::1]', '3000'],
  ['[2001:DB8::1]', '[2001:db8::1]', ''],
  ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]', '']
]

for (const [text, name, port] of parsed) {
  t.test(`a host: ${text}`, async (t) => t.same(parseHost(text), { name, port }))
}

const malformed: Array<[what: string, text: string]> = [
  ['nothing', ''],
  ['a dot', '.'],
  ['a port alone', ':80'],
  ['credentials', 'app.test@evil.test'],
  ['a name and a password', 'app.test:80@evil.test'],
  ['a path', 'app.test/../"><b>'],
  ['a blank', 'app.test evil.test'],
  ['a list', 'app.test, evil.test'],
  ['a port that is no number', 'app.test:bad'],
  ['a port beyond all ports', 'app.test:99999'],
  ['a port of six digits', 'app.test:000443'],
  ['port 0', 'app.test:0'],
  ['an empty port', 'app.test:'],
  ['two ports', 'app.test:80:80'],
  ['a bracket that is left open', '[::1'],
  ['brackets around a name', '[app.test]'],
  ['an address of IPv6 with a zone', '[fe80::1%25eth0]'],
  ['an empty label', 'a..app.test'],
  ['an empty label in front', '.app.test'],
  ['two dots at the end', 'app.test..'],
  ['an underscore', 'my_app'],
  ['an escape', 'app%2etest'],
  ['a character beyond ASCII', 'bücher.test'],
  ['the Kelvin sign, whose lower case is a k', 'bac\u{212A}.test'],
  ['a backslash', 'app.test\\evil.test'],
  ['a line break', 'app.test\n'],
  ['a scheme', 'https://app.test'],
  ['an asterisk', '*']
]

for (const [what, text] of malformed) {
  t.test(`no host: ${what}`, async (t) => t.equal(parseHost(text), undefined))
}

t.test('a host is written as it is read', async (t) => {
  t.equal(formatHost('app.test', ''), 'app.test')
  t.equal(formatHost('[::1]', '8443'), '[::1]:8443')
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority({ withUserInfo: true, withPort: true }), fc.domain()), (text) => {
    const host = parseHost(text)
    if (host === undefined) return
    const again = formatHost(host.name, host.port)
    const { name, port } = parseHost(again) ?? {}
    // And nothing that ends an attribute, an element, a line or the host of an address.
    if (name !== host.name || port !== host.port || !/^[a-z\d.:[\]-]+$/.test(again)) throw new Error(again)
  }), { numRuns: 300 })
  t.pass()
})
