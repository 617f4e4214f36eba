import { likeliest } from './decode.ts'
import type { Node } from './schema-node.ts'
import { cleanText, codePoints, isWellFormed } from './text.ts'

/** One thing that is wrong: where, by which rule, and what its message may say. Never what was sent. */
export interface Fault {
  /** The field, `items.0.name`; the empty string for the form as a whole. */
  readonly path: string
  readonly key: string
  readonly params: Readonly<Record<string, unknown>>
  /** The status of an answer that tells of it, where that is not 422. */
  readonly status?: number
}

const NONE: Fault['params'] = Object.freeze({})

/** The faults that were found, up to a number of them. */
export class Report {
  readonly faults: Fault[] = []
  readonly #limit: number

  /** `limit`: faults, at least 1. */
  constructor (limit: number) {
    this.#limit = limit
  }

  get isFull (): boolean {
    return this.faults.length >= this.#limit
  }

  add (path: string, key: string, params: Fault['params'] = NONE): void {
    if (!this.isFull) this.faults.push({ path, key, params })
  }
}

/**
 * Finds what is wrong with a value. For each field it stops at the first of: it is missing, its type, its length; only what has the
 * right length is given to a pattern, which may take its time with a long one.
 */
export function explain (node: Node, value: unknown, path: string, report: Report): void {
  if (report.isFull) return
  const before = report.faults.length
  explainKind(node, value, path, report)
  if (report.faults.length > before) return
  for (const { check, error } of node.refinements) {
    if (!check(value)) return report.add(path, error(value))
  }
  if (node.hasMore && !node.check(value)) report.add(path, 'invalid')
}

function explainKind (node: Node, value: unknown, path: string, report: Report): void {
  switch (node.kind) {
    case 'text': return explainText(node, value, path, report)
    case 'integer': case 'number': return explainNumber(node, value, path, report)
    case 'boolean': return typeof value === 'boolean' ? undefined : report.add(path, 'boolean')
    case 'null': return value === null ? undefined : report.add(path, 'invalid')
    case 'choice': return node.values.includes(value) ? undefined : report.add(path, node.values.length === 1 && node.values[0] === true ? 'accepted' : 'choice', { values: node.values })
    case 'list': return explainList(node, value, path, report)
    case 'object': return explainObject(node, value, path, report)
    // Its refinements say what is wrong.
    case 'file': return undefined
    case 'record': return explainRecord(node.item, value, path, report)
    case 'union': return explainUnion(node, value, path, report)
    default: return node.check(value) ? explainTexts(value, path, report) : report.add(path, 'invalid')
  }
}

function explainText (node: Node & { kind: 'text' }, value: unknown, path: string, report: Report): void {
  if (typeof value !== 'string') return report.add(path, 'text')
  if (value === '' && node.min > 0) return report.add(path, 'required')
  const { min, max } = node
  const length = codePoints(value)
  if (length > max) return report.add(path, min === max ? 'length' : 'maxLength', { min, max })
  if (length < min) return report.add(path, min === max ? 'length' : 'minLength', { min, max })
  if (node.isSecret ? !isWellFormed(value) : cleanText(value, node.hasLines) === undefined) return report.add(path, 'characters')
  if (node.pattern?.test(value) === false) return report.add(path, node.format?.key === 'username' ? 'username' : 'pattern')
  if (node.format?.test(value) === false) report.add(path, node.format.key)
}

function explainNumber ({ kind, schema }: Node, value: unknown, path: string, report: Report): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || (kind === 'integer' && !Number.isInteger(value))) return report.add(path, kind)
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<string, number | undefined>
  if (minimum !== undefined && value < minimum) return report.add(path, 'minimum', { min: minimum, max: maximum })
  if (maximum !== undefined && value > maximum) return report.add(path, 'maximum', { min: minimum, max: maximum })
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return report.add(path, 'exclusiveMinimum', { min: exclusiveMinimum })
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return report.add(path, 'exclusiveMaximum', { max: exclusiveMaximum })
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) report.add(path, 'multipleOf', { step: multipleOf })
}

function isMultiple (value: number, step: number): boolean {
  const quotient = value / step
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function explainList (node: Node & { kind: 'list' }, value: unknown, path: string, report: Report): void {
  if (!Array.isArray(value)) return report.add(path, 'list')
  const { min, max } = node
  const what = node.item.kind === 'file' ? 'Files' : 'Items'
  if (value.length > max) return report.add(path, `max${what}`, { min, max })
  if (value.length < min) return report.add(path, `min${what}`, { min, max })
  for (const [index, member] of value.entries()) explain(node.item, member, below(path, String(index)), report)
  if (node.isUnique && new Set(value.map((member) => typeof member === 'object' ? JSON.stringify(member) : member)).size < value.length) report.add(path, 'uniqueItems')
}

const below = (path: string, name: string): string => path === '' ? name : `${path}.${name}`

function explainObject (node: Node & { kind: 'object' }, value: unknown, path: string, report: Report): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return report.add(path, 'object')
  const object = value as Record<string, unknown>
  let known = 0
  for (const { name, node: child, isRequired } of node.inOrder) {
    if (report.isFull) return
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    if (value !== undefined) {
      known++
      explain(child, value, below(path, name), report)
    } else if (isRequired) {
      report.add(below(path, name), child.kind === 'choice' && child.values[0] === true ? 'accepted' : 'required')
    }
  }
  const names = Object.keys(object)
  if (names.length === known) return
  for (const name of names) {
    if (report.isFull) return
    if (node.fields.has(name)) continue
    if (!node.isOpen) report.add(below(path, name.slice(0, LONGEST_NAME)), 'unknown')
    else explainTexts(object[name], below(path, name.slice(0, LONGEST_NAME)), report)
  }
}

/** A name from outside is told back, but not more of it than a name has. */
const LONGEST_NAME = 100

function explainRecord (item: Node, value: unknown, path: string, report: Report): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return report.add(path, 'object')
  for (const [name, member] of Object.entries(value)) {
    if (cleanText(name, false) === undefined) report.add(path, 'characters')
    else explain(item, member, below(path, name.slice(0, LONGEST_NAME)), report)
  }
}

function explainUnion (node: Node & { kind: 'union' }, value: unknown, path: string, report: Report): void {
  const { variants } = node
  if (variants.some((variant) => variant.check(value))) return explainTexts(value, path, report)
  const isComposite = typeof value === 'object' && value !== null
  const objects = variants.filter(({ kind }) => kind !== 'null' && (!isComposite || kind === 'object' || kind === 'list'))
  if (objects.length === 0) return report.add(path, 'invalid')
  const variant = likeliest(objects, objects.map(() => value))
  if (objects.length === 1 || (isComposite && variant.kind === 'object')) explain(variant, value, path, report)
  else report.add(path, 'invalid')
}

/** Where the schema has nothing against a value, its characters may be what was refused. */
function explainTexts (value: unknown, path: string, report: Report): void {
  const isUnclean = typeof value === 'string' ? cleanText(value, true) === undefined : typeof value === 'object' && value !== null && Object.entries(value).some(([name, member]) => cleanText(name, false) === undefined || (typeof member === 'string' && cleanText(member, false) === undefined))
  if (isUnclean) report.add(path, 'characters')
}
