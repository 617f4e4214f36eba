import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { canonicalDirective, DIRECTIVE_NAMES, hasSources, isSingle, kindOfDirective, mayBeEmpty, type DirectiveKey, type DirectiveName } from './csp-directives.ts'
import { faultOf } from './csp-sources.ts'

/** A policy as it is written in options: directive to expressions, one element each; `true` for a directive without a value. */
export type Directives = { readonly [Name in DirectiveKey]?: readonly string[] | true }

/** A validated policy: canonical names to expressions without duplicates. */
export type Policy = ReadonlyMap<DirectiveName, readonly string[]>

/**
 * Validates directives by the grammar of CSP Level 3 (W3C), one array element being one expression.
 * Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID` with the path of the element and what to write instead.
 */
export function parseDirectives (directives: Directives, path: string): Policy {
  const policy = new Map<DirectiveName, readonly string[]>()
  for (const [key, value] of Object.entries(directives) as Array<[string, unknown]>) {
    const where = `${path}.${key}`
    const name = canonicalDirective(key, where)
    if (policy.has(name)) throw refusal(where, 'each directive once', value, `\`${name}\` is there twice, in two spellings.`)
    policy.set(name, parseValue(name, value, where))
  }
  return policy
}

/** Validates the value of one directive; see `parseDirectives`. */
export function parseValue (name: DirectiveName, value: unknown, where: string): readonly string[] {
  if (kindOfDirective(name) === 'none') {
    if (value === true) return []
    throw refusal(where, '`true`', value, 'This directive takes no value.')
  }
  if (!Array.isArray(value)) throw refusal(where, 'an array of expressions', value)
  if (value.length === 0 && !mayBeEmpty(name)) throw refusal(where, 'at least one expression', value, hasSources(name) ? "To allow nothing, write `[\"'none'\"]`." : undefined)
  for (const [index, expression] of value.entries()) {
    const fault = typeof expression === 'string' ? faultOf(name, expression) : ''
    if (fault !== undefined) throw refusal(`${where}[${index}]`, `one expression of \`${name}\``, expression, fault === '' ? undefined : fault)
  }
  if (value.length > 1) {
    if (value.includes("'none'")) throw refusal(where, "`'none'` alone", value, "`'none'` beside another expression has no effect.")
    if (isSingle(name)) throw refusal(where, 'one expression', value)
  }
  return [...new Set(value as string[])]
}

function refusal (path: string, expected: string, received: unknown, advice?: string): SecurityError {
  return new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', expectation(path, expected, received, advice))
}

/** The header value of a policy, directives in their order of writing. The nonce is left as `'nonce'`. */
export function formatPolicy (policy: Policy): string {
  const parts: string[] = []
  for (const name of DIRECTIVE_NAMES) {
    const value = policy.get(name)
    if (value !== undefined) parts.push([name, ...value].join(' '))
  }
  return parts.join('; ')
}

/** The sources that a browser goes by for `name`: its own, or those of the nearest fallback. */
export function effectiveSources (policy: Policy, name: DirectiveName, fallbacks: readonly DirectiveName[]): readonly string[] | undefined {
  for (const candidate of [name, ...fallbacks]) {
    const sources = policy.get(candidate)
    if (sources !== undefined) return sources
  }
  return undefined
}
