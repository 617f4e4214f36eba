import parseContentSecurityPolicy from 'content-security-policy-parser'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import fc from 'fast-check'
import t from 'tap'
import { DIRECTIVE_NAMES } from '../../../lib/headers/csp-directives.ts'
import { effectiveSources, formatPolicy, parseDirectives, parseValue, type Directives } from '../../../lib/headers/csp-policy.ts'
import { arbitraryDirectives, arbitraryPolicy } from './arbitrary-policy.ts'

function parse (directives: unknown): string {
  return formatPolicy(parseDirectives(directives as Directives, 'policy'))
}

const formatted: Array<[rule: string, directives: Directives, header: string]> = [
  ['nothing gives nothing', {}, ''],
  ['names are written in kebab-case', { scriptSrcElem: ["'self'"] }, "script-src-elem 'self'"],
  ['directives are written in the order of the table', { reportTo: ['a'], 'img-src': ['*'], 'default-src': ["'none'"] }, "default-src 'none'; img-src *; report-to a"],
  ['expressions keep their order', { 'img-src': ['b.test', 'a.test', "'self'"] }, "img-src b.test a.test 'self'"],
  ['duplicates are dropped', { 'img-src': ['a.test', 'b.test', 'a.test'] }, 'img-src a.test b.test'],
  ['a directive without a value stands alone', { 'upgrade-insecure-requests': true, 'base-uri': ["'none'"] }, "base-uri 'none'; upgrade-insecure-requests"],
  ['an empty sandbox allows nothing', { sandbox: [] }, 'sandbox'],
  ['empty trusted-types allows no policy', { 'trusted-types': [] }, 'trusted-types'],
  ['several report URLs', { 'report-uri': ['/a', 'https://b.test/c'] }, 'report-uri /a https://b.test/c'],
  ['the nonce keeps its place', { 'script-src': ["'nonce'", "'strict-dynamic'"] }, "script-src 'nonce' 'strict-dynamic'"]
]

for (const [rule, directives, header] of formatted) {
  t.test(rule, async (t) => t.equal(parse(directives), header))
}

const refused: Array<[what: string, directives: unknown, message: string]> = [
  ['an unknown directive', { 'scrpt-src': ["'self'"] }, 'policy.scrpt-src: expected a known name, received an unknown one. Did you mean `script-src`?'],
  ['one directive in two spellings', { 'img-src': ['*'], imgSrc: ["'self'"] }, 'policy.imgSrc: expected each directive once, received an array of length 1. `img-src` is there twice, in two spellings.'],
  ['a string for an array', { 'script-src': "'self'" }, 'policy.script-src: expected an array of expressions, received a string of length 6.'],
  ['a Set for an array', { 'script-src': new Set(["'self'"]) }, 'policy.script-src: expected an array of expressions, received an object.'],
  ['true for an array', { sandbox: true }, 'policy.sandbox: expected an array of expressions, received boolean.'],
  ['null', { 'img-src': null }, 'policy.img-src: expected an array of expressions, received null.'],
  ['undefined', { 'img-src': undefined }, 'policy.img-src: expected an array of expressions, received undefined.'],
  ['an empty source list', { 'img-src': [] }, "policy.img-src: expected at least one expression, received an array of length 0. To allow nothing, write `[\"'none'\"]`."],
  ['an empty report-uri, for which \'none\' would be a URL', { 'report-uri': [] }, 'policy.report-uri: expected at least one expression, received an array of length 0.'],
  ['an empty report-to', { 'report-to': [] }, 'policy.report-to: expected at least one expression, received an array of length 0.'],
  ['a number among expressions', { 'img-src': ['*', 5] }, 'policy.img-src[1]: expected one expression of `img-src`, received the number 5.'],
  ['a String object', { 'img-src': [Object("'self'")] }, 'policy.img-src[0]: expected one expression of `img-src`, received an object.'],
  ['an array in an array', { 'img-src': [["'self'"]] }, 'policy.img-src[0]: expected one expression of `img-src`, received an array of length 1.'],
  ['a hole in an array', { 'img-src': Array(1) }, 'policy.img-src[0]: expected one expression of `img-src`, received undefined.'],
  ['a value of a directive that has none', { 'upgrade-insecure-requests': ["'self'"] }, 'policy.upgrade-insecure-requests: expected `true`, received an array of length 1. This directive takes no value.'],
  ['false for a directive that has no value', { 'upgrade-insecure-requests': false }, 'policy.upgrade-insecure-requests: expected `true`, received boolean. This directive takes no value.'],
  ["'none' with company", { 'img-src': ["'none'", "'self'"] }, "policy.img-src: expected `'none'` alone, received an array of length 2. `'none'` beside another expression has no effect."],
  ["'none' with trusted types", { 'trusted-types': ['a', "'none'"] }, "policy.trusted-types: expected `'none'` alone, received an array of length 2. `'none'` beside another expression has no effect."],
  ['two endpoints', { 'report-to': ['a', 'b'] }, 'policy.report-to: expected one expression, received an array of length 2.'],
  ['two words for webrtc', { webrtc: ["'allow'", "'block'"] }, 'policy.webrtc: expected one expression, received an array of length 2.'],
  ['a sink twice', { 'require-trusted-types-for': ["'script'", "'script'"] }, 'policy.require-trusted-types-for: expected one expression, received an array of length 2.'],
  ['a second expression in one element', { 'img-src': ["https://u.example 'unsafe-inline'"] }, 'policy.img-src[0]: expected one expression of `img-src`, received a string of length 33. One element is one expression: write a separate element for each, without white space.'],
  ['an inherited name', JSON.parse('{"__proto__":["\'self\'"]}'), 'policy.__proto__: expected a known name']
]

