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

/** Looks through a parsed body once; `undefined` when nothing is too much and every byte was UTF-8. The names of a form nest by their dots. */
export function excessOf (body: unknown, limits: BodyLimits, isForm = false): Excess | undefined {
  return look(body, 1, limits, { fields: limits.fields }, isForm)
}

function look (value: unknown, depth: number, limits: BodyLimits, left: { fields: number }, isForm: boolean): Excess | undefined {
  if (typeof value === 'string') return value.includes(REPLACEMENT) ? 'encoding' : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > limits.depth) return 'depth'
  return Array.isArray(value) ? lookThroughList(value, depth, limits, left) : lookThroughObject(value, depth, limits, left, isForm)
}

function lookThroughList (list: readonly unknown[], depth: number, limits: BodyLimits, left: { fields: number }): Excess | undefined {
  if (list.length > limits.items) return 'items'
  for (const member of list) {
    if (--left.fields < 0) return 'fields'
    const excess = look(member, depth + 1, limits, left, false)
    if (excess !== undefined) return excess
  }
  return undefined
}

function lookThroughObject (object: object, depth: number, limits: BodyLimits, left: { fields: number }, isForm: boolean): Excess | undefined {
  for (const key of Object.keys(object)) {
    if (--left.fields < 0) return 'fields'
    if (key.includes(REPLACEMENT)) return 'encoding'
    if (isForm && key.includes('.') && key.split('.', limits.depth + 1).length > limits.depth) return 'depth'
    const excess = look((object as Record<string, unknown>)[key], depth + 1, limits, left, false)
    if (excess !== undefined) return excess
  }
  return undefined
}
