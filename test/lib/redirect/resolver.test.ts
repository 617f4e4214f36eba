import fc from 'fast-check'
import t from 'tap'
import { Resolver, type RefusalReason, type Resolution } from '../../../lib/redirect/resolver.ts'
import type { ResolveOptions } from '../../../lib/redirect/settings.ts'
import { arbitraryPath, arbitraryTarget } from './arbitrary-target.ts'

const OWN: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test', '*.wide.test', 'good.test:8443', 'http://plain.test:8080'] }

function resolverOf (options: ResolveOptions = OWN): Resolver {
  return new Resolver(options, 'redirect')
}

const same = (href: string): Resolution => ({ ok: true, href, kind: 'same' })
const allowed = (href: string): Resolution => ({ ok: true, href, kind: 'allowed' })
const refused = (reason: RefusalReason): Resolution => ({ ok: false, reason })

const cases: Array<[what: string, input: unknown, expected: Resolution]> = [
  ['a path', '/home', same('https://app.test/home')],
  ['the root', '/', same('https://app.test/')],
  ['a path with query and fragment', '/a/b.html?x=1&y[]=2#z', same('https://app.test/a/b.html?x=1&y[]=2#z')],
  ['a path beyond ASCII is encoded', '/日本', same('https://app.test/%E6%97%A5%E6%9C%AC')],
  ['half of a surrogate pair is replaced', '/\ud800', same('https://app.test/%EF%BF%BD')],
  ['dot segments are resolved', '/a/../b/./c', same('https://app.test/b/c')],
  ['encoded dot segments, too', '/a/%2e%2E/b', same('https://app.test/b')],
  ['a path that begins with two slashes keeps its host', '/.//evil.test', same('https://app.test//evil.test')],
  ['a tab is dropped before the text is read', '/a\tb', same('https://app.test/ab')],
  ['the own origin', 'https://app.test/home', same('https://app.test/home')],
  ['the own origin with its default port', 'https://app.test:443/x', same('https://app.test/x')],
  ['the own origin in capitals', 'HTTPS://App.Test/X', same('https://app.test/X')],
  ['the own host in other letters that IDNA maps', 'https://app。test/', same('https://app.test/')],
  ['the own host without a scheme', '//app.test/x', same('https://app.test/x')],
  ['a relative path', 'home', same('https://app.test/home')],
  ['a query alone', '?page=2', same('https://app.test/?page=2')],
  ['a host of the list', 'https://good.test/x', allowed('https://good.test/x')],
  ['a host of the list without a scheme', '//good.test', allowed('https://good.test/')],
  ['a host of the list on its port', 'https://good.test:8443/', allowed('https://good.test:8443/')],
  ['a subdomain', 'https://a.b.wide.test/', allowed('https://a.b.wide.test/')],
  ['an origin of the list with its scheme', 'http://plain.test:8080/x', allowed('http://plain.test:8080/x')],

  ['undefined', undefined, refused('type')],
  ['null', null, refused('type')],
  ['a number', 5, refused('type')],
  ['an array, as a repeated key gives', ['/home'], refused('type')],
  ['an object', { toString: () => '/home' }, refused('type')],
  ['an object of String', Object('/home'), refused('type')],
  ['an empty text', '', refused('empty')],
  ['white space alone', ' \t\r\n', refused('empty')],
  ['control characters alone', '\0\x1f', refused('empty')],
  ['too long', `/${'a'.repeat(2048)}`, refused('length')],
  ['too long when encoded', `/${'日'.repeat(300)}`, refused('length')],
  ['no URL', 'https://[', refused('malformed')],
  ['a host with an encoded space', 'https://app.test%20.evil.test', refused('malformed')],
  ['a scheme that runs', 'javascript:alert(1)', refused('scheme')],
  ['a scheme that runs, with the own host', 'javascript://app.test/%0aalert(1)', refused('scheme')],
  ['a file', 'file:///', refused('scheme')],
  ['a file of the own host', 'file://app.test/etc/passwd', refused('scheme')],
  ['a blob of the own origin', 'blob:https://app.test/u', refused('scheme')],
  ['another special scheme', 'ftp://app.test/', refused('scheme')],
  ['a user before the own host', 'https://evil.test@app.test/', refused('credentials')],
  ['a password alone', 'https://:p@app.test/', refused('credentials')],
  ['another host', 'https://evil.test', refused('host')],
  ['another host without a scheme', '//evil.test', refused('host')],
  ['backslashes', '/\\evil.test', refused('host')],
  ['a tab between slashes', '/\t/evil.test', refused('host')],
  ['a control character before slashes', '\x01//evil.test', refused('host')],
  ['three slashes', '///evil.test', refused('host')],
  ['the own host as a user', 'https://app.test@evil.test', refused('credentials')],
  ['the own host as a label', 'https://app.test.evil.test', refused('host')],
  ['a zero-width space in the own host', 'https://app.test\u200b.evil.test', refused('host')],
  ['the own host with a dot behind it', 'https://app.test./', refused('host')],
  ['another port of the own host', 'https://app.test:8443/', refused('host')],
  ['another port of a host of the list', 'https://good.test:9000/', refused('host')],
  ['the apex of a wildcard', 'https://wide.test/', refused('host')],
  ['what only ends like a wildcard', 'https://notwide.test/', refused('host')],
  ['a host of the list over plain http', 'http://good.test/', refused('host')],
  ['an origin of the list under another scheme', 'https://plain.test:8080/', refused('host')],
  ['the own host over plain http', 'http://app.test/', refused('insecure')]
]