for (const [what, directives, message] of refused) {
  t.test(`a policy is refused with its path: ${what}`, async (t) => {
    t.throws(() => parse(directives), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', statusCode: 500, message })
  })
}

t.test('what was checked is what is kept, whatever the caller does to the array', async (t) => {
  const sources = ["'self'"]
  const policy = parseDirectives({ 'img-src': sources }, 'policy')
  sources.push("x.test; script-src 'unsafe-inline'")
  t.equal(formatPolicy(policy), "img-src 'self'")
  t.same(parseValue('img-src', Object.freeze(['a.test', 'a.test']), 'x'), ['a.test'])
})

t.test('the sources in force are the directive\'s own or the nearest fallback\'s', async (t) => {
  const policy = parseDirectives({ 'default-src': ["'self'"], 'script-src': ["'none'"] }, 'policy')
  t.same(effectiveSources(policy, 'script-src', ['default-src']), ["'none'"])
  t.same(effectiveSources(policy, 'script-src-elem', ['script-src', 'default-src']), ["'none'"])
  t.same(effectiveSources(policy, 'img-src', ['default-src']), ["'self'"])
  t.equal(effectiveSources(policy, 'base-uri', []), undefined)
})

t.test('property: an admitted policy comes back the same from content-security-policy-parser', async () => {
  fc.assert(fc.property(arbitraryPolicy, (policy) => {
    const parsed = [...parseContentSecurityPolicy(formatPolicy(policy))]
    const expected = [...policy].sort(([a], [b]) => DIRECTIVE_NAMES.indexOf(a) - DIRECTIVE_NAMES.indexOf(b))
    return JSON.stringify(parsed) === JSON.stringify(expected)
  }), { numRuns: 1000 })
})

t.test('property: an admitted policy comes back the same from csp_evaluator, which lowers schemes', async () => {
  const lower = (source: string): string => /^[A-Za-z][A-Za-z0-9+.-]*:$/.test(source) ? source.toLowerCase() : source
  fc.assert(fc.property(arbitraryPolicy, (policy) => {
    const parsed = Object.entries(new CspParser(formatPolicy(policy)).csp.directives)
    const expected = DIRECTIVE_NAMES.flatMap((name) => policy.has(name) ? [[name, [...new Set(policy.get(name)!.map(lower))]]] : [])
    return JSON.stringify(parsed) === JSON.stringify(expected)
  }), { numRuns: 1000 })
})

t.test('property: hostile text in a policy is refused or written as printable ASCII of the same directives', async () => {
  const hostile = fc.tuple(arbitraryDirectives, fc.nat(), fc.nat(), fc.nat(), fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.stringMatching(/^[a-z0-9.*-]{1,3}$/), fc.constantFrom('; script-src *', ', default-src *', '\r\nx: y', "'nonce'", ' ', "'")))
  let admitted = 0
  fc.assert(fc.property(hostile, ([directives, which, member, at, text]) => {
    const entries = Object.entries(directives) as Array<[string, string[] | true]>
    const [name, value] = entries[which % entries.length]!
    if (value === true || value.length === 0) return true
    const index = member % value.length
    const place = at % (value[index]!.length + 1)
    const attacked = value.map((source, i) => i === index ? source.slice(0, place) + text + source.slice(place) : source)
    let header
    try {
      header = parse({ ...directives, [name]: attacked })
    } catch (error) {
      return (error as { code?: string }).code === 'BULWARK_ERR_HEADERS_POLICY_INVALID'
    }
    admitted++
    const parsed = parseContentSecurityPolicy(header)
    return /^[\x20-\x7e]*$/.test(header) && !header.includes(',') && parsed.size === entries.length && parsed.get(name)!.length === new Set(attacked).size
  }), { numRuns: 2000 })
  t.ok(admitted > 20, `${admitted} were admitted`)
})
