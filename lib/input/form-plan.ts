import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, expectation, unknownName, recordOf, type OptionSchema } from '../options.ts'
import { filesOf } from './file-fields.ts'
import { labelOf, patternOf } from './field-path.ts'
import type { FileDeclaration } from '../form-files.ts'
import type { CrossRule, FieldMessages, FormOptions } from './form-options.ts'
import type { BodyKind } from './body-kind.ts'
import type { Field, Node } from './schema-node.ts'
import type { Filter, Part } from './request-part.ts'

type AnyForm = FormOptions<Record<string, unknown>>

/** A check by the program, or a rule between fields. */
export type Rule = CrossRule<string> | ((value: unknown, context: object) => unknown)

/** What is known of a route's form before any request. */
export interface FormPlan {
  readonly body: Part
  /** The fields that take files. */
  readonly files: Readonly<Record<string, FileDeclaration>>
  readonly accepts: ReadonlySet<BodyKind>
  readonly options: AnyForm
  readonly filters: ReadonlyMap<string, Filter>
  /** Rules between fields, asked with the schema. */
  readonly cross: ReadonlyArray<readonly [path: string, rule: CrossRule<string>]>
  /** Checks by the program, asked when all else is right. */
  readonly checks: ReadonlyArray<readonly [path: string, check: (value: unknown, context: object) => unknown]>
}

const func = (): OptionSchema => Type.Refine(Type.Unsafe({ expected: 'a function' }), (value) => typeof value === 'function', () => 'a function')
const rule = (): OptionSchema => Type.Refine(Type.Unsafe({ expected: 'a function, or what `equalTo` or `requiredIf` gives' }), isRule, () => 'a rule')

function isRule (value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'rule' in value && 'other' in value)
}

const text = (): OptionSchema => Type.String()
const maybe = (schema: OptionSchema): OptionSchema => Type.Optional(schema as ReturnType<typeof Type.String>)

/** What the option `form` of a route may hold. */
const formSchema: OptionSchema = Type.Object({
  accepts: Type.Optional(Type.Array(Type.Union([Type.Literal('form'), Type.Literal('json')]), { minItems: 1 })),
  labels: maybe(recordOf(text())),
  messages: maybe(recordOf(Type.Union([Type.String(), recordOf(text())]))),
  filters: maybe(recordOf(func())),
  check: maybe(recordOf(Type.Union([rule(), Type.Array(rule())]))),
  checkForm: maybe(func()),
  initial: maybe(func()),
  render: maybe(func()),
  onInvalid: Type.Optional(Type.Union([Type.Literal('reply'), Type.Literal('continue')]))
} as never, { additionalProperties: false })

const checkOptions = compileOptions<AnyForm>(formSchema, { unknown: 'BULWARK_ERR_INPUT_FORM_INVALID', invalid: 'BULWARK_ERR_INPUT_FORM_INVALID' })

/**
 * Compiles the option `form` of a route.
 *
 * Throws `SecurityError` `BULWARK_ERR_INPUT_FORM_INVALID` for an unknown key, a wrong type, or the name of a field that the schema does not have.
 */
export function compileForm (given: unknown, body: Part, accepts: readonly BodyKind[]): FormPlan {
  const options = checkOptions(given === undefined ? {} : given, 'form')
  for (const key of ['labels', 'messages', 'filters', 'check'] as const) {
    for (const path of Object.keys(options[key] ?? {})) {
      if (key === 'messages' && path === '') continue
      requireField(body.node, path, `form.${key}`, key === 'labels' || key === 'messages')
    }
  }
  const rules = Object.entries(options.check ?? {}).flatMap(([path, rules]) => [rules].flat().map((rule) => [path, rule as Rule] as const))
  const cross = rules.filter((entry): entry is [string, CrossRule<string>] => typeof entry[1] !== 'function')
  for (const [path, { other }] of cross) {
    requireField(body.node, other, `form.check.${path}`, false)
    if (other === path) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', expectation(`form.check.${path}`, 'the name of another field', other, 'A field is always equal to itself.'))
  }
  const files = filesOf(body.node)
  const kinds = new Set(options.accepts ?? accepts)
  if (Object.keys(files).length > 0 && !kinds.has('form')) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'form.accepts: expected `form` among the kinds of a route whose schema names files. No other body brings one.')
  return {
    body,
    files,
    accepts: kinds,
    options,
    filters: new Map(Object.entries(options.filters ?? {}) as Array<[string, Filter]>),
    cross,
    checks: rules.filter((entry): entry is [string, (value: unknown, context: object) => unknown] => typeof entry[1] === 'function')
  }
}

function requireField (root: Node, path: string, where: string, mayBeList: boolean): void {
  if (fieldAt(root, path) === undefined) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', unknownName(`${where}.${path}`, path, namesOf(root)))
  if (!mayBeList && patternOf(path).includes('*')) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', expectation(`${where}.${path}`, 'the name of one field', path, 'Give a check or a filter of the whole list.'))
}

function namesOf (node: Node): string[] {
  return node.kind === 'object' ? [...node.fields.keys()] : node.kind === 'union' ? node.variants.flatMap(namesOf) : ['']
}

/** The field under a name such as `items.0.name` or `items.*.name`. */
export function fieldAt (root: Node, path: string): Field | undefined {
  let field: Field = { name: '', node: root, isRequired: true }
  for (const step of path.split('.')) {
    const next = stepInto(field.node, step)
    if (next === undefined) return undefined
    field = next
  }
  return field
}

function stepInto (node: Node, step: string): Field | undefined {
  if (node.kind === 'object') return node.fields.get(step)
  if (node.kind === 'list') return /^(?:\d{1,5}|\*)$/.test(step) ? { name: step, node: node.item, isRequired: true } : undefined
  if (node.kind === 'record') return { name: step, node: node.item, isRequired: false }
  return node.kind === 'union' ? node.variants.map((variant) => stepInto(variant, step)).find((found) => found !== undefined) : undefined
}

/** What a field is called. */
export function labelFor ({ options, body }: FormPlan, path: string): string {
  const labels = options.labels as Readonly<Record<string, string>> | undefined
  return labels?.[path] ?? labels?.[patternOf(path)] ?? fieldAt(body.node, path)?.node.title ?? labelOf(path)
}

/** A builder's own form has a key of its own; to who writes the texts it may as well be the pattern. */
const ALIASES: ReadonlyMap<string, string> = new Map([['username', 'pattern'], ['slug', 'pattern'], ['decimal', 'pattern']])

/** The text that a route has for a fault, in this order: for the field and the rule, for the field, for the rule. */
export function ownMessage ({ options }: FormPlan, path: string, key: string): string | undefined {
  const messages = options.messages as Readonly<Record<string, FieldMessages>> | undefined
  if (messages === undefined) return undefined
  const ofField = messages[path] ?? messages[patternOf(path)]
  const ofForm = messages['']
  if (typeof ofField === 'string') return ofField
  return textOf(ofField, key) ?? textOf(ofField, ALIASES.get(key)) ?? (typeof ofForm === 'string' ? undefined : textOf(ofForm, key))
}

function textOf (texts: Exclude<FieldMessages, string> | undefined, key: string | undefined): string | undefined {
  return texts !== undefined && key !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined
}