for (const [what, input, expected] of cases) {
  t.test(`resolve: ${what}`, async (t) => t.same(resolverOf().resolve(input), expected))
}

const relative: Array<[what: string, input: string, requestUrl: string, href: string]> = [
  ['a query', '?page=2', '/list/all?page=1', 'https://app.test/list/all?page=2'],
  ['a path', 'b', '/a/x', 'https://app.test/a/b'],
  ['a fragment', '#x', '/a?b', 'https://app.test/a?b#x'],
  ['a path from the root', '/c', '/a/x', 'https://app.test/c'],
  ['a request with two slashes', 'c', '//evil.test/x', 'https://app.test//evil.test/c'],
  ['a request line that holds a whole URL', 'c', 'http://evil.test/x', 'https://app.test/c'],
  ['a request line that would go on with the host', 'c', '.evil.test/x', 'https://app.test/c'],
  ['a request for a user', 'c', '@evil.test/x', 'https://app.test/c'],
  ['a request for everything', 'c', '*', 'https://app.test/c']
]

for (const [what, input, requestUrl, href] of relative) {
  t.test(`resolved against the request: ${what}`, async (t) => t.same(resolverOf().resolve(input, requestUrl), same(href)))
}

const strict: Array<[what: string, input: unknown, safe: boolean]> = [
  ['a path', '/home', true],
  ['a path beyond ASCII', '/日本?q=é', true],
  ['a path that the parser shortens', '/a/../b', true],
  ['a relative path', 'a/b:c', true],
  ['the own origin', 'https://app.test/x', true],
  ['a host of the list', 'https://good.test:8443/x', true],
  ['an origin of http on the list', 'http://plain.test:8080/', true],
  ['another host', 'https://evil.test', false],
  ['an array', ['/home'], false],
  ['a tab', '/a\tb', false],
  ['a line break', '/a\n', false],
  ['a delete character', '/a\x7f', false],
  ['a control character of latin-1', '/a\u0085b', false],
  ['a backslash', '/a\\b', false],
  ['half of a surrogate pair', '/\ud800', false],
  ['a whole surrogate pair', '/🦊', true],
  ['a space before it', ' /home', false],
  ['a no-break space behind it', '/home\u00a0', false],
  ['a scheme without slashes, relative on https', 'https:evil.test', false],
  ['a scheme without slashes and a path', 'https:/evil.test', false],
  ['the scheme alone', 'https:', false],
  ['the own host with its port, without a scheme', '//app.test:443/x', false],
  ['the own host without a scheme', '//app.test/x', true],
  ['a host of the list without a scheme: over http it is not on it', '//good.test/', false]
]

for (const [what, input, safe] of strict) {
  t.test(`${safe ? 'safe' : 'not safe'} as it is: ${what}`, async (t) => t.equal(resolverOf().isSafe(input), safe))
}

t.test('an origin of http', async (t) => {
  const resolver = resolverOf({ origin: 'http://localhost:3000', hosts: ['good.test'] })
  t.same(resolver.resolve('/home'), same('http://localhost:3000/home'))
  t.same(resolver.resolve('https://localhost:3000/'), same('https://localhost:3000/'), 'the same host over https is no other')
  t.same(resolver.resolve('http://localhost/'), refused('host'))
  t.same(resolver.resolve('//good.test/'), refused('host'), 'an entry without a scheme is https')
  t.same(resolver.resolve('https://good.test/'), allowed('https://good.test/'))
  t.ok(resolver.isSafe('https://localhost:3000/'))
})

