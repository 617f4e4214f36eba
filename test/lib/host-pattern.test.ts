import fc from 'fast-check'
import t from 'tap'
import { admitsName, parseHostPattern } from '../../lib/host-pattern.ts'

const parsed: Array<[entry: string, name: string, hasWildcard: boolean, port: string]> = [
  ['good.test', 'good.test', false, ''],
  ['GOOD.test', 'good.test', false, ''],
  ['good.test:8443', 'good.test', false, '8443'],
  ['good.test:443', 'good.test', false, '443'],
  ['good.test:0443', 'good.test', false, '443'],
  ['bücher.test', 'xn--bcher-kva.test', false, ''],
  ['localhost', 'localhost', false, ''],
  ['127.0.0.1:3000', '127.0.0.1', false, '3000'],
  ['[::1]', '[::1]', false, ''],
  ['[0:0::1]:3000', '[::1]', false, '3000'],
  ['*.good.test', '.good.test', true, ''],
  ['*.good.test:8443', '.good.test', true, '8443'],
  ['*.bücher.test', '.xn--bcher-kva.test', true, ''],
  ['*.localhost', '.localhost', true, ''],
  ['*.localhost:3000', '.localhost', true, '3000']
]

for (const [entry, name, hasWildcard, port] of parsed) {
  t.test(`an entry: ${entry}`, async (t) => t.same(parseHostPattern(entry), { name, hasWildcard, port }))
}

const refused: Array<[what: string, entry: string]> = [
  ['nothing', ''],
  ['everything', '*'],
  ['all of a top-level domain', '*.com'],
  ['all of a top-level domain, with a dot behind', '*.com.'],
  ['a wildcard within', 'a.*.test'],
  ['a wildcard as a part of a label', 'a*.good.test'],
  ['two wildcards', '*.*.good.test'],
  ['subdomains of an address', '*.127.0.0.1'],
  ['subdomains of an address of IPv6', '*.[::1]'],
  ['a scheme', 'https://good.test'],
  ['a path', 'good.test/'],
  ['credentials', 'user@good.test'],
  ['a query', 'good.test?a'],
  ['a blank', 'good .test'],
  ['a line break', 'good.test\n'],
  ['a backslash', 'good.test\\a'],
  ['a port that is no number', 'good.test:a'],
  ['an empty port', 'good.test:'],
  ['a port beyond all ports', 'good.test:99999'],
  ['an escape of a slash', 'good%2ftest'],
  ['brackets around a name', '[good.test]']
]

for (const [what, entry] of refused) {
  t.test(`refused: ${what}`, async (t) => t.equal(parseHostPattern(entry), undefined))
}

const admitted: Array<[entry: string, name: string, admits: boolean]> = [
  ['good.test', 'good.test', true],
  ['good.test', 'a.good.test', false],
  ['good.test', 'good.test.', false],
  ['good.test', 'good.test.evil.test', false],
  ['*.good.test', 'a.good.test', true],
  ['*.good.test', 'a.b.good.test', true],
  ['*.good.test', 'good.test', false],
  ['*.good.test', '.good.test', false],
  ['*.good.test', 'evilgood.test', false],
  ['*.good.test', 'a.good.test.evil.test', false],
  ['[::1]', '[::1]', true]
]

for (const [entry, name, admits] of admitted) {
  t.test(`${entry} ${admits ? 'admits' : 'does not admit'} ${name}`, async (t) => t.equal(admitsName(parseHostPattern(entry)!, name), admits))
}

t.test('property: any text at all is an entry or none, and an entry admits what it names', async () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.webAuthority()), (entry) => {
    const pattern = parseHostPattern(entry)
    return pattern === undefined || pattern.hasWildcard || admitsName(pattern, new URL(`https://${entry}`).hostname)
  }))
})
