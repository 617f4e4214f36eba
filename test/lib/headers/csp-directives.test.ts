import fc from 'fast-check'
import t from 'tap'
import { canonicalDirective, DIRECTIVE_NAMES, fallbacksOf, hasSources, isObsolete, isSingle, kindOfDirective, mayBeEmpty, type DirectiveKind, type DirectiveName } from '../../../lib/headers/csp-directives.ts'

function camelCase (name: string): string {
  return name.split('-').map((word, index) => index === 0 ? word : word[0]!.toUpperCase() + word.slice(1)).join('')
}

t.test('a directive is known in kebab-case and in camelCase', async (t) => {
  t.equal(DIRECTIVE_NAMES.length, 27)
  t.equal(new Set(DIRECTIVE_NAMES).size, 27)
  for (const name of DIRECTIVE_NAMES) {
    t.match(name, /^[a-z]+(?:-[a-z]+)*$/)
    t.equal(canonicalDirective(name, 'policy'), name)
    t.equal(canonicalDirective(camelCase(name), 'policy'), name)
  }
  t.equal(canonicalDirective('scriptSrcElem', 'policy'), 'script-src-elem')
})

t.test('a directive of the past is told from one that never was', async (t) => {
  t.ok(isObsolete('block-all-mixed-content'))
  for (const name of [...DIRECTIVE_NAMES, 'constructor', 'block-all']) t.notOk(isObsolete(name), name)
})

const unknown: Array<[what: string, key: string, nearest: string]> = [
  ['a slip', 'scrpt-src', 'script-src'],
  ['a slip in camelCase', 'scrptSrc', 'script-src'],
  ['capitals', 'SCRIPT-SRC', 'script-src'],
  ['an underscore', 'script_src', 'script-src'],
  ['blanks around it', ' img-src ', 'img-src'],
  ['a value behind it', "upgrade-insecure-requests ''", 'upgrade-insecure-requests'],
  ['a letter that folds into ASCII', 'wor\u212aer-src', 'worker-src']
]

for (const [what, key, nearest] of unknown) {
  t.test(`a name that no browser acts on is refused with the nearest: ${what}`, async (t) => {
    t.throws(() => canonicalDirective(key, 'policy.x'), {
      code: 'BULWARK_ERR_HEADERS_POLICY_INVALID',
      message: `policy.x: expected a known name, received an unknown one. Did you mean \`${nearest}\`?`
    })
  })
}

t.test('names of Object.prototype are no directives', async (t) => {
  for (const key of ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', '']) {
    t.throws(() => canonicalDirective(key, 'policy'), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', message: /^policy: expected a known name, received an unknown one\. Did you mean `[a-z-]+`\?$/ })
  }
})

t.test('an obsolete directive is refused with what to do instead', async (t) => {
  for (const key of ['block-all-mixed-content', 'plugin-types', 'prefetch-src', 'navigate-to', 'require-sri-for', 'referrer', 'reflected-xss']) {
    for (const spelling of [key, camelCase(key)]) {
      t.throws(() => canonicalDirective(spelling, 'policy.x'), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', message: /^policy\.x: expected a directive in force, received an obsolete one\. [A-Z][\x20-\x7e]+\.$/ }, spelling)
    }
  }
})

t.test('property: any key is a directive or a coded error', async () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))), (key) => {
    try {
      return DIRECTIVE_NAMES.includes(canonicalDirective(key, 'policy'))
    } catch (error) {
      return (error as { code?: string }).code === 'BULWARK_ERR_HEADERS_POLICY_INVALID'
    }
  }))
})

const kinds: Array<[kind: DirectiveKind, names: DirectiveName[]]> = [
  ['code', ['default-src']],
  ['scripts', ['script-src', 'script-src-elem']],
  ['styles', ['style-src', 'style-src-elem']],
  ['handlers', ['script-src-attr', 'style-src-attr']],
  ['sources', ['img-src', 'font-src', 'connect-src', 'media-src', 'object-src', 'child-src', 'frame-src', 'fenced-frame-src', 'worker-src', 'manifest-src', 'form-action', 'base-uri', 'frame-ancestors']],
  ['sandbox', ['sandbox']],
  ['webrtc', ['webrtc']],
  ['sinks', ['require-trusted-types-for']],
  ['policy-names', ['trusted-types']],
  ['none', ['upgrade-insecure-requests']],
  ['urls', ['report-uri']],
  ['endpoint', ['report-to']]
]

for (const [kind, names] of kinds) {
  t.test(`what the value is made of: ${kind}`, async (t) => {
    for (const name of names) {
      t.equal(kindOfDirective(name), kind, name)
      t.equal(hasSources(name), ['code', 'scripts', 'styles', 'handlers', 'sources'].includes(kind), name)
      t.equal(isSingle(name), ['sinks', 'endpoint', 'webrtc'].includes(kind), name)
      t.equal(mayBeEmpty(name), ['sandbox', 'policy-names'].includes(kind), name)
    }
  })
}

t.test('every directive is in the table above', async (t) => {
  t.same(kinds.flatMap(([, names]) => names).sort(), [...DIRECTIVE_NAMES].sort())
})

const chains: Array<[name: DirectiveName, fallbacks: DirectiveName[]]> = [
  ['script-src', ['default-src']],
  ['script-src-elem', ['script-src', 'default-src']],
  ['script-src-attr', ['script-src', 'default-src']],
  ['style-src', ['default-src']],
  ['style-src-elem', ['style-src', 'default-src']],
  ['style-src-attr', ['style-src', 'default-src']],
  ['worker-src', ['child-src', 'script-src', 'default-src']],
  ['frame-src', ['child-src', 'default-src']],
  ['fenced-frame-src', ['frame-src', 'child-src', 'default-src']],
  ['child-src', ['default-src']],
  ['img-src', ['default-src']],
  ['font-src', ['default-src']],
  ['connect-src', ['default-src']],
  ['media-src', ['default-src']],
  ['object-src', ['default-src']],
  ['manifest-src', ['default-src']],
  ['default-src', []],
  ['form-action', []],
  ['base-uri', []],
  ['frame-ancestors', []],
  ['sandbox', []],
  ['webrtc', []],
  ['require-trusted-types-for', []],
  ['trusted-types', []],
  ['upgrade-insecure-requests', []],
  ['report-uri', []],
  ['report-to', []]
]

t.test('a fetch directive falls back as CSP3 §6.8.3 has it; another falls back to nothing', async (t) => {
  t.equal(chains.length, DIRECTIVE_NAMES.length)
  for (const [name, fallbacks] of chains) t.same(fallbacksOf(name), fallbacks, name)
})
