import fc from 'fast-check'
import t from 'tap'
import type { DirectiveName } from '../../../lib/headers/csp-directives.ts'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { faultOf, isHash, isOpen, isWildcard, NONCE } from '../../../lib/headers/csp-sources.ts'

const SHA256 = `'sha256-${'A'.repeat(43)}='`
const SHA384 = `'sha384-${'b/'.repeat(32)}'`
const SHA512 = `'sha512-${'-_'.repeat(43)}=='`

const HOSTS = ['example.com', 'EXAMPLE.com', 'localhost', 'a', 'xn--bcher-kva.example', 'example.com.', '*.example.com', '*', '*:443', '*:*', 'https://*', 'example.com:443', 'example.com:0',
  'example.com:65535', 'example.com:*', 'https://example.com', 'wss://example.com:8443', 'https://*.example.com:*/a/', 'example.com/', 'example.com/a/b.js', 'example.com/a%3Bb%2c', 'example.com/!$&()*+=:@~_-.', '127.0.0.1', '127.0.0.1:3000', '-', 'a--b']
const SCHEMES = ['https:', 'http:', 'data:', 'blob:', 'wss:', 'mediastream:', 'filesystem:', 'HTTPS:', 'com.example.app:', 'a+b-c.d:']
const SCRIPT_WORDS = ["'self'", "'none'", "'unsafe-inline'", "'unsafe-hashes'", "'report-sample'", NONCE, "'strict-dynamic'", "'unsafe-eval'", "'wasm-unsafe-eval'",
  "'trusted-types-eval'", "'inline-speculation-rules'", "'report-sha256'", "'report-sha384'", "'report-sha512'"]
const STYLE_WORDS = ["'self'", "'none'", "'unsafe-inline'", "'unsafe-hashes'", "'report-sample'", NONCE]
const HANDLER_WORDS = ["'none'", "'unsafe-inline'", "'unsafe-hashes'", "'report-sample'"]
const HASHES = [SHA256, SHA384, SHA512]

const admitted: Array<[directives: DirectiveName[], values: string[]]> = [
  [['script-src', 'script-src-elem', 'default-src'], [...SCRIPT_WORDS, ...HASHES, ...HOSTS, ...SCHEMES]],
  [['style-src', 'style-src-elem'], [...STYLE_WORDS, ...HASHES, ...HOSTS, ...SCHEMES]],
  [['script-src-attr', 'style-src-attr'], [...HANDLER_WORDS, ...HASHES]],
  [['img-src', 'font-src', 'connect-src', 'media-src', 'object-src', 'child-src', 'frame-src', 'fenced-frame-src', 'worker-src', 'manifest-src', 'form-action', 'base-uri', 'frame-ancestors'],
    ["'self'", "'none'", ...HOSTS, ...SCHEMES]],
  [['sandbox'], ['allow-downloads', 'allow-forms', 'allow-modals', 'allow-orientation-lock', 'allow-pointer-lock', 'allow-popups', 'allow-popups-to-escape-sandbox', 'allow-presentation',
    'allow-same-origin', 'allow-scripts', 'allow-storage-access-by-user-activation', 'allow-top-navigation', 'allow-top-navigation-by-user-activation', 'allow-top-navigation-to-custom-protocols']],
  [['webrtc'], ["'allow'", "'block'"]],
  [['require-trusted-types-for'], ["'script'"]],
  [['trusted-types'], ['*', "'none'", "'allow-duplicates'", 'default', 'my-policy', 'goog#html', 'a=b', 'a/b', 'a@b', 'a.b', 'a%b', 'none', 'script']],
  [['report-to'], ['default', 'csp-endpoint', 'a.b', '*', 'a!#$%&*+-.^_`|~9']],
  [['report-uri'], ['/csp', 'https://reports.example/csp?site=1#a', '//cdn.example', 'reports/csp', 'http://[::1]:8080/r', '/a%3Bb']]
]

for (const [directives, values] of admitted) {
  for (const directive of directives) {
    t.test(`${directive} admits what its grammar has`, async (t) => {
      for (const value of values) t.equal(faultOf(directive, value), undefined, value)
    })
  }
}

const everywhere: DirectiveName[] = ['default-src', 'script-src', 'style-src', 'script-src-attr', 'img-src', 'form-action', 'base-uri', 'frame-ancestors', 'sandbox', 'webrtc',
  'require-trusted-types-for', 'trusted-types', 'report-to', 'report-uri', 'upgrade-insecure-requests']

