import { SecurityError } from '../errors.ts'
import { Upload } from '../files/upload.ts'
import { FILE_RULES } from '../form-files.ts'
import { FORMATS, STANDARD_FORMATS, type FormatTest } from './formats.ts'

/** A JSON Schema, with what TypeBox hides in it. */
export type Schema = Readonly<Record<string, unknown>>

/** What schemas are made ready with. */
export interface Shaping {
  /** Schemas that the application knows by name, for `$ref`. */
  readonly known: Readonly<Record<string, unknown>>
  /** The formats of the application. */
  readonly formats: Readonly<Record<string, FormatTest>>
  /** Whether an object that does not say admits no unknown keys. */
  readonly isClosed: boolean
  /** How deep a schema that names itself is followed. */
  readonly depth: number
}

/** Where `shape` notes the format of a string, after it has made a refinement of it. */
export const FORMAT = '~bulwarkFormat'

const ONE = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedProperties', 'unevaluatedItems']
const MANY = ['properties', 'patternProperties', 'dependentSchemas']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']
/** In these, an object says what must not be, or what is only a part: there a closed one means something else. */
const OPEN = new Set(['not', 'if', 'then', 'else', 'contains', 'dependentSchemas', 'allOf'])
const MERGED = new Set(['type', 'properties', 'required', 'additionalProperties', 'title', 'description', '$id', '$schema'])
const LARGEST = 20_000

/**
 * A copy of a schema that stands on its own: references resolved, objects closed, intersections of objects made one object, and
 * formats bound to the functions of this application, so that neither another application nor the process-wide table matters.
 *
 * Throws `SecurityError` `BULWARK_ERR_INPUT_SCHEMA_INVALID` for a reference that leads nowhere, an unknown format, a pattern that is
 * no regular expression, or a refinement that TypeBox would ignore.
 */
export function shape (schema: unknown, shaping: Shaping, path: string): unknown {
  let left = LARGEST
  const root = schema

  function fail (where: string, what: string): never {
    throw new SecurityError('BULWARK_ERR_INPUT_SCHEMA_INVALID', `${where}: ${what}`)
  }

  function find (reference: string, where: string, base: unknown): { node: unknown, base: unknown } {
    const [name, pointer = ''] = reference.split('#') as [string, string | undefined]
    const document = name === '' ? base : [(base as Schema)['$defs'], (base as Schema)['definitions'], shaping.known].map((table) => own(table, name)).find((found) => found !== undefined)
    // What TypeBox calls cyclic names its own definitions; a name from there leaves the base as it is.
    const inner = name === '' || document === own(shaping.known, name) ? document : base
    const node = pointer.split('/').slice(1).reduce<unknown>((outer, step) => own(outer, decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')), document)
    if (node === undefined) fail(where, 'expected a reference to a schema of the application, received one that leads nowhere.')
    return { node, base: inner }
  }

  function walk (node: unknown, where: string, isClosed: boolean, base: unknown, followed: readonly unknown[]): unknown {
    if (typeof node === 'boolean') return node
    if (typeof node !== 'object' || node === null) fail(where, 'expected a schema.')
    if (--left < 0) fail(where, `expected a schema of at most ${LARGEST} parts, with those that it refers to.`)
    const source = node as Schema
    if (typeof source['$ref'] === 'string') {
      const found = find(source['$ref'], where, '$defs' in source ? source : base)
      // No value that the limit of depth lets in reaches further.
      if (followed.filter((other) => other === found.node).length > shaping.depth) return { not: {} }
      return walk(found.node, where, isClosed, found.base, [...followed, found.node])
    }
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(source)) as Record<string, unknown>
    for (const key of ['$id', '$schema', '$defs', 'definitions']) delete copy[key]
    if (FILE_RULES in copy) return bindFile(copy)
    const inner = (key: string, child: unknown, name: string): unknown => walk(child, `${where}.${name}`, isClosed && !OPEN.has(key), base, followed)
    for (const key of ONE) {
      if (typeof copy[key] === 'object' && !Array.isArray(copy[key])) copy[key] = inner(key, copy[key], key)
    }
    for (const key of MANY) {
      if (key in copy) copy[key] = Object.fromEntries(Object.entries(copy[key] as object).map(([name, child]) => [name, inner(key, child, name)]))
    }
    for (const key of LISTS) {
      if (Array.isArray(copy[key])) copy[key] = copy[key].map((child, index) => inner(key, child, `${key}.${index}`))
    }
    if (Array.isArray(copy['~refine'])) checkRefinements(copy['~refine'], (what) => fail(where, what))
    if (typeof copy['pattern'] === 'string') checkPattern(copy['pattern'], (what) => fail(where, what))
    if (typeof copy['format'] === 'string') bindFormat(copy, copy['format'], shaping, (what) => fail(where, what))
    return close(merge(copy), isClosed)
  }

  return walk(schema, path, shaping.isClosed, root, [])
}

function own (table: unknown, name: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, name) ? (table as Schema)[name] : undefined
}

