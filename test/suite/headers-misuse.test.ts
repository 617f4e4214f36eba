import Fastify, { type FastifyContextConfig } from 'fastify'
import t from 'tap'
import { headers, secureServerOptions, type HeadersOptions } from '../../plugins/headers.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'

// A wrong option never starts: what is misspelt, of a wrong type, refused by a specification or in contradiction.

const UNKNOWN = 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_HEADERS_OPTION_INVALID'
const POLICY = 'BULWARK_ERR_HEADERS_POLICY_INVALID'

const set = (directive: string, value: unknown): object => ({ contentSecurityPolicy: { set: { [directive]: value } } })
const source = (expression: unknown, directive = 'script-src'): object => set(directive, ["'self'", expression])

/** Of the plugin and of a route alike. */
const settings: readonly Misuse[] = [
  ['a header that is misspelt', { contentSecurityPolcy: {} }, UNKNOWN, 'contentSecurityPolcy', '`contentSecurityPolicy`'],
  ['a header in kebab-case', { 'x-frame-options': 'DENY' }, UNKNOWN, 'x-frame-options', '`xFrameOptions`'],
  ["helmet's name for HSTS", { hsts: false }, UNKNOWN, 'hsts', 'The names are'],
  ["helmet's shape of a policy", { contentSecurityPolicy: { directives: {} } }, UNKNOWN, 'contentSecurityPolicy.directives', '`replace`, `remove`, `set`, `append`'],
  ['a policy that is a string', { contentSecurityPolicy: "default-src 'self'" }, INVALID, 'contentSecurityPolicy', 'an object of `replace`, `remove`, `set` and `append` or `false`'],
  ['a policy that is true', { contentSecurityPolicy: true }, INVALID, 'contentSecurityPolicy', '`false`'],
  ['a policy that is null', { contentSecurityPolicy: null }, INVALID, 'contentSecurityPolicy', '`false`'],
  ['a change that is misspelt', { contentSecurityPolicy: { apend: {} } }, UNKNOWN, 'contentSecurityPolicy.apend', '`append`'],
  ['a flag of a change as text', { contentSecurityPolicy: { replace: 'yes' } }, INVALID, 'contentSecurityPolicy.replace', 'a boolean'],
  ['a report-only flag', { contentSecurityPolicy: { reportOnly: true } }, UNKNOWN, 'contentSecurityPolicy.reportOnly', 'The names are'],
  ['a directive that is misspelt', set('scrpt-src', ["'self'"]), POLICY, 'contentSecurityPolicy.set.scrpt-src', '`script-src`'],
  ['a directive that is misspelt in camelCase', set('imageSrc', ["'self'"]), POLICY, 'contentSecurityPolicy.set.imageSrc', '`img-src`'],
  ['a directive that is gone', set('plugin-types', ['a/b']), POLICY, 'contentSecurityPolicy.set.plugin-types', '`object-src`'],
  ['a directive that browsers dropped', set('block-all-mixed-content', true), POLICY, 'contentSecurityPolicy.set.block-all-mixed-content', 'without it'],
  ['a directive in two spellings', { contentSecurityPolicy: { set: { imgSrc: ["'self'"], 'img-src': ["'none'"] } } }, POLICY, 'contentSecurityPolicy.set.img-src', 'twice'],
  ['a directive as text', set('img-src', "'self'"), POLICY, 'contentSecurityPolicy.set.img-src', 'an array'],
  ['a directive that is empty', set('img-src', []), POLICY, 'contentSecurityPolicy.set.img-src', "\"'none'\""],
  ['a directive that is undefined', set('img-src', null), POLICY, 'contentSecurityPolicy.set.img-src', 'received null'],
  ['a value on a directive that has none', set('upgrade-insecure-requests', ["'self'"]), POLICY, 'contentSecurityPolicy.set.upgrade-insecure-requests', '`true`'],
  ['an expression that is a number', source(1), POLICY, 'contentSecurityPolicy.set.script-src[1]', 'expression'],
  ['two expressions in one element', source(`https://${SECRET}.test 'unsafe-inline'`), POLICY, 'script-src[1]', 'separate element'],
  ['a semicolon', source(`https://${SECRET}.test;`), POLICY, 'script-src[1]', 'percent-encode'],
  ['a comma', source(`https://${SECRET}.test,`), POLICY, 'script-src[1]', 'percent-encode'],
  ['a line break', source(`https://${SECRET}.test\r\n`), POLICY, 'script-src[1]', 'without white space'],
  ['a keyword without quotes', source('self', 'img-src'), POLICY, 'img-src[1]', "`'self'`"],
  ['a keyword in typographic quotes', source('‘self’'), POLICY, 'script-src[1]', "write `'`"],
  ['a keyword in capitals', source("'SELF'"), POLICY, 'script-src[1]', "`'self'`"],
  ["'none' with company", source("'none'"), POLICY, 'script-src', "'none'"],
  ['a keyword without an effect there', source("'unsafe-inline'", 'img-src'), POLICY, 'img-src[1]', 'no effect'],
  ['a nonce in a directive that has none', source("'nonce'", 'font-src'), POLICY, 'font-src[1]', /effect|Expected/],
  ['a nonce that is written down', source(`'nonce-${SECRET}'`), POLICY, 'script-src[1]', '`request.cspNonce`'],
  ['a hash that is cut off', source(`'sha256-${SECRET}'`), POLICY, 'script-src[1]', 'whole hash'],
  ['a scheme without its colon', source('https'), POLICY, 'script-src[1]', '`https:`'],
  ['a host in Unicode', source(`https://${SECRET}ü.test`), POLICY, 'script-src[1]', 'punycode'],
  ['a source with a query', source(`https://${SECRET}.test/?a`), POLICY, 'script-src[1]', 'no query'],
  ['an address of IPv6', source('http://[::1]'), POLICY, 'script-src[1]', 'IPv6'],
  ['a port beyond all ports', source(`https://${SECRET}.test:99999`), POLICY, 'script-src[1]', '65535'],
  ['a source that is huge', source(`https://${SECRET.repeat(100_000)}.test`), POLICY, 'script-src[1]', '1024'],
  ['a sandbox word that is none', set('sandbox', ['allow-everything']), POLICY, 'sandbox[0]', 'allow-forms'],
  ['a Trusted Types sink that is none', set('require-trusted-types-for', ['script']), POLICY, 'require-trusted-types-for[0]', "`'script'`"],
  ["'none' appended", { contentSecurityPolicy: { append: { 'img-src': ["'none'"] } } }, POLICY, 'contentSecurityPolicy.append.img-src', 'use `set`'],
  ['something to append that is text', { contentSecurityPolicy: { append: { 'img-src': SECRET } } }, POLICY, 'contentSecurityPolicy.append.img-src', 'an array'],
  ['something to remove that is text', { contentSecurityPolicy: { remove: { 'img-src': SECRET } } }, POLICY, 'contentSecurityPolicy.remove.img-src', '`true` or an array'],
  ['a directive to remove that is misspelt', { contentSecurityPolicy: { remove: { 'image-src': true } } }, POLICY, 'contentSecurityPolicy.remove.image-src', '`img-src`'],
  ['the same in the report-only policy', { contentSecurityPolicyReportOnly: { set: { 'img-src': ['self'] } } }, POLICY, 'contentSecurityPolicyReportOnly.set.img-src[0]', "`'self'`"],
  ['the same in the policy of other replies', { nonDocument: { contentSecurityPolicy: { set: { 'img-src': ['self'] } } } }, POLICY, 'nonDocument.contentSecurityPolicy.set.img-src[0]', "`'self'`"],
  ['a header that other replies do not have', { nonDocument: { xFrameOptions: false } }, UNKNOWN, 'nonDocument.xFrameOptions', '`contentSecurityPolicy`, `referrerPolicy`'],
  ['a mode of Trusted Types that is none', { trustedTypes: { mode: 'reportOnly' } }, INVALID, 'trustedTypes.mode', "`'report-only'`"],
  ['Trusted Types without a mode', { trustedTypes: {} }, INVALID, 'trustedTypes', /mode/],
  ['Trusted Types as a flag', { trustedTypes: true }, INVALID, 'trustedTypes', '`false`'],
  ['a policy of Trusted Types with a blank', { trustedTypes: { mode: 'report-only', policies: [`${SECRET} b`] } }, POLICY, 'trustedTypes.trusted-types[0]', 'separate element'],
  ['Trusted Types enforced where nothing is', { contentSecurityPolicy: false, trustedTypes: { mode: 'enforce' } }, INVALID, 'trustedTypes.mode', "`'report-only'`"],
  ['reporting without endpoints', { reporting: { endpoints: {} } }, INVALID, 'reporting.endpoints', 'at least one'],
  ['an endpoint over plain http', { reporting: { endpoints: { csp: `http://${SECRET}.test/` } } }, INVALID, 'reporting.endpoints.csp', 'https'],
  ['an endpoint of another host without its scheme', { reporting: { endpoints: { csp: `//${SECRET}.test/` } } }, INVALID, 'reporting.endpoints.csp', 'https'],
  ['an endpoint that ends the header', { reporting: { endpoints: { csp: '/a", b="/c' } } }, INVALID, 'reporting.endpoints.csp', 'percent-encoded'],
  ['an endpoint in capitals', { reporting: { endpoints: { CSP: '/csp' } } }, INVALID, 'reporting.endpoints.CSP', 'lower-case'],
  ['HSTS in the snake case of others', { strictTransportSecurity: { max_age: 1 } }, UNKNOWN, 'strictTransportSecurity.max_age', '`maxAge`'],
  ['HSTS with subdomains misspelt', { strictTransportSecurity: { includeSubdomains: true } }, UNKNOWN, 'strictTransportSecurity.includeSubdomains', '`includeSubDomains`'],
  ['HSTS as text', { strictTransportSecurity: { maxAge: '1 year' } }, INVALID, 'strictTransportSecurity.maxAge', 'an integer from 0'],
  ['HSTS of half a second', { strictTransportSecurity: { maxAge: 0.5 } }, INVALID, 'strictTransportSecurity.maxAge', 'an integer'],
  ['HSTS of a negative term', { strictTransportSecurity: { maxAge: -1 } }, INVALID, 'strictTransportSecurity.maxAge', 'from 0'],
  ['HSTS without an end', { strictTransportSecurity: { maxAge: Infinity } }, INVALID, 'strictTransportSecurity.maxAge', 'an integer'],
  ['HSTS of no number', { strictTransportSecurity: { maxAge: NaN } }, INVALID, 'strictTransportSecurity.maxAge', 'an integer'],
  ['HSTS preloaded for a day', { strictTransportSecurity: { maxAge: 86400, preload: true } }, INVALID, 'strictTransportSecurity.preload', '31536000'],
  ['HSTS preloaded without subdomains', { strictTransportSecurity: { includeSubDomains: false, preload: true } }, INVALID, 'strictTransportSecurity.preload', '`includeSubDomains`'],
  ['nosniff as its value', { xContentTypeOptions: 'nosniff' }, INVALID, 'xContentTypeOptions', 'a boolean'],
  ['ALLOW-FROM', { xFrameOptions: `ALLOW-FROM https://${SECRET}.test` }, INVALID, 'xFrameOptions', "`'SAMEORIGIN'`"],
  ['frame options in lower case', { xFrameOptions: 'deny' }, INVALID, 'xFrameOptions', "Did you mean `'DENY'`?"],
  ['a referrer policy that is misspelt', { referrerPolicy: 'no-referer' }, INVALID, 'referrerPolicy', "`'no-referrer'`"],
  ['a list of no referrer policies', { referrerPolicy: [] }, INVALID, 'referrerPolicy', /array/],
  ['a referrer policy that is misspelt in a list', { referrerPolicy: ['origin', 'strict'] }, INVALID, 'referrerPolicy.1', "`'strict-origin'`"],
  ['COOP that is misspelt', { crossOriginOpenerPolicy: 'sameorigin' }, INVALID, 'crossOriginOpenerPolicy', "`'same-origin'`"],
  ['COEP as a flag', { crossOriginEmbedderPolicy: true }, INVALID, 'crossOriginEmbedderPolicy', "`'require-corp'`"],
  ['CORP that is misspelt', { crossOriginResourcePolicy: 'crossorigin' }, INVALID, 'crossOriginResourcePolicy', "`'cross-origin'`"],
  ['a feature that is misspelt', { permissionsPolicy: { camra: [] } }, UNKNOWN, 'permissionsPolicy.camra', '`camera`'],
  ['a feature with text for a list', { permissionsPolicy: { camera: 'self' } }, INVALID, 'permissionsPolicy.camera', /array/],
  ['a feature for a host without a scheme', { permissionsPolicy: { camera: [`${SECRET}.test`] } }, INVALID, 'permissionsPolicy.camera[0]', 'an origin'],
  ['a feature in the syntax of the header', { permissionsPolicy: { camera: ['()'] } }, INVALID, 'permissionsPolicy.camera[0]', "`'self'`"],
  ['a feature for everybody and somebody', { permissionsPolicy: { camera: ['*', 'self'] } }, INVALID, 'permissionsPolicy.camera', "`'*'` alone"],
  ['origin agent cluster as its value', { originAgentCluster: '?1' }, INVALID, 'originAgentCluster', 'a boolean'],
  ['the dead filter with a report', { xXssProtection: `1; report=${SECRET}` }, INVALID, 'xXssProtection', "`'0'`"],
  ['the dead filter as a number', { xXssProtection: 0 }, INVALID, 'xXssProtection', "`'0'`"]
]

