import type { BodyKind } from './body-kind.ts'
import type { FieldPath, SinglePath, ValueAt } from './field-path.ts'
import type { MessageKey } from './messages.ts'

/** Nothing for a value that is right; a key of the messages or a sentence for one that is not. */
export type CheckResult = string | { readonly key: string, readonly params?: Readonly<Record<string, unknown>> } | undefined | void

/** What a check may use. */
export interface CheckContext<Values, Request> {
  readonly request: Request
  /** Aborted when the client has gone or the time is up. */
  readonly signal: AbortSignal
  /** The whole form, which is valid by its schema. */
  readonly values: Values
}

/** A check of one value by the program. */
export type Check<Value, Values, Request> = (value: Value, context: CheckContext<Values, Request>) => CheckResult | Promise<CheckResult>

/** A rule between two fields. Made by `equalTo` and `requiredIf`. */
export interface CrossRule<Other extends string> {
  readonly rule: 'equalTo' | 'requiredIf'
  readonly other: Other
  readonly message: string | undefined
  readonly holds: (other: unknown) => boolean
}

/** The value must be the same as that of another field. */
export function equalTo<const Other extends string> (other: Other, message?: string): CrossRule<Other> {
  return { rule: 'equalTo', other, message, holds: () => true }
}

/** The field must be given when another one has this value, or, without `value`, any value but `false`. For a field that is optional in the schema. */
export function requiredIf<const Other extends string> (other: Other, value?: unknown, message?: string): CrossRule<Other> {
  return { rule: 'requiredIf', other, message, holds: (given) => value === undefined ? given !== undefined && given !== false && given !== null : given === value }
}

/** Texts for one field: for whatever is wrong with it, or one for each rule. `{label}`, `{min}`, `{max}` and `{other}` are filled in. */
export type FieldMessages = string | { readonly [Key in MessageKey | (string & {})]?: string }

/** The option `form` of a route, `Values` being what its `schema.body` admits. */
export interface FormOptions<Values, Request = unknown, Reply = unknown, Form = unknown> {
  /** The kinds of body that the route reads; every other one is answered 415. Default: the option of the plugin. */
  readonly accepts?: readonly BodyKind[]
  /** What fields are called in messages and on the page. Default: `title` of the schema, or the name in words. */
  readonly labels?: { readonly [Path in FieldPath<Values>]?: string }
  /** Texts of this form. */
  readonly messages?: { readonly [Path in FieldPath<Values> | '']?: FieldMessages }
  /** Functions that a value goes through before it is checked. One that throws makes the field invalid. */
  readonly filters?: { readonly [Path in SinglePath<Values>]?: (value: ValueAt<Values, Path>) => ValueAt<Values, Path> }
  /** Checks of valid values, in order: rules between fields, and functions that may ask a database. */
  readonly check?: { readonly [Path in SinglePath<Values>]?: Check<ValueAt<Values, Path>, Values, Request> | CrossRule<SinglePath<Values>> | ReadonlyArray<Check<ValueAt<Values, Path>, Values, Request> | CrossRule<SinglePath<Values>>> }
  /** A check of the form as a whole; what it says stands in `formErrors`. */
  readonly checkForm?: (values: Values, context: CheckContext<Values, Request>) => CheckResult | Promise<CheckResult>
  /** What the fields hold before anything was entered, such as the record that is edited. */
  readonly initial?: (request: Request) => Partial<Values> | Promise<Partial<Values>>
  /** Writes the page: for a GET request, and for a form that is not valid. */
  readonly render?: (request: Request, reply: Reply, form: Form) => unknown
  /** `'reply'` (default) answers 422 to a form that is not valid; `'continue'` leaves that to the handler. */
  readonly onInvalid?: 'reply' | 'continue'
}