const hostile: Array<[what: string, value: string, reason: RegExp]> = [
  ['a second expression behind a blank', "https://x.example 'unsafe-inline'", /One element is one expression/],
  ['a blank in front', " 'self'", /One element is one expression/],
  ['a blank behind', "'self' ", /One element is one expression/],
  ['a blank alone', ' ', /One element is one expression/],
  ['a tab', "x.example\t'unsafe-inline'", /One element is one expression/],
  ['a line feed', 'x.example\nset-cookie:a=b', /One element is one expression/],
  ['a carriage return', 'x.example\r\nset-cookie:a=b', /One element is one expression/],
  ['a form feed', 'x.example\fy.example', /Only ASCII/],
  ['a vertical tab', 'x.example\vy.example', /Only ASCII/],
  ['NUL', 'x.example\0', /Only ASCII/],
  ['DEL', 'x.example\x7f', /Only ASCII/],
  ['a no-break space', 'x.example\u00a0y.example', /Only ASCII/],
  ['a line separator', 'x.example\u2028y.example', /Only ASCII/],
  ['a semicolon', 'x.example;script-src', /would end the directive/],
  ['a semicolon alone', ';', /would end the directive/],
  ['a comma', 'x.example,y.example', /would end the directive/],
  ['a comma in a path', 'x.example/a,b', /would end the directive/],
  ['a letter beyond ASCII', 'bücher.example', /punycode/],
  ['a letter that folds into ASCII', '\u212aelvin.example', /punycode/],
  ['an emoji', 'x.example/\u{1f600}', /punycode/],
  ['half a surrogate', 'x.example/\ud800', /punycode/],
  ['typographic single quotes', '\u2018self\u2019', /Typographic quotes/],
  ['typographic double quotes', '\u201cself\u201d', /Typographic quotes/],
  ['too many characters', 'a'.repeat(1025), /1024 characters/]
]

for (const [what, value, reason] of hostile) {
  t.test(`no directive admits ${what}`, async (t) => {
    for (const directive of everywhere) t.match(faultOf(directive, value), reason, directive)
  })
}

t.test('1024 characters are not too many', async (t) => {
  t.equal(faultOf('img-src', 'a'.repeat(1024)), undefined)
})

const LITERAL = /A nonce that is written down is known to the attacker: write `'nonce'`/
const HASH_SHAPE = /with the whole hash in base64/
const LOWER = /Keywords are written in lower case/
const QUOTES = /Keywords stand in single quotes/
const NO_EFFECT = /This keyword has no effect in this directive/
const HOST_SHAPE = /^Expected a keyword, a hash, a scheme or a host\.$/

