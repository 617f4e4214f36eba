import { Compile } from 'typebox/schema'
import type { FileRules } from '../files/settings.ts'
import { FILE_RULES } from '../form-files.ts'
import { HIDDEN } from './fields.ts'
import { FORMAT_PREFIX, type FormatTest } from './formats.ts'
import { FORMAT, type Schema } from './shape.ts'

/** A refinement as TypeBox keeps it. */
export interface Refinement {
  readonly check: (value: unknown) => boolean
  readonly error: (value: unknown) => string
}

interface Base {
  readonly schema: Schema
  readonly title: string | undefined
  /** The value of what was not sent. */
  readonly fallback: { readonly value: unknown } | undefined
  readonly isSecret: boolean
  readonly isHidden: boolean
  readonly refinements: readonly Refinement[]
  /** True where the schema says what only the compiled check knows. */
  readonly hasMore: boolean
  /** The compiled check of this part alone. */
  readonly check: (value: unknown) => boolean
}

/** A part of a schema, read once. */
export type Node = Base & (
  | { readonly kind: 'text', readonly hasLines: boolean, readonly min: number, readonly max: number, readonly pattern: RegExp | undefined, readonly format: { readonly name: string, readonly key: string, readonly test: FormatTest } | undefined }
  | { readonly kind: 'integer' | 'number' | 'boolean' | 'null' | 'other' }
  | { readonly kind: 'choice', readonly values: readonly unknown[] }
  | { readonly kind: 'list', readonly item: Node, readonly min: number, readonly max: number, readonly isUnique: boolean }
  | { readonly kind: 'object', readonly fields: ReadonlyMap<string, Field>, readonly inOrder: readonly Field[], readonly defaulted: readonly Field[], readonly isOpen: boolean }
  | { readonly kind: 'record', readonly item: Node }
  | { readonly kind: 'file', readonly rules: FileRules }
  | { readonly kind: 'union', readonly variants: readonly Node[] })

/** A property of an object. */
export interface Field {
  readonly name: string
  readonly node: Node
  readonly isRequired: boolean
}

/** Keywords that say nothing about values, in every schema. */
const COMMON = ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment', 'type']

/** The keywords that the explanation of each kind knows; the compiled check knows all. */
const EXPLAINED: Readonly<Record<Node['kind'], readonly string[]>> = {
  text: ['minLength', 'maxLength', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
  choice: ['enum', 'const', 'anyOf'],
  list: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties'],
  record: [],
  file: [FILE_RULES],
  union: ['anyOf'],
  other: []
}

/** Reads a schema that `shape` made. */
export function readNode (given: unknown): Node {
  const schema = (typeof given === 'object' ? given : given === true ? {} : { not: {} }) as Schema
  const own = readKind(schema)
  let compiled: { Check (value: unknown): boolean } | undefined
  const known = [...COMMON, ...EXPLAINED[own.kind]]
  const format = schema[FORMAT] as { name: string, refinement: Refinement } | undefined
  return {
    ...own,
    schema,
    title: schema['title'] as string | undefined,
    fallback: 'default' in schema ? { value: schema['default'] } : undefined,
    // A file is not shown again either.
    isSecret: own.kind === 'file' || format?.name === `${FORMAT_PREFIX}secret` || format?.name === 'password' || schema['writeOnly'] === true,
    isHidden: schema[HIDDEN] === true,
    refinements: ((schema['~refine'] ?? []) as Refinement[]).filter((refinement) => refinement !== format?.refinement),
    hasMore: Object.keys(schema).some((key) => !known.includes(key)),
    check: (value) => (compiled ??= Compile(schema as object)).Check(value)
  } as Node
}

/** The message of a text that has not the form that is asked for. */
function formatKey (name: string): string {
  const stem = name.startsWith(FORMAT_PREFIX) ? name.slice(FORMAT_PREFIX.length) : name
  // A text that is blank was not entered.
  if (stem === 'text' || stem === 'multiline') return 'required'
  return stem.replace(/^(?:web-)?url$/, 'url').replace(/^ip(?:v[46])?$/, 'ip').replace(/^username-script$/, 'username')
}

type Own = Pick<Node, 'kind'> & Record<string, unknown>

function readKind (schema: Schema): Own {
  const { type } = schema
  if (FILE_RULES in schema) return { kind: 'file', rules: schema[FILE_RULES] }
  if ('const' in schema) return { kind: 'choice', values: [schema['const']] }
  if (Array.isArray(schema['enum'])) return { kind: 'choice', values: schema['enum'] }
  if (Array.isArray(schema['anyOf']) && type === undefined) return readUnion(schema['anyOf'])
  // `oneOf` refuses what fits twice: the compiled check is asked for that.
  if (Array.isArray(schema['oneOf']) && type === undefined) return readUnion(schema['oneOf'])
  if (type === 'string') {
    const format = schema[FORMAT] as { name: string, test: FormatTest } | undefined
    return {
      kind: 'text',
      hasLines: format?.name === `${FORMAT_PREFIX}multiline`,
      min: schema['minLength'] ?? 0,
      max: schema['maxLength'] ?? Infinity,
      pattern: schema['pattern'] === undefined ? undefined : new RegExp(schema['pattern'] as string, 'u'),
      format: format && { name: format.name, key: formatKey(format.name), test: format.test }
    }
  }
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'null') return { kind: type }
  if (type === 'array' && typeof schema['items'] === 'object' && !Array.isArray(schema['items']) && !('prefixItems' in schema)) {
    return { kind: 'list', item: readNode(schema['items']), min: schema['minItems'] ?? 0, max: schema['maxItems'] ?? Infinity, isUnique: schema['uniqueItems'] === true }
  }
  if (type === 'object' && typeof schema['properties'] === 'object') return readObject(schema)
  if (type === 'object' && typeof schema['patternProperties'] === 'object') {
    const members = Object.values(schema['patternProperties'] as object)
    if (members.length === 1) return { kind: 'record', item: readNode(members[0]) }
  }
  return { kind: 'other' }
}

function readUnion (parts: readonly unknown[]): Own {
  const variants = parts.map(readNode)
  // What may be chosen is one list, whether it was written as one or as a union of literals.
  if (variants.every((variant) => variant.kind === 'choice' && variant.refinements.length === 0)) return { kind: 'choice', values: variants.flatMap((variant) => (variant as Node & { kind: 'choice' }).values) }
  return { kind: 'union', variants }
}

function readObject (schema: Schema): Own {
  const required = new Set(schema['required'] as string[] | undefined)
  const fields = Object.entries(schema['properties'] as object).map(([name, child]): Field => ({ name, node: readNode(child), isRequired: required.has(name) }))
  return {
    kind: 'object',
    fields: new Map(fields.map((field) => [field.name, field])),
    inOrder: fields,
    defaulted: fields.filter(({ node }) => node.fallback !== undefined),
    isOpen: schema['additionalProperties'] !== false && schema['unevaluatedProperties'] !== false
  }
}