t.test('a port that is the default of the other scheme', async (t) => {
  const resolver = resolverOf({ origin: 'http://app.test:443' })
  t.same(resolver.resolve('/x'), same('http://app.test:443/x'))
  t.same(resolver.resolve('https://app.test/x'), same('https://app.test/x'))
  t.same(resolver.resolve('http://app.test/x'), refused('host'))
  t.ok(resolver.isSafe('/a/../b'))
})

t.test('requireHttps', async (t) => {
  t.same(resolverOf({ origin: 'https://app.test', requireHttps: false }).resolve('http://app.test/x'), same('http://app.test/x'))
  t.same(resolverOf({ origin: 'https://app.test', hosts: ['http://app.test'] }).resolve('http://app.test/x'), allowed('http://app.test/x'), 'an entry of the list says otherwise')
  t.same(resolverOf({ origin: 'https://app.test', requireHttps: true }).resolve('http://app.test/x'), refused('insecure'))
  t.equal(resolverOf().isSafe('http://app.test/'), false)
})

const local: Array<[input: string, expected: Resolution]> = [
  ['/home', same('/home')],
  ['/a/../b?c#d', same('/b?c#d')],
  ['/.//evil.test', same('/.//evil.test')],
  ['/x/..//evil.test', same('/.//evil.test')],
  ['/日本', same('/%E6%97%A5%E6%9C%AC')],
  ['//evil.test', refused('not-local')],
  ['/\\evil.test', refused('not-local')],
  ['/\t/evil.test', refused('host')],
  ['/\t/origin.invalid/x', same('/x')],
  ['//origin.invalid/x', refused('not-local')],
  ['https://origin.invalid/x', refused('not-local')],
  ['home', refused('not-local')],
  ['?a', refused('not-local')],
  [' /home', refused('not-local')],
  ['javascript:alert(1)', refused('not-local')]
]

t.test('localOnly', async (t) => {
  const resolver = resolverOf({ localOnly: true })
  for (const [input, expected] of local) t.same(resolver.resolve(input), expected, JSON.stringify(input))
  t.equal(resolver.origin, '')
  const known = resolverOf({ origin: 'https://app.test', localOnly: true })
  t.same(known.resolve('/a/../b'), same('https://app.test/b'), 'with an origin, the answer names it')
  t.same(known.resolve('https://app.test/b'), refused('not-local'))
})

t.test('maxLength counts what comes behind the own origin', async (t) => {
  const resolver = resolverOf({ origin: 'https://app.test', maxLength: 10 })
  for (const [input, ok] of [['/123456789', true], ['/1234567890', false], ['https://app.test/123456789', true], ['https://app.test/1234567890', false], ['/日', true], ['/日日', false]] as const) {
    t.equal(resolver.resolve(input).ok, ok, input)
  }
})

t.test('more hosts for one route', async (t) => {
  const resolver = resolverOf().with(['other.test'], 'config.security.redirect.hosts')
  t.same(resolver.resolve('https://other.test/'), allowed('https://other.test/'))
  t.same(resolver.resolve('https://good.test/'), allowed('https://good.test/'))
  t.same(resolverOf().resolve('https://other.test/'), refused('host'), 'the first one is as it was')
  t.same(resolverOf({ origin: 'https://app.test' }).with(['other.test'], 'x').resolve('https://other.test/'), allowed('https://other.test/'))
  t.throws(() => resolverOf().with(['ok.test', 'no/path'], 'route.hosts'), { code: 'BULWARK_ERR_REDIRECT_OPTION_INVALID', message: /^route\.hosts\[1\]:/ })
})

const wrong: Array<[what: string, options: ResolveOptions, path: string]> = [
  ['no origin', {}, 'redirect.origin'],
  ['an origin with a path', { origin: 'https://app.test/' }, 'redirect.origin'],
  ['a host that is none', { origin: 'https://app.test', hosts: ['a b'] }, 'redirect.hosts[0]'],
  ['hosts under localOnly', { origin: 'https://app.test', localOnly: true, hosts: ['good.test'] }, 'redirect.hosts'],
  ['requireHttps over an origin of http', { origin: 'http://app.test', requireHttps: true }, 'redirect.requireHttps'],
  ['requireHttps with a host of http', { origin: 'https://app.test', requireHttps: true, hosts: ['http://good.test'] }, 'redirect.hosts[0]']
]

for (const [what, options, path] of wrong) {
  t.test(`refused: ${what}`, async (t) => {
    const error = t.throws(() => resolverOf(options), { code: 'BULWARK_ERR_REDIRECT_OPTION_INVALID' }) as Error
    t.ok(error.message.startsWith(`${path}: `), error.message)
  })
}

