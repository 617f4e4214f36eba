import { explain, Report } from './explain.ts'
import { BOUNDED_FORMATS, FORMATS, STANDARD_FORMATS } from './formats.ts'
import { costOf } from './regex-cost.ts'
import { isAnchored, parsePattern } from './regex-syntax.ts'
import { readNode } from './schema-node.ts'
import { FORMAT, type Schema } from './shape.ts'

/** A weakness of a schema. */
export interface SchemaFinding {
  readonly code: 'length' | 'items' | 'open' | 'unanchored' | 'costly' | 'regexp' | 'codec' | 'range' | 'default' | 'name' | 'refine' | 'format'
  /** Where: `body.properties.name`. */
  readonly path: string
  readonly message: string
}

/** A pattern may take this many steps with the longest value that reaches it. */
const MOST_STEPS = 1_000_000

const MESSAGES: Readonly<Record<SchemaFinding['code'], string>> = {
  length: 'has no `maxLength`: a text may fill the whole body. Say how long it may be, or use `f.text()`.',
  items: 'has no `maxItems`: a list may fill the whole body. Say how many members it may have, or use `f.list()`.',
  open: 'admits keys that it does not name (`additionalProperties`): what is stored from it can set what nobody meant to be set. Name them, or use `Type.Record`.',
  unanchored: 'has a `pattern` that is not held by `^` and `$`: it speaks of a part of the value only.',
  costly: 'has a `pattern` that can take very long with a text that does not match (ReDoS). Let no repeated part match the same text in two ways, or shorten `maxLength`.',
  regexp: 'has a `pattern` that is an object: JSON Schema and OpenAPI lose it. Give its source as a string.',
  codec: 'is a codec: validation does not decode, so the handler would get the encoded value. Use `form.filters`, or decode in the handler.',
  range: 'has a least value that is greater than the greatest one: no value fits.',
  default: 'has a `default` that does not fit the schema itself.',
  name: 'has a property whose name holds a dot, or is `__proto__`: the names of a form nest by their dots.',
  refine: 'has a refinement of TypeBox, which the compiler of this route ignores without a word.',
  format: 'has a `format` of the field builders, which the compiler of this route does not know.'
}

/** What kind of request part a schema is for: bodies and queries may be long, parameters and headers are kept short by the server. */
export type LintedPart = 'body' | 'querystring' | 'params' | 'headers'

/** Looks a schema that `shape` made through: what stops nothing although it is valid. */
export function lintSchema (schema: unknown, part: LintedPart): SchemaFinding[] {
  const findings: SchemaFinding[] = []
  const isLimited = part === 'params' || part === 'headers'
  walkSchema(schema, part, (node, path) => {
    const add = (code: SchemaFinding['code']): void => { findings.push({ code, path, message: `${path} ${MESSAGES[code]}` }) }
    if (node['type'] === 'string') {
      if (!isLimited && !('maxLength' in node) && !('const' in node) && !('enum' in node) && !BOUNDED_FORMATS.has((node[FORMAT] as { name: string } | undefined)?.name ?? '')) add('length')
      if (typeof node['pattern'] === 'string') lintPattern(node['pattern'], isLimited ? 1000 : node['maxLength'] as number | undefined ?? Infinity, add)
      else if (node['pattern'] !== undefined) add('regexp')
    }
    if (node['type'] === 'array' && !('maxItems' in node) && 'items' in node && !Array.isArray(node['items'])) add('items')
    if (node['type'] === 'object' && part === 'body' && node['additionalProperties'] !== undefined && node['additionalProperties'] !== false) add('open')
    if ('~codec' in node) add('codec')
    if (RANGES.some(([least, most]) => (node[least] as number) > (node[most] as number))) add('range')
    if ('default' in node && !fits(node)) add('default')
    if (Object.keys(node['properties'] ?? {}).some((name) => name.includes('.') || name === '__proto__')) add('name')
  })
  return findings
}

/** What another compiler than ours would not see. */
export function lintForeign (schema: unknown, part: LintedPart): SchemaFinding[] {
  const findings: SchemaFinding[] = []
  walkSchema(schema, part, (node, path) => {
    for (const code of ['refine', 'codec'] as const) {
      if (`~${code}` in node) findings.push({ code, path, message: `${path} ${MESSAGES[code]}` })
    }
    const format = String(node['format'])
    if (FORMATS.has(format) && !STANDARD_FORMATS.has(format)) findings.push({ code: 'format', path, message: `${path} ${MESSAGES.format}` })
  })
  return findings
}

function fits (schema: Schema): boolean {
  const report = new Report(1)
  explain(readNode(schema), schema['default'], '', report)
  return report.faults.length === 0
}

const RANGES = [['minLength', 'maxLength'], ['minItems', 'maxItems'], ['minimum', 'maximum'], ['minProperties', 'maxProperties']] as const

function lintPattern (pattern: string, longest: number, add: (code: SchemaFinding['code']) => void): void {
  const syntax = parsePattern(pattern)
  if (!isAnchored(syntax)) add('unanchored')
  const { growth, loops } = costOf(syntax)
  if (growth === 'exponential' || (growth === 'polynomial' && longest ** loops > MOST_STEPS)) add('costly')
}

const INNER = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedProperties']
const INNER_MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
const INNER_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']

/** Visits every schema within a schema, each object once. */
function walkSchema (schema: unknown, path: string, visit: (node: Schema, path: string) => void, seen: Set<unknown> = new Set()): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || seen.has(schema)) return
  seen.add(schema)
  const node = schema as Schema
  visit(node, path)
  for (const key of INNER) walkSchema(node[key], `${path}.${key}`, visit, seen)
  for (const key of INNER_MAPS) {
    const map = node[key]
    if (typeof map === 'object' && map !== null) for (const [name, child] of Object.entries(map)) walkSchema(child, `${path}.${key}.${name}`, visit, seen)
  }
  for (const key of INNER_LISTS) {
    const list = node[key]
    if (Array.isArray(list)) for (const [index, child] of list.entries()) walkSchema(child, `${path}.${key}.${index}`, visit, seen)
  }
}
