import fc from 'fast-check'
import t from 'tap'
import { encodePath, parseRequestTarget, type RequestTarget } from '../../../lib/transport/request-target.ts'

const cases: Array<[what: string, target: string, parsed: RequestTarget | undefined, method?: string]> = [
  ['a path', '/a/b?c=d&e', { path: '/a/b?c=d&e', authority: undefined }],
  ['a path that begins with two slashes', '//evil.test/a', { path: '//evil.test/a', authority: undefined }],
  ['an absolute URL', 'http://app.test/a?b', { path: '/a?b', authority: 'app.test' }],
  ['one in capitals', 'HTTPS://APP.test:443/a', { path: '/a', authority: 'APP.test:443' }],
  ['one without a path', 'http://app.test', { path: '/', authority: 'app.test' }],
  ['one with a query alone', 'http://app.test?a', { path: '/?a', authority: 'app.test' }],
  ['one with credentials', 'http://app.test@evil.test/', { path: '/', authority: 'app.test@evil.test' }],
  ['one with a backslash', 'http://app.test\\@evil.test/', { path: '/\\@evil.test/', authority: 'app.test' }],
  ['one without a host', 'http:///a', { path: '/a', authority: '' }],
  ['the server itself', '*', { path: '*', authority: undefined }, 'OPTIONS'],
  ['the server itself, but not by OPTIONS', '*', undefined],
  ['another scheme', 'ftp://app.test/a', undefined],
  ['a scheme without slashes', 'http:app.test', undefined],
  ['an authority', 'app.test:443', undefined, 'CONNECT'],
  ['what would continue a host', '@evil.test/', undefined],
  ['what would continue a host with a dot', '.evil.test', undefined],
  ['nothing', '', undefined]
]

for (const [what, target, parsed, method = 'GET'] of cases) {
  t.test(`a target: ${what}`, async (t) => t.same(parseRequestTarget(target, method), parsed))
}

const encoded: Array<[what: string, path: string, wanted: string]> = [
  ['what is visible stays as it is', '/a%2Fb?c="d"<e>\\f#g', '/a%2Fb?c="d"<e>\\f#g'],
  ['a tab', '/\t/evil.test', '/%09/evil.test'],
  ['a line break', '/\r\nset-cookie: a=b', '/%0D%0Aset-cookie:%20a=b'],
  ['a byte beyond ASCII', '/caf\u00e9', '/caf%E9'],
  ['the bytes of UTF-8', '/\u00c3\u00a9', '/%C3%A9']
]

for (const [what, path, wanted] of encoded) {
  t.test(`a path in a Location: ${what}`, async (t) => t.equal(encodePath(path), wanted))
}

t.test('behind a host, whatever a request asks for stays on the host', async (t) => {
  const pieces = fc.oneof(fc.constantFrom('/', '//', '\\', '@', ':', '?', '#', '.', '..', '\t', '\r\n', ' ', 'evil.test', 'http://', 'https:', '%2f', '*'), fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }))
  fc.assert(fc.property(fc.array(pieces).map((parts) => parts.join('')), fc.constantFrom('GET', 'OPTIONS'), (target, method) => {
    const path = parseRequestTarget(target, method)?.path
    if (path === undefined || path === '*') return
    const location = `https://app.test${encodePath(path)}`
    if (!/^[\x21-\x7e]+$/.test(location) || new URL(location).origin !== 'https://app.test') throw new Error(location)
  }), { numRuns: 2000 })
  t.pass()
})
