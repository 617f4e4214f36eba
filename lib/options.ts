import { Type } from 'typebox'
import type { TLocalizedValidationError } from 'typebox/error'
import { Check, Compile, Errors } from 'typebox/schema'
import { SecurityError, type ErrorCode } from './errors.ts'
import { isNear, nearestName } from './nearest-name.ts'
import { withoutUndefined } from './without-undefined.ts'

/**
 * A TypeBox schema. Its own type would lead a user's compiler through some 350 declaration files of TypeBox, for nothing: no public
 * function takes a schema.
 */
export type OptionSchema = object

/** The schema of an object with keys of any name. A `Map` or a `Set` would pass for one without a key, and be ignored. */
export function recordOf (member: OptionSchema): OptionSchema {
  return Type.Refine(Type.Record(Type.String(), member, { expected: 'a plain object' }), (value) => !(value instanceof Map || value instanceof Set))
}

/** Checks of one schema that cost less than compiling it: options are checked once, while the setting of a route or of a reply may come again and again. */
const FEW_CHECKS = 8

/** The two codes that a plugin's options can fail with. */
export interface OptionErrorCodes {
  readonly unknown: ErrorCode
  readonly invalid: ErrorCode
}

/**
 * Makes a TypeBox schema a check of options, which gives the value back with its type or throws. A key that is `undefined` is one that is not there: it is left
 * out of what is given back, so that no default is lost to it.
 *
 * The returned function throws `SecurityError` with `codes.unknown` for a key that the schema does not name (with the nearest
 * valid name) and `codes.invalid` for a wrong type or a value out of range. A message names the path, what was expected
 * and the type or length of what came; never the value, which may be a secret.
 *
 * Besides the JSON Schema keywords, a schema node may carry `expected`: the phrase for "expected …".
 */
export function compileOptions<T> (schema: OptionSchema, codes: OptionErrorCodes): (value: unknown, path: string) => T {
  let checks = 0
  let isValid = (value: unknown): boolean => {
    if (++checks === FEW_CHECKS) isValid = compile(schema)
    return Check(schema, value)
  }
  return (value, path) => {
    refusePollution(codes.unknown, path)
    if (isValid(value)) return withoutUndefined(schema, value) as T
    // The deepest error is the most telling one: the branches of a union that do not fit at all fail further up.
    const errors = Errors(schema, value)[1].map(locate)
    const error = errors.reduce((deepest, next) => next.depth > deepest.depth ? next : deepest)
    const steps = pointer(error.instancePath)
    const where = [path, ...steps].join('.')
    if (error.keyword === 'boolean') {
      const names = Object.keys(nodeAt(schema, error.schemaPath.slice(0, -'/additionalProperties'.length))['properties'] as Node)
      throw new SecurityError(codes.unknown, unknownName(where, steps.at(-1)!, names))
    }
    const node = nodeAt(schema, error.schemaPath.replace(/(\/anyOf\/\d+)+$/, ''))
    const received = steps.reduce<unknown>((outer, step) => (outer as Node)[step], value)
    throw new SecurityError(codes.invalid, expectation(where, phrase(node), received, suggestion(node, received)))
  }
}

function compile (schema: OptionSchema): (value: unknown) => boolean {
  const compiled = Compile(schema)
  return (value) => compiled.Check(value)
}

/** What stands in the prototype of every object would be read as an option that nobody wrote, and the check, which asks for own keys, would not see it. */
function refusePollution (code: ErrorCode, path: string): void {
  const [name] = Object.keys(Object.prototype)
  if (name === undefined) return
  throw new SecurityError(code, `${path}: expected an Object.prototype as the language has it, received one with \`${name.slice(0, LONGEST_NAME)}\`. Every object has that now, options too: find out who put it there.`)
}

/** `<path>: expected <X>, received <type or length>.` and, where there is some, advice. */
export function expectation (path: string, expected: string, received: unknown, advice?: string): string {
  return `${path}: expected ${expected}, received ${kindOf(received)}.${advice === undefined ? '' : ` ${advice}`}`
}