/** Of the plugin alone. */
const own: readonly Misuse[] = [
  ['a preset that is misspelt', { preset: 'strickt' }, INVALID, 'headers.preset', "`'strict'`"],
  ['a preset that is none', { preset: null }, INVALID, 'headers.preset', "`'article'`"],
  ['a lint that is true', { lint: true }, INVALID, 'headers.lint', "`'warn'`"],
  ['a lint that is misspelt', { lint: 'errors' }, INVALID, 'headers.lint', "Did you mean `'error'`?"],
  ['a nonce that is a flag', { nonce: true }, INVALID, 'headers.nonce', 'an object'],
  ['a nonce option that is misspelt', { nonce: { seperateStyle: true } }, UNKNOWN, 'headers.nonce.seperateStyle', '`separateStyle`'],
  ['a generator that is no function', { nonce: { generate: SECRET } }, INVALID, 'headers.nonce.generate', 'a function'],
  ["an option of Fastify's own", { prefix: '/a' }, UNKNOWN, 'headers.prefix', 'The names are'],
  ["helmet's way to nonces", { enableCSPNonces: true }, UNKNOWN, 'headers.enableCSPNonces', 'Did you mean'],
  ['options of a suite', { headers: {} }, UNKNOWN, 'headers.headers', 'The names are']
]