// ---- properties

const RUNS = { numRuns: 3000 }
const WORLDS: ReadonlyArray<[name: string, options: ResolveOptions, hosts: readonly string[]]> = [
  ['https', OWN, ['https://app.test', 'https://good.test', 'https://good.test:8443', 'http://plain.test:8080']],
  ['https or http', { origin: 'https://app.test', requireHttps: false }, ['https://app.test', 'http://app.test']],
  ['http with a port', { origin: 'http://app.test:8443' }, ['http://app.test:8443', 'https://app.test:8443']],
  ['local', { origin: 'https://app.test', localOnly: true }, ['https://app.test']]
]

for (const [name, options, origins] of WORLDS) {
  t.test(`any text at all, ${name}`, async () => {
    const resolver = resolverOf(options)
    fc.assert(fc.property(arbitraryTarget, fc.constantFrom('/', '/login?next=x', '//evil.test/', '/\\evil.test', 'http://evil.test/'), (input, requestUrl) => {
      const resolution = resolver.resolve(input, requestUrl)
      const isSafe = resolver.isSafe(input)
      if (!resolution.ok) return !isSafe
      const { href } = resolution
      // Read from any page, it is where it said: on the list, printable, and itself again.
      const read = [`http://${new URL(origins[0]!).host}/a/b`, 'https://evil.test/', 'http://evil.test/'].map((base) => new URL(href, base))
      const stays = read.every((url) => origins.includes(url.origin) || /^https:\/\/([\w-]+\.)+wide\.test$/.test(url.origin))
      const again = resolver.resolve(href, '/elsewhere')
      return stays && /^[\x21-\x7e]+$/.test(href) && (options.localOnly === true || (again.ok && again.href === href && again.kind === resolution.kind))
    }), RUNS)
  })

  t.test(`what is safe as it is stays from a page of either scheme, ${name}`, async () => {
    const resolver = resolverOf(options)
    const { host } = new URL(origins[0]!)
    fc.assert(fc.property(arbitraryTarget, (input) => {
      if (!resolver.isSafe(input)) return true
      return ['https', 'http'].every((scheme) => {
        const url = new URL(input, `${scheme}://${host}/a/b`)
        return url.host === host || origins.includes(url.origin) || /\.wide\.test$/.test(url.host)
      })
    }), RUNS)
  })
}

t.test('any text at all, without an origin', async () => {
  const resolver = resolverOf({ localOnly: true })
  fc.assert(fc.property(arbitraryTarget, (input) => {
    const resolution = resolver.resolve(input)
    if (!resolution.ok) return !resolver.isSafe(input)
    const again = resolver.resolve(resolution.href)
    return again.ok && again.href === resolution.href && /^\/[\x21-\x7e]*$/.test(resolution.href) &&
      ['http://a.test/x/y', 'https://b.test:8443'].every((base) => new URL(resolution.href, base).origin === new URL(base).origin)
  }), RUNS)
})

t.test('what is decided without the parser is what the parser says', async (t) => {
  const resolver = resolverOf({ origin: 'https://app.test', maxLength: 16_384 })
  let plain = 0
  fc.assert(fc.property(fc.oneof(arbitraryPath, arbitraryTarget), (input) => {
    const resolution = resolver.resolve(input)
    // What is not the own origin in front of the input went through the parser, and is no case for this test.
    if (!resolution.ok || resolution.href !== `https://app.test${input}`) return true
    plain++
    return new URL(input, 'https://app.test').href === resolution.href && new URL(input, 'http://app.test/a').href === `http://app.test${input}`
  }), { numRuns: 20_000 })
  t.ok(plain > 1000, 'there were many of them')
  for (const path of ['/a', '/a/', '/a/b.c', '/a.', '/a..', '/a%2e', '/-.', '/%2e', '/.', '/a/.', '/a/..', '/a//b', '/a/%2E%2e/b', '/?', '/?a/../b', '/#', '/#/../x', "/?'", "/'", '/a?b?c#d?e', '/|', '/^']) {
    t.same(resolver.resolve(path), same(new URL(path, 'https://app.test').href), path)
  }
})

t.test('a text that takes long to look at takes no longer than its length', async (t) => {
  const resolver = resolverOf({ origin: 'https://app.test', maxLength: 16_384 })
  for (const unit of ['/a', '/', 'a', '?', '#', '%', '.', '\t', '\\']) t.type(resolver.resolve(`/${unit.repeat(8000)}\u00ff`).ok, 'boolean', unit)
})
