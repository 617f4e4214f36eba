import parseContentSecurityPolicy from 'content-security-policy-parser'
import fc from 'fast-check'
import t from 'tap'
import { formatPolicy, parseDirectives, type Directives } from '../../../lib/headers/csp-policy.ts'
import { compileTemplate, type NonceUse } from '../../../lib/headers/csp-template.ts'
import { isHash, isOpen } from '../../../lib/headers/csp-sources.ts'
import { arbitraryPolicy } from './arbitrary-policy.ts'

const HASH = `'sha256-${'A'.repeat(43)}='`
const nonces = { script: 'SSSSSSSSSSSSSSSSSSSSSS', style: 'YYYYYYYYYYYYYYYYYYYYYY' }
const SCRIPT = `'nonce-${nonces.script}'`
const STYLE = `'nonce-${nonces.style}'`

function compile (directives: Directives): ReturnType<typeof compileTemplate> {
  return compileTemplate(parseDirectives(directives, 'policy'))
}

const cases: Array<[rule: string, scripts: string[], unused: string, used: string]> = [
  ['a nonce that nobody read is left out', ["'self'", "'nonce'"], "'self'", `'self' ${SCRIPT}`],
  ['a nonce alone leaves nothing', ["'nonce'"], "'none'", SCRIPT],
  ['strict-dynamic goes with the nonce', ["'self'", "'nonce'", "'strict-dynamic'"], "'self'", `${SCRIPT} 'strict-dynamic'`],
  ['strict-dynamic and the nonce alone leave nothing', ["'nonce'", "'strict-dynamic'"], "'none'", `${SCRIPT} 'strict-dynamic'`],
  ['strict-dynamic stays where a hash gives it something to trust', ["'nonce'", "'strict-dynamic'", HASH], `'strict-dynamic' ${HASH}`, `${SCRIPT} 'strict-dynamic' ${HASH}`],
  ["'unsafe-inline' does not come to life", ["'nonce'", "'unsafe-inline'"], "'none'", `${SCRIPT} 'unsafe-inline'`],
  ["'unsafe-inline' does not come to life beside a hash", ["'nonce'", "'unsafe-inline'", HASH], HASH, `${SCRIPT} 'unsafe-inline' ${HASH}`],
  ['schemes and wildcards that strict-dynamic overruled do not come to life', ["'nonce'", "'strict-dynamic'", 'https:', 'http:', '*', '*:443', 'https://*', "'unsafe-inline'"], "'none'", `${SCRIPT} 'strict-dynamic' https: http: * *:443 https://* 'unsafe-inline'`],
  ['schemes that were in force stay', ["'nonce'", 'https:'], 'https:', `${SCRIPT} https:`],
  ['hosts stay', ["'nonce'", "'strict-dynamic'", 'cdn.test'], 'cdn.test', `${SCRIPT} 'strict-dynamic' cdn.test`],
  ["'self' stays where strict-dynamic is not", ["'self'", "'nonce'", "'unsafe-eval'"], "'self' 'unsafe-eval'", `'self' ${SCRIPT} 'unsafe-eval'`],
  ['a policy without a nonce is left as it is', ["'self'", "'unsafe-inline'", "'strict-dynamic'", 'https:'], "'self' 'unsafe-inline' 'strict-dynamic' https:", "'self' 'unsafe-inline' 'strict-dynamic' https:"]
]

for (const [rule, scripts, unused, used] of cases) {
  t.test(rule, async (t) => {
    const template = compile({ 'script-src': scripts })
    t.equal(template.unused, `script-src ${unused}`)
    t.equal(template.join(0, nonces), template.unused)
    t.equal(template.join(1, nonces), `script-src ${used}`)
    t.equal(template.join(2, nonces), template.unused, 'a style nonce is no use to scripts')
    t.equal(template.join(3, nonces), `script-src ${used}`)
    t.equal(template.places, scripts.includes("'nonce'") ? 1 : 0)
  })
}