/** Of the function that makes nonces, which is asked at start. */
const generators: readonly Misuse[] = [
  ['a generator that is too weak', { nonce: { generate: () => SECRET } }, 'BULWARK_ERR_HEADERS_NONCE_WEAK', 'nonce', '128 bit'],
  ['a generator that repeats itself', { nonce: { generate: () => SECRET.repeat(4) } }, 'BULWARK_ERR_HEADERS_NONCE_WEAK', 'nonce', 'repeated'],
  ['a generator that is asynchronous', { nonce: { generate: async () => SECRET.repeat(4) } }, 'BULWARK_ERR_HEADERS_NONCE_WEAK', 'nonce', 'malformed']
]

/** Of `config.security` of a route. */
const routes: readonly Misuse[] = [
  ['a plugin that is misspelt', { header: {} }, UNKNOWN, 'config.security.header', '`headers`'],
  ['a setting that is true', { headers: true }, INVALID, 'config.security.headers', '`false`'],
  ['a setting that is null', { headers: null }, INVALID, 'config.security.headers', '`false`'],
  ['a setting that is text', { headers: SECRET }, INVALID, 'config.security.headers', '`false`'],
  ['a setting that is a list', { headers: [] }, INVALID, 'config.security.headers', '`false`'],
  ['an option that is the application\'s', { headers: { preset: 'article' } }, UNKNOWN, 'config.security.headers.preset', 'The names are'],
  ['a nonce for one route', { headers: { nonce: {} } }, UNKNOWN, 'config.security.headers.nonce', 'The names are'],
  ['settings that are false', false as unknown as object, UNKNOWN, 'config.security', 'an object'],
  ['settings that are a list', [], UNKNOWN, 'config.security', 'an object'],
  ['settings that are null', null as unknown as object, UNKNOWN, 'config.security', 'an object']
]

