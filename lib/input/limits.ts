import { REPLACEMENT } from './text.ts'

/** How much of a body is looked at, before any schema is asked. */
export interface BodyLimits {
  /** Names and members in all, in the whole body. */
  readonly fields: number
  /** Objects and lists within each other, or parts of a name such as `items.0.name`. */
  readonly depth: number
  /** Members of one list. */
  readonly items: number
}

/** What a body is refused for. */
export type Excess = 'fields' | 'depth' | 'items' | 'encoding' | 'duplicate'

/** Looks through a parsed body once; `undefined` when nothing is too much and every byte was UTF-8. */
export function excessOf (body: unknown, limits: BodyLimits): Excess | undefined {
  let left = limits.fields

  function walk (value: unknown, depth: number): Excess | undefined {
    if (typeof value === 'string') return value.includes(REPLACEMENT) ? 'encoding' : undefined
    if (typeof value !== 'object' || value === null) return undefined
    if (depth > limits.depth) return 'depth'
    if (Array.isArray(value)) {
      if (value.length > limits.items) return 'items'
      for (const member of value) {
        if (--left < 0) return 'fields'
        const excess = walk(member, depth + 1)
        if (excess !== undefined) return excess
      }
      return undefined
    }
    for (const key of Object.keys(value)) {
      if (--left < 0) return 'fields'
      if (key.includes(REPLACEMENT)) return 'encoding'
      const excess = walk((value as Record<string, unknown>)[key], depth + 1)
      if (excess !== undefined) return excess
    }
    return undefined
  }

  return walk(body, 1)
}

/** The same for the names of a form, which nest by their dots. */
export function isTooDeep (names: readonly string[], { depth }: BodyLimits): boolean {
  return names.some((name) => name.includes('.') && name.split('.', depth + 1).length > depth)
}