const refused: Array<[what: string, directive: DirectiveName, value: string, reason: RegExp]> = [
  ['nothing', 'script-src', '', HOST_SHAPE],
  ['a keyword in capitals', 'script-src', "'SELF'", /lower case: `'self'`/],
  ['a keyword in mixed case', 'script-src', "'Unsafe-Inline'", LOWER],
  ["'NONE'", 'img-src', "'NONE'", /Expected one of 'self'|no effect/],
  ['self without quotes', 'script-src', 'self', /`'self'`/],
  ['SELF without quotes', 'script-src', 'SELF', QUOTES],
  ['none without quotes', 'img-src', 'none', QUOTES],
  ['unsafe-inline without quotes', 'style-src', 'unsafe-inline', QUOTES],
  ['unsafe-eval without quotes, where it has no effect', 'img-src', 'unsafe-eval', QUOTES],
  ['nonce without quotes', 'script-src', 'nonce', QUOTES],
  ['strict-dynamic without quotes', 'script-src', 'strict-dynamic', QUOTES],
  ['one quote in front', 'script-src', "'self", /Expected one of/],
  ['one quote behind', 'script-src', "self'", /Expected one of/],
  ['two quotes', 'script-src', "''self''", /Expected one of/],
  ['double quotes', 'script-src', '"self"', HOST_SHAPE],
  ['backticks', 'script-src', '`self`', HOST_SHAPE],
  ['an empty quotation', 'script-src', "''", /Expected one of/],
  ['a keyword nobody knows', 'script-src', "'unsafe-everything'", /Expected one of 'self' 'unsafe-inline'/],
  ['a quotation around a host', 'script-src', "'example.com'", /Expected one of/],
  ['a quotation around a URL', 'script-src', "'https://example.com/'", /Expected one of/],
  ['a quote in a path', 'script-src', "example.com/it's", /Expected one of/],
  ['a quoted word in a path', 'form-action', "https://evil.example/'nonce'", /Expected one of/],
  ['a literal nonce', 'script-src', "'nonce-abcdefghijklmnopqrstuv'", LITERAL],
  ['a literal nonce in capitals', 'script-src', "'NONCE-abc'", LITERAL],
  ['a literal nonce with a slash', 'script-src', "'nonce-ab/cd'", LITERAL],
  ['a literal nonce in styles', 'style-src', "'nonce-abc'", LITERAL],
  ['a bare nonce', 'script-src', 'nonce-abc', /Nonces and hashes stand in single quotes/],
  ['a bare hash', 'script-src', `sha256-${'A'.repeat(43)}=`, /Nonces and hashes stand in single quotes/],
  ['a bare hash in capitals', 'script-src', 'SHA384-abc', /Nonces and hashes stand in single quotes/],
  ['a hash too short', 'script-src', `'sha256-${'A'.repeat(42)}='`, HASH_SHAPE],
  ['a hash too long', 'script-src', `'sha256-${'A'.repeat(44)}='`, HASH_SHAPE],
  ['a hash without its padding', 'script-src', `'sha256-${'A'.repeat(43)}'`, HASH_SHAPE],
  ['a hash of another algorithm\'s length', 'script-src', `'sha384-${'A'.repeat(43)}='`, HASH_SHAPE],
  ['a hash in hexadecimal', 'script-src', `'sha256-${'0f'.repeat(32)}'`, HASH_SHAPE],
  ['sha1', 'script-src', `'sha1-${'A'.repeat(27)}='`, HASH_SHAPE],
  ['an algorithm in capitals', 'script-src', `'SHA256-${'A'.repeat(43)}='`, HASH_SHAPE],
  ['a hash for images', 'img-src', SHA256, /A hash has no effect in this directive/],
  ['a hash for forms', 'form-action', SHA384, /A hash has no effect in this directive/],
  ["'nonce' for images", 'img-src', NONCE, NO_EFFECT],
  ["'nonce' for event handlers", 'script-src-attr', NONCE, NO_EFFECT],
  ["'self' for event handlers", 'script-src-attr', "'self'", NO_EFFECT],
  ["'unsafe-inline' for images", 'img-src', "'unsafe-inline'", NO_EFFECT],
  ["'unsafe-eval' for styles", 'style-src', "'unsafe-eval'", NO_EFFECT],
  ["'strict-dynamic' for styles", 'style-src', "'strict-dynamic'", NO_EFFECT],
  ['a host for event handlers', 'script-src-attr', 'https://example.com', /no origin/],
  ['a scheme for style attributes', 'style-src-attr', 'https:', /no origin/],
  ['a scheme without its colon', 'img-src', 'data', /A scheme ends in a colon: `data:`/],
  ['https without its colon', 'script-src', 'HTTPS', /`https:`/],
  ['a scheme that begins with a digit', 'img-src', '1a:', HOST_SHAPE],
  ['a scheme that begins with a hyphen', 'img-src', '-a:', HOST_SHAPE],
  ['a scheme with slashes and no host', 'img-src', 'https://', HOST_SHAPE],
  ['a scheme with one slash', 'img-src', 'https:/example.com', HOST_SHAPE],
  ['a URL without a scheme', 'img-src', '//example.com', HOST_SHAPE],
  ['a path alone', 'img-src', '/images/', HOST_SHAPE],
  ['IPv6', 'connect-src', '[::1]', /IPv6/],
  ['IPv6 in a URL', 'connect-src', 'https://[2001:db8::1]:443/', /IPv6/],
  ['a port too high', 'connect-src', 'example.com:65536', /65535/],
  ['a port far too high', 'connect-src', `example.com:${'9'.repeat(400)}`, /65535/],
  ['a port that is none', 'connect-src', 'example.com:https', HOST_SHAPE],
  ['a port that is negative', 'connect-src', 'example.com:-1', HOST_SHAPE],
  ['a colon without a port', 'connect-src', 'https://example.com:', HOST_SHAPE],
  ['two ports', 'connect-src', 'example.com:80:80', HOST_SHAPE],
  ['a query', 'connect-src', 'https://example.com/a?b', /no query and no fragment/],
  ['a fragment', 'connect-src', 'https://example.com/a#b', /no query and no fragment/],
  ['credentials', 'connect-src', 'https://user:pass@example.com', HOST_SHAPE],
  ['a backslash', 'connect-src', 'https://example.com\\a', HOST_SHAPE],
  ['an underscore in a host', 'connect-src', 'my_host.example', HOST_SHAPE],
  ['an empty label', 'connect-src', 'a..b', HOST_SHAPE],
  ['a dot in front', 'connect-src', '.example.com', HOST_SHAPE],
  ['a wildcard behind', 'connect-src', 'example.*', HOST_SHAPE],
  ['a wildcard in the middle', 'connect-src', 'a.*.example', HOST_SHAPE],
  ['a wildcard that is part of a label', 'connect-src', '*example.com', HOST_SHAPE],
  ['two wildcards', 'connect-src', '*.*.example', HOST_SHAPE],
  ['two stars', 'connect-src', '**', HOST_SHAPE],
  ['a percent sign that encodes nothing', 'connect-src', 'example.com/100%', HOST_SHAPE],
  ['angle brackets', 'connect-src', 'example.com/<a>', HOST_SHAPE],
  ['a double quote', 'connect-src', 'example.com/"a"', HOST_SHAPE],
  ['an unknown sandbox word', 'sandbox', 'allow-everything', /Expected one of allow-downloads/],
  ['a sandbox word in capitals', 'sandbox', 'ALLOW-SCRIPTS', /Expected one of/],
  ['a quoted sandbox word', 'sandbox', "'allow-scripts'", /Expected one of/],
  ['an empty sandbox word', 'sandbox', '', /Expected one of/],
  ['script without quotes', 'require-trusted-types-for', 'script', /in single quotes/],
  ['another sink', 'require-trusted-types-for', "'style'", /The only value is `'script'`/],
  ['allow without quotes', 'webrtc', 'allow', /`'allow'` and `'block'`/],
  ['allow-duplicates with a slip', 'trusted-types', "'allow-duplicate'", /Expected the name of a Trusted Types policy/],
  ['a quoted policy name', 'trusted-types', "'default'", /Expected the name/],
  ['a policy name with a star', 'trusted-types', 'goog*', /Expected the name/],
  ['an empty policy name', 'trusted-types', '', /Expected the name/],
  ['a URL as the name of an endpoint', 'report-to', 'https://reports.example', /Expected the name of one endpoint/],
  ['a quoted name of an endpoint', 'report-to', "'default'", /Expected the name of one endpoint/],
  ['an empty name of an endpoint', 'report-to', '', /Expected the name of one endpoint/],
  ['a report URL in angle brackets', 'report-uri', '<https://reports.example>', /Expected a URL/],
  ['a report URL with a quote', 'report-uri', "/'nonce'", /Expected a URL/],
  ['a report URL with a backslash', 'report-uri', '\\\\reports.example', /Expected a URL/],
  ['an empty report URL', 'report-uri', '', /Expected a URL/],
  ['a value of a directive that has none', 'upgrade-insecure-requests', 'true', /takes no value: write `true`/]
]