async function failure (options: object, security?: object | null): Promise<unknown> {
  const app = Fastify()
  app.register(headers, options as HeadersOptions)
  app.register(async (scope) => { scope.get('/', security === undefined ? {} : { config: { security } as FastifyContextConfig }, () => '') })
  return await failureOf(app)
}

t.test('options of the plugin', async (t) => {
  t.ok(settings.length + own.length >= 45)
  for (const entry of [...settings, ...own]) {
    const error = await failure(entry[1])
    checkMisuse(t, error, entry)
    t.throws(() => secureServerOptions(entry[1] as HeadersOptions), { code: entry[2] }, `${entry[0]}: nor do the options of the server take it`)
  }
  for (const entry of generators) checkMisuse(t, await failure(entry[1]), entry)
})

t.test('settings of a route', async (t) => {
  for (const entry of settings) {
    const error = await failure({}, { headers: entry[1] })
    checkMisuse(t, error, entry)
    t.match(error, { message: / \(route GET \/\)$/ }, `${entry[0]}: the route is named`)
    t.match(error, { message: /^config\.security\.headers\./ }, `${entry[0]}: so is the place`)
  }
  for (const entry of routes) checkMisuse(t, await failure({}, entry[1]), entry)
})

t.test('what looks odd and is right starts', async (t) => {
  const right: Array<[what: string, options: HeadersOptions]> = [
    ['no options', {}],
    ['every header off', { contentSecurityPolicy: false, strictTransportSecurity: false, xContentTypeOptions: false, xFrameOptions: false, referrerPolicy: false, crossOriginOpenerPolicy: false, crossOriginResourcePolicy: false, permissionsPolicy: false, originAgentCluster: false, nonDocument: { contentSecurityPolicy: false } }],
    ['a directive removed that is not there', { contentSecurityPolicy: { remove: { 'worker-src': true, 'media-src': ["'self'"] } } }],
    ['a directive in either spelling', { contentSecurityPolicy: { set: { scriptSrcElem: ["'self'"], 'img-src': ['*'] } } }],
    ['an empty sandbox', { contentSecurityPolicy: { set: { sandbox: [] } } }],
    ['a port for any port', { contentSecurityPolicy: { append: { 'connect-src': ['ws://localhost:*'] } } }]
  ]
  for (const [what, options] of right) t.equal(await failure({ lint: 'off', ...options }), undefined, what)
})

