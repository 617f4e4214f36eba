import t from 'tap'
import { DIRECTIVE_NAMES, kindOfDirective, type DirectiveKind, type DirectiveName } from '../../../lib/headers/csp-directives.ts'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { faultOf } from '../../../lib/headers/csp-sources.ts'
import { meaningOfDirective, meaningOfExpression } from '../../../lib/cli/csp-meaning.ts'

const HASH = hashOf('a')

/** Expressions of each kind of value, and words of their meaning. */
const EXPRESSIONS: Readonly<Record<DirectiveKind, ReadonlyArray<readonly [expression: string, meaning: RegExp]>>> = {
  sources: [["'none'", /^nothing$/], ["'self'", /origin of the page/], ['https:', /any host over https/], ['x-app:', /scheme x-app:/], ['*', /^any host$/], ['https://*', /^any host$/], ['*:8080', /^any host$/],
    ['a.test', /^the host a\.test$/], ['*.a.test', /^every subdomain of a\.test$/], ['wss://a.test:*', /^the host a\.test, over wss, at any port$/], ['https://a.test:8443/b/', /^the host a\.test, over https, at port 8443, below \/b\/$/],
    ['a.test/b.js', /^the host a\.test, the file \/b\.js alone$/], ['a.test/', /^the host a\.test$/]],
  scripts: [["'nonce'", /this nonce/], [HASH, /this hash/], ["'strict-dynamic'", /what a trusted script loads/], ["'unsafe-eval'", /strings become code/], ["'wasm-unsafe-eval'", /WebAssembly/], ["'trusted-types-eval'", /Trusted Types/],
    ["'inline-speculation-rules'", /speculation/], ["'report-sha256'", /SHA-256/], ["'report-sha384'", /SHA-384/], ["'report-sha512'", /SHA-512/], ['data:', /in the page itself/]],
  styles: [["'unsafe-inline'", /inline code/], ["'report-sample'", /quote/]],
  code: [["'self'", /origin of the page/], ["'unsafe-hashes'", /event handlers/]],
  handlers: [["'unsafe-hashes'", /event handlers/], [HASH, /this hash/]],
  sandbox: [['allow-scripts', /^allowed: scripts$/], ['allow-top-navigation-by-user-activation', /^allowed: top navigation by user activation$/]],
  'policy-names': [['*', /any name/], ["'none'", /^no policy$/], ["'allow-duplicates'", /used twice/], ['escape', /^the policy escape$/]],
  sinks: [["'script'", /sinks that run scripts/]],
  urls: [['/reports', /^reports go to \/reports$/]],
  endpoint: [['csp', /^the endpoint csp$/]],
  webrtc: [["'block'", /^not allowed$/], ["'allow'", /^allowed$/]],
  none: []
}

t.test('every directive says in a sentence of its own what it is for', async (t) => {
  for (const name of DIRECTIVE_NAMES) t.match(meaningOfDirective(name), /^[A-Z].{10,}\.$/, name)
  t.equal(new Set(DIRECTIVE_NAMES.map(meaningOfDirective)).size, DIRECTIVE_NAMES.length)
})

for (const name of DIRECTIVE_NAMES) {
  t.test(`the expressions of ${name}`, async (t) => {
    for (const [expression, meaning] of EXPRESSIONS[kindOfDirective(name)]) {
      t.equal(faultOf(name, expression), undefined, `${expression} is one`)
      t.match(meaningOfExpression(name, expression), meaning, expression)
    }
  })
}

t.test('every keyword that the grammar admits is explained, and not taken for a host', async (t) => {
  const keywords = ["'none'", "'self'", "'unsafe-inline'", "'unsafe-hashes'", "'report-sample'", "'strict-dynamic'", "'unsafe-eval'", "'wasm-unsafe-eval'", "'trusted-types-eval'", "'inline-speculation-rules'", "'report-sha256'", "'report-sha384'", "'report-sha512'"]
  for (const keyword of keywords) t.notMatch(meaningOfExpression('script-src', keyword), /^the host/, keyword)
  for (const word of ['http:', 'ws:', 'wss:', 'blob:', 'filesystem:', 'mediastream:']) t.notMatch(meaningOfExpression('img-src' satisfies DirectiveName, word), /scheme/, word)
})
