import type { Node } from './schema-node.ts'
import { cleanText, isWellFormed } from './text.ts'

/** What was found wrong while a value was tidied. */
export interface Tidying { isUnclean: boolean }

/**
 * The value of a program, such as a JSON body: nothing is converted; texts are brought to one form, and what was not sent gets its
 * default. The given value is never changed: where something differs, a copy is given.
 */
export function tidy (node: Node, value: unknown, state: Tidying): unknown {
  if (value === undefined) return node.fallback === undefined ? undefined : structuredClone(node.fallback.value)
  if (typeof value === 'string') {
    if (node.isSecret) {
      if (!isWellFormed(value)) state.isUnclean = true
      return value
    }
    return cleaned(value, node.kind === 'text' ? node.hasLines : hasLinesOf(node), state)
  }
  // JSON has a zero with a sign, which a form has not.
  if (value === 0) return 0
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return node.kind === 'list' && value.length <= node.max ? value.map((member) => tidy(node.item, member, state)) : tidyUnknown(node, value, state)
  if (node.kind === 'object') return tidyObject(node, value as Record<string, unknown>, state)
  if (node.kind === 'record') return tidyRecord(node.item, value as Record<string, unknown>, state)
  return tidyUnknown(node, value, state)
}

function cleaned (text: string, hasLines: boolean, state: Tidying): string {
  const clean = cleanText(text, hasLines)
  if (clean === undefined) state.isUnclean = true
  return clean ?? text
}

/** A part of which the schema says nothing definite has lines, unless it is a union without a field of several. */
function hasLinesOf (node: Node): boolean {
  return node.kind === 'union' && node.variants.some((variant) => variant.kind === 'text' && variant.hasLines)
}

function tidyObject (node: Node & { kind: 'object' }, value: Record<string, unknown>, state: Tidying): unknown {
  // Most bodies are tidy: the copy is begun at the first difference.
  let result = value
  for (const key of Object.keys(value)) {
    const field = node.fields.get(key)
    // Refused by the check that follows: a copy would lose it, or set a prototype.
    if (field === undefined && (!node.isOpen || key === '__proto__')) return value
    const name = field === undefined ? cleaned(key, false, state) : key
    const member = field === undefined ? tidyAny(value[key], state) : tidy(field.node, value[key], state)
    if (name === key && Object.is(member, value[key])) continue
    if (result === value) result = { ...value }
    if (name !== key) {
      delete result[key]
      // Two names that are one name in normal form.
      if (Object.hasOwn(result, name)) state.isUnclean = true
    }
    result[name] = member
  }
  for (const { name, node: child } of node.defaulted) {
    if (Object.hasOwn(value, name)) continue
    if (result === value) result = { ...value }
    result[name] = tidy(child, undefined, state)
  }
  return result
}

function tidyRecord (item: Node, value: Record<string, unknown>, state: Tidying): unknown {
  const entries = Object.entries(value).map(([key, member]) => [cleaned(key, false, state), tidy(item, member, state)] as const)
  const result = Object.fromEntries(entries)
  // Two names that are one name in normal form.
  if (Object.keys(result).length < entries.length) state.isUnclean = true
  return result
}

function tidyUnknown (node: Node, value: object, state: Tidying): unknown {
  if (node.kind !== 'union') return tidyAny(value, state)
  for (const variant of node.variants) {
    const attempt = { isUnclean: false }
    const candidate = tidy(variant, value, attempt)
    if (!attempt.isUnclean && variant.check(candidate)) return candidate
  }
  return tidyAny(value, state)
}

function tidyAny (value: unknown, state: Tidying): unknown {
  if (typeof value === 'string') return cleaned(value, false, state)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member) => tidyAny(member, state))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [cleaned(key, false, state), tidyAny(member, state)]))
}