t.test('every hole gets its nonce: styles the one for styles, all others the one for scripts', async (t) => {
  const template = compile({
    'default-src': ["'nonce'"],
    'script-src': ["'self'", "'nonce'", 'a.test'],
    'script-src-elem': ["'nonce'"],
    'style-src': ["'nonce'", "'self'"],
    'style-src-elem': ['b.test', "'nonce'"],
    'img-src': ["'self'"]
  })
  const forms: Array<[use: NonceUse, header: string]> = [
    [0, "default-src 'none'; script-src 'self' a.test; script-src-elem 'none'; style-src 'self'; style-src-elem b.test; img-src 'self'"],
    [1, `default-src ${SCRIPT}; script-src 'self' ${SCRIPT} a.test; script-src-elem ${SCRIPT}; style-src 'self'; style-src-elem b.test; img-src 'self'`],
    [2, `default-src 'none'; script-src 'self' a.test; script-src-elem 'none'; style-src ${STYLE} 'self'; style-src-elem b.test ${STYLE}; img-src 'self'`],
    [3, `default-src ${SCRIPT}; script-src 'self' ${SCRIPT} a.test; script-src-elem ${SCRIPT}; style-src ${STYLE} 'self'; style-src-elem b.test ${STYLE}; img-src 'self'`]
  ]
  for (const [use, header] of forms) t.equal(template.join(use, nonces), header, `use ${use}`)
})

t.test("'unsafe-inline' of a style-src whose nonce nobody read stays off while scripts use theirs", async (t) => {
  const template = compile({ 'script-src': ["'nonce'"], 'style-src': ["'nonce'", "'unsafe-inline'"] })
  t.equal(template.join(1, nonces), `script-src ${SCRIPT}; style-src 'none'`)
})

t.test('the places of a policy are those of scripts and of styles', async (t) => {
  t.equal(compile({ 'default-src': ["'nonce'"] }).places, 1, 'a page whose styles have a nonce of their own finds none here')
  t.equal(compile({ 'style-src': ["'nonce'"] }).places, 2)
  t.equal(compile({ 'default-src': ["'nonce'"], 'style-src-elem': ["'nonce'"] }).places, 3)
})

t.test('an empty policy is an empty text', async (t) => {
  t.equal(compile({}).unused, '')
  t.equal(compile({}).places, 0)
})

t.test('two policies that differ only in a form with a nonce have other forms', async (t) => {
  const plain = compile({ 'script-src': ["'self'", "'nonce'"] })
  const dynamic = compile({ 'script-src': ["'self'", "'nonce'", "'strict-dynamic'"] })
  t.equal(plain.unused, dynamic.unused)
  t.not(JSON.stringify(plain.forms), JSON.stringify(dynamic.forms))
})

t.test('property: with both nonces, a policy is what it was, its nonces filled in and strict-dynamic without \'self\'', async () => {
  fc.assert(fc.property(arbitraryPolicy, (policy) => {
    const parsed = parseContentSecurityPolicy(compileTemplate(policy).join(3, nonces))
    return parsed.size === policy.size && [...policy].every(([name, sources]) => {
      const filled = sources.map((source) => source === "'nonce'" ? name.startsWith('style-') ? STYLE : SCRIPT : source)
      const expected = sources.includes("'nonce'") && sources.includes("'strict-dynamic'") ? filled.filter((source) => source !== "'self'") : filled
      return JSON.stringify(parsed.get(name)) === JSON.stringify(expected)
    })
  }), { numRuns: 1000 })
})

t.test('property: without a nonce, no directive that had one admits what the nonce overruled', async () => {
  fc.assert(fc.property(arbitraryPolicy, (policy) => {
    const { unused } = compileTemplate(policy)
    const parsed = parseContentSecurityPolicy(unused)
    return !unused.includes("'nonce") && parsed.size === policy.size && [...policy].every(([name, sources]) => {
      const left = parsed.get(name)!
      if (!sources.includes("'nonce'")) return JSON.stringify(left) === JSON.stringify(sources)
      return left.length > 0 && left.every((source) => source === "'none'" || sources.includes(source)) && !left.includes("'unsafe-inline'") &&
        !(sources.includes("'strict-dynamic'") && left.some(isOpen)) && (!left.includes("'strict-dynamic'") || left.some(isHash))
    })
  }), { numRuns: 1000 })
})

t.test('property: every use gives as many directives as the policy has, and no placeholder', async () => {
  fc.assert(fc.property(arbitraryPolicy, fc.constantFrom<NonceUse>(0, 1, 2, 3), (policy, use) => {
    const header = compileTemplate(policy).join(use, nonces)
    return header.split('; ').length === formatPolicy(policy).split('; ').length && !header.includes("'nonce'") && /^[\x20-\x7e]*$/.test(header)
  }))
})