/** Lists of names that are no longer than this are told whole, and those up to the second number where no name is near. */
const FEW = 6
const MANY = 24

/** Characters of a name that somebody else chose. */
const LONGEST_NAME = 60

/** The message for a name that is not among `names`: with the nearest of them, or with all where none is near, since a name that has nothing to do with it would mislead. */
export function unknownName (path: string, given: string, names: readonly string[]): string {
  const nearest = nearestName(given, names)
  const isProposed = nearest !== undefined && (isNear(given, nearest) || names.length > MANY)
  const list = (isProposed && names.length > FEW) || names.length === 0 ? '' : ` The names are ${names.map((name) => `\`${name}\``).join(', ')}.`
  return `${path}: expected a known name, received an unknown one.${isProposed ? ` Did you mean \`${nearest}\`?` : ''}${list}`
}

/** What a value is, without saying what it holds. */
function kindOf (value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (typeof value === 'string') return `a string of length ${value.length}`
  if (typeof value === 'number') return Number.isInteger(value) ? `the number ${value}` : 'a number that is no integer'
  if (typeof value === 'object') return 'an object'
  return String(typeof value)
}

type Node = Record<string, unknown>

interface Located {
  /** `boolean` is that of a key for which the schema has no place. */
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly depth: number
}

/** Where an error is. A property that is missing counts as half a step down: an unknown name beside it tells more. */
function locate (error: TLocalizedValidationError): Located {
  const { keyword, schemaPath, instancePath } = error
  const depth = instancePath.split('/').length
  if (error.keyword !== 'required') return { keyword, schemaPath, instancePath, depth }
  const [name] = error.params.requiredProperties
  return { keyword, schemaPath: `${schemaPath}/properties/${name}`, instancePath: `${instancePath}/${name}`, depth: depth + 0.5 }
}

function pointer (path: string): string[] {
  return path.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function nodeAt (schema: OptionSchema, path: string): Node {
  return pointer(path).reduce<Node>((node, step) => node[step] as Node, schema as Node)
}

/** The nearest of the words that a schema node admits, for a word that it does not. */
function suggestion (node: Node, received: unknown): string | undefined {
  const words = wordsOf(node)
  const nearest = typeof received === 'string' && words.length > 1 ? nearestName(received, words)! : undefined
  return nearest !== undefined && isNear(received as string, nearest) ? `Did you mean \`'${nearest}'\`?` : undefined
}

function wordsOf (node: Node): string[] {
  if (typeof node['const'] === 'string') return [node['const']]
  return ((node['anyOf'] ?? []) as Node[]).flatMap(wordsOf)
}

/** What each alternative admits, once: words that may stand alone or in an array are not told twice. */
function phrasesOf (alternatives: readonly Node[]): string[] {
  const isRepetition = (node: Node): boolean => node['type'] === 'array' && alternatives.some((other) => phrase(other) === phrase(node['items'] as Node))
  const others = alternatives.filter((node) => !isRepetition(node)).map(phrase)
  return [...new Set(others), ...others.length < alternatives.length ? ['an array of these words'] : []]
}

/** Says in words what a schema node admits. */
function phrase (node: Node): string {
  if (typeof node['expected'] === 'string') return node['expected']
  if (Array.isArray(node['anyOf'])) return phrasesOf(node['anyOf'] as Node[]).join(' or ')
  if ('const' in node) return `\`${typeof node['const'] === 'string' ? `'${node['const']}'` : String(node['const'])}\``
  if (node['type'] === 'integer') {
    const { minimum, maximum } = node as { minimum?: number, maximum?: number }
    return `an integer${minimum === undefined ? '' : ` from ${minimum}`}${maximum === undefined ? '' : ` to ${maximum}`}`
  }
  if (node['type'] === 'array') return `an array whose members are ${phrase(node['items'] as Node)}`
  return node['type'] === 'object' ? 'an object' : `a ${String(node['type'])}`
}
