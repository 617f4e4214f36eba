import t from 'tap'
import { compileHosts } from '../../../lib/redirect/allowed-hosts.ts'

const cases: Array<[entry: string, url: string, admitted: boolean]> = [
  ['good.test', 'https://good.test/a?b', true],
  ['good.test', 'http://good.test/', false],
  ['good.test', 'https://good.test:8443/', false],
  ['good.test', 'https://a.good.test/', false],
  ['good.test', 'ftp://good.test/', false],
  ['good.test', 'javascript://good.test/', false],
  ['Good.Test', 'https://good.test/', true],
  ['bücher.test', 'https://xn--bcher-kva.test/', true],
  ['good.test:443', 'https://good.test/', true],
  ['good.test:8443', 'https://good.test:8443/', true],
  ['good.test:8443', 'https://good.test/', false],
  ['good.test:80', 'http://good.test/', false],
  ['*.good.test', 'https://a.good.test/', true],
  ['*.good.test', 'https://a.b.good.test/', true],
  ['*.good.test', 'https://good.test/', false],
  ['*.good.test', 'https://evilgood.test/', false],
  ['*.good.test', 'http://a.good.test/', false],
  ['*.good.test', 'javascript://a.good.test/%0aalert(1)', false],
  ['*.good.test:8443', 'https://a.good.test:8443/', true],
  ['*.good.test:8443', 'https://a.good.test/', false],
  ['http://good.test:8080', 'http://good.test:8080/', true],
  ['http://good.test:8080', 'https://good.test:8080/', false],
  ['http://good.test', 'http://good.test/', true],
  ['https://good.test', 'https://good.test/', true],
  ['https://good.test', 'http://good.test/', false],
  ['HTTPS://GOOD.TEST', 'https://good.test/', true],
  ['localhost:3000', 'https://localhost:3000/', true],
  ['127.0.0.1', 'https://2130706433/', true],
  ['[::1]', 'https://[0:0::1]/', true]
]

for (const [entry, url, admitted] of cases) {
  t.test(`${entry} ${admitted ? 'admits' : 'does not admit'} ${url}`, async (t) => t.equal(compileHosts([entry], 'hosts', false)(new URL(url)), admitted))
}

t.test('an empty list admits nothing, a long one each of its entries', async (t) => {
  t.notOk(compileHosts([], 'hosts', false)(new URL('https://good.test/')))
  const admits = compileHosts(['a.test', 'b.test', 'c.test'], 'hosts', true)
  for (const name of ['a', 'b', 'c']) t.ok(admits(new URL(`https://${name}.test/`)))
})

const refused: Array<[what: string, entry: string]> = [
  ['nothing', ''],
  ['everything', '*'],
  ['a whole top level', '*.com'],
  ['a wildcard in the middle', 'a.*.test'],
  ['a wildcard of a part', 'a*.good.test'],
  ['a path', 'good.test/login'],
  ['a slash', 'good.test/'],
  ['a user', 'user@good.test'],
  ['white space', ' good.test'],
  ['an origin with a path', 'https://good.test/'],
  ['an origin with a wildcard', 'https://*.good.test'],
  ['another scheme', 'ftp://good.test'],
  ['a scheme that runs', 'javascript:alert(1)'],
  ['a host without its scheme', '//good.test'],
  ['a port beyond all ports', 'good.test:99999']
]

for (const [what, entry] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    const error = t.throws(() => compileHosts(['good.test', entry], 'redirect.hosts', false), { code: 'BULWARK_ERR_REDIRECT_OPTION_INVALID' }) as Error
    t.match(error.message, /^redirect\.hosts\[1\]: expected /)
    if (entry.length > 1) t.notMatch(error.message, ` ${entry} `, 'the value is not repeated')
  })
}

t.test('http where it was ruled out', async (t) => {
  t.throws(() => compileHosts(['http://good.test'], 'hosts', true), { code: 'BULWARK_ERR_REDIRECT_OPTION_INVALID', message: /`requireHttps`/ })
  t.ok(compileHosts(['https://good.test'], 'hosts', true)(new URL('https://good.test/')))
})
