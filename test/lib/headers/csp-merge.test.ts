import fc from 'fast-check'
import t from 'tap'
import { DIRECTIVE_NAMES, type DirectiveName } from '../../../lib/headers/csp-directives.ts'
import { compileAppend, compileChanges, type PolicyChanges } from '../../../lib/headers/csp-merge.ts'
import { formatPolicy, parseDirectives, type Directives, type Policy } from '../../../lib/headers/csp-policy.ts'
import { arbitraryPolicy, expressionsOf } from './arbitrary-policy.ts'

function policyOf (directives: Directives): Policy {
  return parseDirectives(directives, 'policy')
}

function apply (directives: Directives, changes: unknown): string {
  return formatPolicy(compileChanges(changes as PolicyChanges, 'csp')(policyOf(directives)))
}

const merges: Array<[rule: string, before: Directives, changes: PolicyChanges, after: string]> = [
  ['no changes change nothing', { 'img-src': ["'self'"] }, {}, "img-src 'self'"],
  ['replace starts from an empty policy', { 'img-src': ["'self'"] }, { replace: true }, ''],
  ['replace false starts from the inherited one', { 'img-src': ["'self'"] }, { replace: false }, "img-src 'self'"],
  ['set takes the place of a directive', { 'img-src': ["'self'", 'a.test'] }, { set: { imgSrc: ['b.test'] } }, 'img-src b.test'],
  ['set adds a directive', { 'img-src': ["'self'"] }, { set: { 'base-uri': ["'none'"] } }, "img-src 'self'; base-uri 'none'"],
  ['remove drops a directive', { 'img-src': ["'self'"], 'base-uri': ["'none'"] }, { remove: { imgSrc: true } }, "base-uri 'none'"],
  ['remove drops a directive without a value', { 'upgrade-insecure-requests': true, 'img-src': ['*'] }, { remove: { upgradeInsecureRequests: true } }, 'img-src *'],
  ['remove drops an expression', { 'img-src': ["'self'", 'a.test'] }, { remove: { 'img-src': ['a.test'] } }, "img-src 'self'"],
  ["a source list that loses its last expression becomes 'none'", { 'img-src': ['a.test'] }, { remove: { 'img-src': ['a.test'] } }, "img-src 'none'"],
  ["'none' that is removed stays 'none': there is nothing else to say", { 'img-src': ["'none'"] }, { remove: { 'img-src': ["'none'"] } }, "img-src 'none'"],
  ['a sandbox that loses its last word allows nothing', { sandbox: ['allow-forms'] }, { remove: { sandbox: ['allow-forms'] } }, 'sandbox'],
  ['trusted-types that lose their last name allow none', { 'trusted-types': ['a'] }, { remove: { 'trusted-types': ['a'] } }, 'trusted-types'],
  ['report-to that loses its endpoint goes', { 'report-to': ['a'], 'img-src': ['*'] }, { remove: { 'report-to': ['a'] } }, 'img-src *'],
  ['report-uri that loses its URLs goes', { 'report-uri': ['/a', '/b'], 'img-src': ['*'] }, { remove: { 'report-uri': ['/b', '/a'] } }, 'img-src *'],
  ['what is not there need not be removed', { 'img-src': ['a.test'] }, { remove: { 'img-src': ['b.test'], 'font-src': ['a.test'], 'media-src': true } }, 'img-src a.test'],
  ['append keeps order and drops duplicates', { 'img-src': ["'self'", 'b.test'] }, { append: { 'img-src': ['a.test', 'b.test', 'a.test'] } }, "img-src 'self' b.test a.test"],
  ["'none' gives way", { 'img-src': ["'none'"] }, { append: { 'img-src': ['a.test'] } }, 'img-src a.test'],
  ["'none' of a fallback gives way", { 'default-src': ["'none'"] }, { append: { 'img-src': ['a.test'] } }, "default-src 'none'; img-src a.test"],
  ['an absent directive starts from default-src', { 'default-src': ["'self'"] }, { append: { 'img-src': ['a.test'] } }, "default-src 'self'; img-src 'self' a.test"],
  ['script-src-elem starts from script-src', { 'default-src': ["'none'"], 'script-src': ["'self'", "'nonce'"] }, { append: { 'script-src-elem': ['a.test'] } }, "default-src 'none'; script-src 'self' 'nonce'; script-src-elem 'self' 'nonce' a.test"],
  ['script-src-elem starts from default-src without script-src', { 'default-src': ["'self'"] }, { append: { 'script-src-elem': ['a.test'] } }, "default-src 'self'; script-src-elem 'self' a.test"],
  ['style-src-elem starts from style-src', { 'style-src': ["'self'"] }, { append: { 'style-src-elem': ['a.test'] } }, "style-src 'self'; style-src-elem 'self' a.test"],
  ['worker-src starts from child-src', { 'child-src': ['c.test'], 'script-src': ['s.test'] }, { append: { 'worker-src': ['a.test'] } }, 'script-src s.test; child-src c.test; worker-src c.test a.test'],
  ['worker-src starts from script-src without child-src', { 'default-src': ['d.test'], 'script-src': ['s.test'] }, { append: { 'worker-src': ['a.test'] } }, 'default-src d.test; script-src s.test; worker-src s.test a.test'],
  ['frame-src starts from child-src', { 'child-src': ['c.test'] }, { append: { 'frame-src': ['a.test'] } }, 'child-src c.test; frame-src c.test a.test'],
  ['fenced-frame-src starts from frame-src', { 'frame-src': ['f.test'], 'child-src': ['c.test'] }, { append: { 'fenced-frame-src': ['a.test'] } }, 'child-src c.test; frame-src f.test; fenced-frame-src f.test a.test'],
  ['a directive that is there does not look at its fallback', { 'default-src': ['d.test'], 'img-src': ['i.test'] }, { append: { 'img-src': ['a.test'] } }, 'default-src d.test; img-src i.test a.test'],
  ['form-action never inherits', { 'default-src': ["'self'"] }, { append: { 'form-action': ['a.test'] } }, "default-src 'self'; form-action a.test"],
  ['base-uri never inherits', { 'default-src': ["'self'"] }, { append: { 'base-uri': ['a.test'] } }, "default-src 'self'; base-uri a.test"],
  ['frame-ancestors never inherits', { 'default-src': ["'self'"] }, { append: { 'frame-ancestors': ['a.test'] } }, "default-src 'self'; frame-ancestors a.test"],
  ['sandbox never inherits', { 'default-src': ["'self'"] }, { append: { sandbox: ['allow-forms'] } }, "default-src 'self'; sandbox allow-forms"],
  ['an empty policy has nothing to start from', {}, { append: { 'img-src': ['a.test'] } }, 'img-src a.test'],
  ['what means nothing in the directive is not inherited', { 'default-src': ["'self'", "'nonce'", "'strict-dynamic'", "'unsafe-inline'", 'd.test'] }, { append: { 'img-src': ['a.test'] } }, "default-src 'self' 'nonce' 'strict-dynamic' 'unsafe-inline' d.test; img-src 'self' d.test a.test"],
  ["'unsafe-inline' that a nonce overruled does not come to life for event handlers", { 'script-src': ["'nonce'", "'unsafe-inline'"] }, { append: { 'script-src-attr': ["'report-sample'"] } }, "script-src 'nonce' 'unsafe-inline'; script-src-attr 'report-sample'"],
  ["'unsafe-inline' that a nonce overruled does not come to life for style attributes", { 'default-src': ["'nonce'", "'unsafe-inline'"] }, { append: { 'style-src-attr': ["'report-sample'"] } }, "default-src 'nonce' 'unsafe-inline'; style-src-attr 'report-sample'"],
  ["'unsafe-inline' that was in force is inherited", { 'style-src': ["'self'", "'unsafe-inline'"] }, { append: { 'style-src-attr': ["'report-sample'"] } }, "style-src 'self' 'unsafe-inline'; style-src-attr 'unsafe-inline' 'report-sample'"],
  ["'unsafe-inline' beside an inherited nonce stays overruled", { 'script-src': ["'nonce'", "'unsafe-inline'"] }, { append: { 'script-src-elem': ['a.test'] } }, "script-src 'nonce' 'unsafe-inline'; script-src-elem 'nonce' 'unsafe-inline' a.test"],
  ['append to trusted-types', { 'trusted-types': ["'none'"] }, { append: { trustedTypes: ['a'] } }, 'trusted-types a'],
  ['the order is replace, remove, set, append', { 'img-src': ['a.test'], 'font-src': ['f.test'] }, { append: { 'img-src': ['d.test'] }, set: { 'img-src': ['c.test'] }, remove: { 'img-src': true, 'font-src': true } }, 'img-src c.test d.test'],
  ['what is removed can be appended again', { 'img-src': ['a.test', 'b.test'] }, { remove: { 'img-src': ['a.test'] }, append: { 'img-src': ['a.test'] } }, 'img-src b.test a.test']
]