for (const [what, directive, value, reason] of refused) {
  t.test(`${directive} does not admit ${what}`, async (t) => {
    t.match(faultOf(directive, value), reason)
  })
}

t.test('property: what hashOf gives is a source of scripts and styles', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const), (text, algorithm) => {
    const source = hashOf(text, algorithm)
    return isHash(source) && faultOf('script-src', source) === undefined && faultOf('style-src-attr', source) === undefined && faultOf('img-src', source) !== undefined
  }))
})

t.test('property: whatever is admitted is one token of printable ASCII that ends neither directive nor policy', async () => {
  const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTS, ...SCHEMES, ...SCRIPT_WORDS, ...HASHES, ' ', ';', ',', '\r\n', '\0', "'", '/', '%'))
  let count = 0
  fc.assert(fc.property(fc.constantFrom(...everywhere), fc.array(piece, { minLength: 1, maxLength: 4 }), (directive, pieces) => {
    const value = pieces.join('')
    if (faultOf(directive, value) !== undefined) return true
    count++
    return /^[\x21-\x7e]+$/.test(value) && !/[;,]/.test(value)
  }), { numRuns: 5000 })
  t.ok(count > 100, `${count} of them were admitted`)
})

t.test('property: a quote stands in keywords and hashes alone', async () => {
  fc.assert(fc.property(fc.constantFrom(...everywhere), fc.constantFrom(...HOSTS, ...SCHEMES, '/csp', 'default'), fc.nat(40), (directive, value, at) => {
    const quoted = `${value.slice(0, at)}'${value.slice(at)}`
    return faultOf(directive, quoted) !== undefined
  }))
})

t.test('a hash is known by its whole shape', async (t) => {
  for (const source of HASHES) t.ok(isHash(source), source)
  for (const source of ["'self'", NONCE, 'sha256-abc', `${SHA256} `, `x${SHA256}`, "'sha256-abc'"]) t.notOk(isHash(source), source)
})

t.test('what names no host is open', async (t) => {
  for (const source of ['*', '*:443', '*:*', '*/a', 'https://*', 'HTTPS://*:443/', 'a+b://*']) {
    t.ok(isWildcard(source), source)
    t.ok(isOpen(source), source)
  }
  for (const source of ['https:', 'data:', 'DATA:']) {
    t.notOk(isWildcard(source), source)
    t.ok(isOpen(source), source)
  }
  for (const source of ['*.example.com', 'https://*.example.com', 'example.com', 'example.com:*', 'example.com/*', "'self'", NONCE, SHA256]) {
    t.notOk(isOpen(source), source)
  }
})