/** An intersection of plain objects as the one object that it is. */
function merge (node: Record<string, unknown>): Record<string, unknown> {
  const parts = node['allOf'] as Schema[] | undefined
  if (parts === undefined || !parts.every(isPlainObject)) return node
  const { allOf: _, ...rest } = node
  const properties: Record<string, unknown> = {}
  for (const part of parts) {
    for (const [name, schema] of Object.entries((part['properties'] ?? {}) as Schema)) {
      properties[name] = name in properties ? { allOf: [properties[name], schema] } : schema
    }
  }
  const refine = [...(node['~refine'] as unknown[] | undefined) ?? [], ...parts.flatMap((part) => (part['~refine'] as unknown[] | undefined) ?? [])]
  const merged: Record<string, unknown> = { ...rest, type: 'object', properties, required: [...new Set(parts.flatMap((part) => part['required'] as string[] | undefined ?? []))] }
  delete merged['unevaluatedProperties']
  if (refine.length > 0) Object.defineProperty(merged, '~refine', { value: refine })
  return merged
}

function isPlainObject (node: unknown): boolean {
  return typeof node === 'object' && node !== null && (node as Schema)['type'] === 'object' && Object.keys(node).every((key) => MERGED.has(key))
}

function close (node: Record<string, unknown>, isClosed: boolean): Record<string, unknown> {
  if (isClosed && node['type'] === 'object' && !('additionalProperties' in node) && !('patternProperties' in node) && !('unevaluatedProperties' in node)) {
    node['additionalProperties'] = false
  }
  if (isClosed && 'allOf' in node && !('unevaluatedProperties' in node)) node['unevaluatedProperties'] = false
  return node
}

function checkPattern (pattern: string, fail: (what: string) => never): void {
  try {
    RegExp(pattern, 'u')
  } catch {
    fail('expected a pattern that is a regular expression with the flag `u`, received one that is none. Escape only what must be escaped.')
  }
}

/** A text in the place of the function that gives the text makes TypeBox ignore the whole refinement. */
function checkRefinements (refinements: unknown[], fail: (what: string) => never): void {
  const isRefinement = ({ check, error }: { check?: unknown, error?: unknown }): boolean => typeof check === 'function' && typeof error === 'function'
  if (!refinements.every((refinement) => isRefinement(refinement as object))) {
    fail('expected a refinement whose third argument is a function that gives the message, received something else. TypeBox ignores such a refinement.')
  }
}

/** In the program a file is what was made of its bytes, and nothing that a client can write. */
function bindFile (node: Record<string, unknown>): Record<string, unknown> {
  for (const key of ['type', 'format']) Reflect.deleteProperty(node, key)
  const refinement = { check: (value: unknown) => value instanceof Upload, error: () => 'file' }
  return Object.defineProperty(node, '~refine', { value: [refinement, ...(node['~refine'] as unknown[] | undefined) ?? []] })
}

function bindFormat (node: Record<string, unknown>, name: string, { formats }: Shaping, fail: (what: string) => never): void {
  const test = own(formats, name) as FormatTest | undefined ?? FORMATS.get(name) ?? STANDARD_FORMATS.get(name)
  if (test === undefined) fail('expected a known format, received an unknown one. Give it in the option `formats`.')
  delete node['format']
  const refinement = { check: (value: unknown) => typeof value !== 'string' || test(value), error: () => 'format' }
  Object.defineProperty(node, FORMAT, { value: { name, test, refinement } })
  Object.defineProperty(node, '~refine', { value: [...(node['~refine'] as unknown[] | undefined) ?? [], refinement] })
}