for (const [rule, before, changes, after] of merges) {
  t.test(rule, async (t) => t.equal(apply(before, changes), after))
}

const refused: Array<[what: string, changes: unknown, message: string]> = [
  ['an unknown directive in set', { set: { 'scrpt-src': ['*'] } }, 'csp.set.scrpt-src: expected a known name, received an unknown one. Did you mean `script-src`?'],
  ['an unknown directive in append', { append: { 'scrpt-src': ['*'] } }, 'csp.append.scrpt-src: expected a known name, received an unknown one. Did you mean `script-src`?'],
  ['an unknown directive in remove', { remove: { 'scrpt-src': true } }, 'csp.remove.scrpt-src: expected a known name, received an unknown one. Did you mean `script-src`?'],
  ['an expression that breaks the grammar in set', { set: { 'img-src': ['a b'] } }, 'csp.set.img-src[0]: expected one expression'],
  ['an expression that breaks the grammar in append', { append: { 'img-src': ["'self'", 'a b'] } }, 'csp.append.img-src[1]: expected one expression'],
  ['an expression that breaks the grammar in remove, where it would remove nothing', { remove: { 'script-src': ['unsafe-inline'] } }, 'csp.remove.script-src[0]: expected one expression of `script-src`, received a string of length 13. Keywords stand in single quotes: `\'unsafe-inline\'`.'],
  ['a number in remove', { remove: { 'img-src': [5] } }, 'csp.remove.img-src[0]: expected one expression'],
  ['a string in remove', { remove: { 'img-src': 'a.test' } }, 'csp.remove.img-src: expected `true` or an array of expressions, received a string of length 6.'],
  ['false in remove', { remove: { 'img-src': false } }, 'csp.remove.img-src: expected `true` or an array of expressions, received boolean.'],
  ['a string in append', { append: { 'img-src': 'a.test' } }, 'csp.append.img-src: expected an array of expressions, received a string of length 6.'],
  ['nothing to append', { append: { 'img-src': [] } }, 'csp.append.img-src: expected at least one expression, received an array of length 0.'],
  ["'none' in append", { append: { 'img-src': ["'none'"] } }, "csp.append.img-src: expected expressions to add, received an array of length 1. `'none'` adds nothing: use `set`."],
  ['a second endpoint for report-to', { append: { 'report-to': ['b'] } }, 'csp.append.report-to: expected a directive of several expressions, received an array of length 1. This one has a single expression: use `set`.'],
  ['a second word for webrtc', { append: { webrtc: ["'block'"] } }, 'csp.append.webrtc: expected a directive of several expressions'],
  ['a second sink', { append: { 'require-trusted-types-for': ["'script'"] } }, 'csp.append.require-trusted-types-for: expected a directive of several expressions']
]