t.test('the first of several mistakes is told, and the application does not listen', async (t) => {
  const app = Fastify()
  await app.register(headers)
  app.get('/first', { config: { security: { headers: { referrerPolicy: 'first' } } } as unknown as FastifyContextConfig }, () => '')
  app.get('/second', { config: { security: { headers: { referrerPolicy: 'second' } } } as unknown as FastifyContextConfig }, () => '')
  await t.rejects(async () => app.ready(), { message: /\(route GET \/first\)$/ })
  await t.rejects(async () => app.listen({ port: 0, host: '127.0.0.1' }))
})

t.test('a route that no onRoute hook saw fails safe', async (t) => {
  const lines: Array<Record<string, unknown>> = []
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } } } })
  app.register(headers, { xXssProtection: '0' })
  for (const [index, [, option]] of settings.entries()) {
    app.get(`/${index}`, { config: { security: { headers: option } } as FastifyContextConfig }, (_request, reply) => reply.type('text/html').send('x'))
  }
  await app.ready()
  for (const [index, [what, , code]] of settings.entries()) {
    lines.length = 0
    for (let round = 0; round < 3; round++) {
      const { statusCode, headers } = await app.inject(`/${index}`)
      t.match({ statusCode, headers }, { statusCode: 200, headers: { 'x-xss-protection': '0', 'x-frame-options': 'DENY', 'content-security-policy': /^default-src 'none'; script-src 'self';/ } }, what)
    }
    t.equal(lines.length, 1, `${what}: the error is logged once`)
    t.match(lines[0], { level: 50, err: { code } }, what)
    t.notOk(JSON.stringify(lines).includes(SECRET), `${what}: without the value`)
  }
})
