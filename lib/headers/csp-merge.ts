import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { canonicalDirective, fallbacksOf, hasSources, isSingle, mayBeEmpty, type DirectiveKey, type DirectiveName } from './csp-directives.ts'
import { effectiveSources, parseDirectives, parseValue, type Directives, type Policy } from './csp-policy.ts'
import { faultOf, NONCE } from './csp-sources.ts'

/** Changes to a policy, as data. They are applied in the order `replace`, `remove`, `set`, `append`. */
export interface PolicyChanges {
  /** Start from an empty policy instead of the inherited one. Default `false`. */
  readonly replace?: boolean
  /** Drop whole directives (`true`) or some of their expressions. A source list that loses its last expression becomes `'none'`; another directive that needs one goes. */
  readonly remove?: { readonly [Name in DirectiveKey]?: readonly string[] | true }
  /** Put these directives in the place of the inherited ones. */
  readonly set?: Directives
  /** Add expressions. An absent fetch directive starts from the one that a browser falls back to; `'none'` gives way. */
  readonly append?: { readonly [Name in DirectiveKey]?: readonly string[] }
}

/** A function that applies validated changes to a policy and leaves the policy it was given alone. */
export type PolicyChange = (policy: Policy) => Policy

/** Validates changes once. Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID`. */
export function compileChanges (changes: PolicyChanges, path: string): PolicyChange {
  const removals = Object.entries(changes.remove ?? {}).map(([key, value]) => {
    const where = `${path}.remove.${key}`
    const name = canonicalDirective(key, where)
    return [name, parseRemoval(name, value, where)] as const
  })
  const settings = parseDirectives(changes.set ?? {}, `${path}.set`)
  const additions = Object.entries(changes.append ?? {}).map(([key, value]) => compileAppend(key, value, `${path}.append.${key}`))
  return (inherited) => {
    const policy = new Map(changes.replace === true ? [] : inherited)
    for (const [name, expressions] of removals) removeFrom(policy, name, expressions)
    for (const [name, value] of settings) policy.set(name, value)
    return additions.reduce<Policy>((result, append) => append(result), policy)
  }
}

/** Validates expressions that are to be appended to one directive. Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID`. */
export function compileAppend (key: string, value: unknown, where: string): PolicyChange {
  const name = canonicalDirective(key, where)
  const added = parseValue(name, value, where)
  if (added.includes("'none'")) {
    throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', expectation(where, 'expressions to add', value, "`'none'` adds nothing: use `set`."))
  }
  if (isSingle(name)) throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', expectation(where, 'a directive of several expressions', value, 'This one has a single expression: use `set`.'))
  return (policy) => {
    const present = effectiveSources(policy, name, fallbacksOf(name)) ?? []
    const start = policy.has(name) ? present : inheritedSources(name, present)
    return new Map(policy).set(name, [...new Set([...start.filter((source) => source !== "'none'"), ...added])])
  }
}

/**
 * What a browser falls back to may hold expressions that mean nothing in the directive, as a nonce in img-src. Where the nonce goes,
 * the `'unsafe-inline'` that it overruled must not come to life.
 */
function inheritedSources (name: DirectiveName, sources: readonly string[]): readonly string[] {
  const fitting = sources.filter((source) => faultOf(name, source) === undefined)
  return sources.includes(NONCE) && !fitting.includes(NONCE) ? fitting.filter((source) => source !== "'unsafe-inline'") : fitting
}

function parseRemoval (name: DirectiveName, value: unknown, where: string): readonly string[] | true {
  if (value === true) return true
  if (Array.isArray(value)) return parseValue(name, value, where)
  throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', expectation(where, '`true` or an array of expressions', value))
}

function removeFrom (policy: Map<DirectiveName, readonly string[]>, name: DirectiveName, expressions: readonly string[] | true): void {
  const present = policy.get(name)
  if (present === undefined) return
  if (expressions === true) {
    policy.delete(name)
    return
  }
  const rest = present.filter((expression) => !expressions.includes(expression))
  if (rest.length > 0 || mayBeEmpty(name)) policy.set(name, rest)
  else if (hasSources(name)) policy.set(name, ["'none'"])
  else policy.delete(name)
}