for (const [what, changes, message] of refused) {
  t.test(`a change is refused when it is compiled: ${what}`, async (t) => {
    t.throws(() => compileChanges(changes as PolicyChanges, 'csp'), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID', message })
  })
}

const APPENDABLE = DIRECTIVE_NAMES.filter((name) => !['upgrade-insecure-requests', 'report-to', 'webrtc', 'require-trusted-types-for'].includes(name))
const addition = fc.constantFrom(...APPENDABLE).chain((name) => fc.record({ name: fc.constant(name), first: expressionsOf(name), second: expressionsOf(name) }))

t.test('property: append is associative', async () => {
  fc.assert(fc.property(arbitraryPolicy, addition, (policy, { name, first, second }) => {
    const apart = compileAppend(name, second, 'x')(compileAppend(name, first, 'x')(policy))
    const atOnce = compileAppend(name, [...first, ...second], 'x')(policy)
    return formatPolicy(apart) === formatPolicy(atOnce)
  }), { numRuns: 1000 })
})

t.test('property: appending twice is appending once', async () => {
  fc.assert(fc.property(arbitraryPolicy, addition, (policy, { name, first }) => {
    const append = compileAppend(name, first, 'x')
    return formatPolicy(append(append(policy))) === formatPolicy(append(policy))
  }))
})

t.test('property: append keeps what is there, in its order, then what is added, and changes no other directive', async () => {
  fc.assert(fc.property(arbitraryPolicy, addition, (policy, { name, first }) => {
    const result = compileAppend(name, first, 'x')(policy)
    const others = (before: Policy): string => formatPolicy(new Map([...before].filter(([other]) => other !== name)))
    const sources = result.get(name)!
    const kept = (policy.get(name) ?? []).filter((source) => source !== "'none'")
    return others(result) === others(policy) && new Set(sources).size === sources.length &&
      JSON.stringify(sources.slice(0, kept.length)) === JSON.stringify(kept) && first.every((source) => sources.includes(source))
  }))
})

t.test('property: what comes of changes is admitted by the validator', async () => {
  const changes = fc.tuple(arbitraryPolicy, arbitraryPolicy, addition, fc.boolean())
  fc.assert(fc.property(arbitraryPolicy, changes, (policy, [set, remove, { name, first }, replace]) => {
    const asOptions = (from: Policy): Directives => Object.fromEntries([...from].map(([key, value]) => [key, key === 'upgrade-insecure-requests' || value.length === 0 ? true : value]))
    const sandboxed = new Map([...set].filter(([key, value]) => key !== 'sandbox' || value.length > 0))
    const result = compileChanges({ replace, set: asOptions(sandboxed), remove: asOptions(remove), append: { [name]: first } }, 'csp')(policy)
    const again = parseDirectives(Object.fromEntries([...result].map(([key, value]) => [key, key === 'upgrade-insecure-requests' ? true : value])), 'again')
    return formatPolicy(again) === formatPolicy(result)
  }))
})

t.test('property: a compiled change leaves its input alone and can be used again', async () => {
  const deepFreeze = (policy: Policy): Policy => {
    for (const value of policy.values()) Object.freeze(value)
    return policy
  }
  fc.assert(fc.property(arbitraryPolicy, arbitraryPolicy, addition, (policy, other, { name, first }) => {
    const before = formatPolicy(deepFreeze(policy))
    const change = compileChanges({ remove: { [DIRECTIVE_NAMES[0]!]: true }, set: { 'base-uri': ["'none'"] }, append: { [name]: first } }, 'csp')
    const once = formatPolicy(change(policy))
    change(deepFreeze(other))
    return formatPolicy(policy) === before && formatPolicy(change(policy)) === once
  }))
})

t.test('changes are read when they are compiled, not when they are applied', async (t) => {
  const append: { [Name in DirectiveName]?: string[] } = { 'img-src': ['a.test'] }
  const change = compileChanges({ append }, 'csp')
  append['img-src']!.push("x.test; script-src 'unsafe-inline'")
  t.equal(formatPolicy(change(new Map())), 'img-src a.test')
})

t.test('one directive is appended to by any spelling of its name', async (t) => {
  t.equal(formatPolicy(compileAppend('formAction', ['a.test'], 'x')(policyOf({ 'form-action': ["'self'"] }))), "form-action 'self' a.test")
  t.throws(() => compileAppend('formActoin', ['a.test'], 'here'), { message: 'here: expected a known name, received an unknown one. Did you mean `form-action`?' })
})
