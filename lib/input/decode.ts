import { FormNames } from './form-names.ts'
import type { Field, Node } from './schema-node.ts'
import { cleanText, isWellFormed } from './text.ts'

/** What a form sent, by name, and what was found wrong with it on the way. */
export interface FormSource {
  readonly values: Readonly<Record<string, unknown>>
  /** A name that came twice and has one place only (HTTP parameter pollution, CWE-235). */
  duplicate: string | undefined
  /** True when some text holds what no text may. */
  isUnclean: boolean
  /** The names by their steps, once they are asked for. */
  names?: FormNames
}

const INTEGER = /^[+-]?\d{1,16}$/
const NUMBER = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[Ee][+-]?\d{1,3})?$/
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'on', '1', 'y', 'yes'].map((word) => [word, true] as const),
  ...['false', 'off', '0', 'n', 'no'].map((word) => [word, false] as const)
])
/** A member of a list, as in `items.0` and `items.0.name`. */
const INDEX = /^(?:0|[1-9]\d{0,4})$/
/** Names that would reach the prototype of an object. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads what a form sent by the schema, without a guess: `"12"` becomes 12 where a whole number is meant, `"1.5"` and `"0x10"` stay
 * as they are, for the check to refuse. Nothing that was entered is `undefined`, and so is nothing that was sent. Names that the
 * schema does not have are not looked at.
 */
export function decode (node: Node, source: FormSource, name: string, isRequired: boolean): unknown {
  const value = read(node, source, name, isRequired)
  return value === undefined && node.fallback !== undefined ? structuredClone(node.fallback.value) : value
}

function read (node: Node, source: FormSource, name: string, isRequired: boolean): unknown {
  if (node.kind === 'object') return isRequired || hasPart(source, name) ? decodeObject(node.inOrder, source, name) : undefined
  if (node.kind === 'list') return decodeList(node, source, name, isRequired)
  if (node.kind === 'record') return decodeRecord(node.item, source, name, isRequired)
  if (node.kind === 'union') return decodeUnion(node.variants, source, name, isRequired)
  const sent = Object.hasOwn(source.values, name) ? source.values[name] : undefined
  if (Array.isArray(sent)) source.duplicate ??= name
  const text: unknown = Array.isArray(sent) ? sent[0] : sent
  const decoded = typeof text === 'string' ? decodeText(node, text, source) : text
  // A box that was not ticked is not sent.
  return decoded === undefined && node.kind === 'boolean' && isRequired ? false : decoded
}

/** One value that was sent; `undefined` for nothing that was entered. */
function decodeText (node: Node, sent: string, source: FormSource): unknown {
  if (node.kind === 'text' && node.isSecret) {
    if (!isWellFormed(sent)) source.isUnclean = true
    return sent === '' && node.min > 0 ? undefined : sent
  }
  const text = cleanText(sent.trim(), node.kind === 'text' && node.hasLines)
  if (text === undefined) {
    source.isUnclean = true
    return sent
  }
  if (node.kind === 'text') return text === '' && !('minLength' in node.schema && node.min === 0) ? undefined : text
  if (node.kind === 'null') return text === '' ? null : text
  if (text === '') return node.kind === 'choice' && node.values.includes('') ? '' : undefined
  if (node.kind === 'integer') return INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) + 0 : text
  if (node.kind === 'number') return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) + 0 : text
  if (node.kind === 'boolean') return truthOf(text)
  return node.kind === 'choice' ? chosenOf(node.values, text) : text
}

function chosenOf (values: readonly unknown[], text: string): unknown {
  for (const value of values) {
    if (value === text || (typeof value === 'boolean' ? truthOf(text) === value : typeof value !== 'string' && String(value) === text)) return value
  }
  return text
}

/** What a word of a form says: true, false, or the word itself. */
export function truthOf (text: string): boolean | string {
  return TRUTHS.get(text) ?? TRUTHS.get(text.toLowerCase()) ?? text
}

function decodeObject (fields: readonly Field[], source: FormSource, name: string): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const prefix = name === '' ? '' : `${name}.`
  for (const field of fields) {
    const value = decode(field.node, source, prefix + field.name, field.isRequired)
    if (value !== undefined) result[field.name] = value
  }
  return result
}

/** The steps that follow a name, each with the whole names that have it there. */
function below (source: FormSource, name: string): ReadonlyMap<string, readonly string[]> {
  source.names ??= new FormNames(Object.keys(source.values))
  return source.names.below(name)
}

function hasPart (source: FormSource, name: string): boolean {
  return [...below(source, name).values()].some((names) => names.some((full) => source.values[full] !== ''))
}

/** The numbers of the members that were sent, in order. The numbers themselves mean nothing: a row that was removed in the browser leaves a gap. */
export function indicesOf (source: FormSource, name: string): number[] {
  return [...below(source, name).keys()].filter((step) => INDEX.test(step)).map(Number).sort((a, b) => a - b)
}

function decodeList ({ item, max }: Node & { kind: 'list' }, source: FormSource, name: string, isRequired: boolean): unknown {
  const sent = Object.hasOwn(source.values, name) ? source.values[name] : undefined
  // One more than there may be is enough to be refused.
  const most = max + 1
  if (sent !== undefined) {
    const members = (Array.isArray(sent) ? sent : [sent]).slice(0, most) as unknown[]
    return members.map((member) => typeof member === 'string' ? decodeMember(item, member, source) : member).filter((member) => member !== undefined)
  }
  const indices = indicesOf(source, name)
  if (indices.length === 0) return isRequired && item !== undefined ? [] : undefined
  return indices.slice(0, most).map((index) => decode(item, source, `${name}.${index}`, true)).filter((member) => member !== undefined)
}

function decodeMember (item: Node, member: string, source: FormSource): unknown {
  if (item.kind !== 'union') return decodeText(item, member, source)
  const candidates = item.variants.map((variant) => decodeText(variant, member, source))
  return candidates.find((candidate, index) => item.variants[index]!.check(candidate)) ?? candidates[0]
}

function decodeRecord (item: Node, source: FormSource, name: string, isRequired: boolean): unknown {
  const keys = [...below(source, name).keys()]
  if (keys.length === 0 && !isRequired) return undefined
  const entries = keys.filter((key) => !FORBIDDEN.has(key)).map((key) => [key, decode(item, source, `${name}.${key}`, true)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** The first variant that fits, in the order of the schema. */
function decodeUnion (variants: readonly Node[], source: FormSource, name: string, isRequired: boolean): unknown {
  const candidates = variants.map((variant) => decode(variant, source, name, isRequired))
  const fitting = candidates.find((candidate, index) => candidate !== undefined && variants[index]!.check(candidate))
  return fitting !== undefined ? fitting : candidates[variants.indexOf(likeliest(variants, candidates))]
}

/** The variant that a value was most likely meant for: that whose constant it has, or else the first. */
export function likeliest (variants: readonly Node[], candidates: readonly unknown[]): Node {
  const told = variants.find((variant, index) => {
    const candidate = candidates[index]
    if (variant.kind !== 'object' || typeof candidate !== 'object' || candidate === null) return false
    const constants = variant.inOrder.filter(({ node, isRequired }) => isRequired && node.kind === 'choice')
    return constants.length > 0 && constants.every(({ name, node }) => node.check((candidate as Record<string, unknown>)[name]))
  })
  return told ?? variants.find(({ kind }) => kind !== 'null')!
}
