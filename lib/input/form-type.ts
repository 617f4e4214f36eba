import type { Static, TSchema } from 'typebox'
import type { BodyKind } from './body-kind.ts'
import type { FieldPath, SentPath } from './field-path.ts'
import type { FieldView } from './field-view.ts'
import type { HtmlAttributes } from './html.ts'
import type { MessageKey } from './messages.ts'

/** What a schema of TypeBox admits; `unknown` for another one. */
export type ValuesOf<Schema> = Schema extends { readonly body: infer Body extends TSchema } ? Static<Body> : unknown

/** The names of the fields as they are sent, such as `items.0.name`. */
export type FieldName<Values> = SentPath<FieldPath<Values>>

/** What every form has, right or not. */
export interface FormCommon<Values> {
  /** False for a page that is shown for the first time. */
  readonly isSubmitted: boolean
  /** What was entered, by name, without secrets. */
  readonly raw: { readonly [Name in FieldName<Values>]?: string | readonly string[] }
  /** What is wrong, by name: sentences for people. */
  readonly errors: { readonly [Name in FieldName<Values>]?: readonly string[] }
  /** What is wrong with the form as a whole. */
  readonly formErrors: readonly string[]
  /** The attribute `enctype` of the element `<form>`: `multipart/form-data` where a field takes files. */
  readonly enctype: 'application/x-www-form-urlencoded' | 'multipart/form-data'
  /** The sentence above a form with faults; empty without. */
  readonly summary: string
  /** Where something is wrong, and by which rule: for logs. */
  readonly faults: ReadonlyArray<{ readonly path: string, readonly key: string }>
  /** A field, for the page. Throws `RangeError` for a name that the schema does not have. */
  field (name: FieldName<Values>): FieldView
  /** The attributes of the element that shows the errors of a field. */
  errorAttributes (name: FieldName<Values>): HtmlAttributes
  /**
   * Answers 422 with what the handler found out itself, such as a unique index that was hit: `return request.form.fail('email', 'taken')`.
   * `key`: one of the messages, or a sentence. `''` is the form as a whole.
   */
  fail (name: FieldName<Values> | '', key: MessageKey | (string & {}), params?: Readonly<Record<string, unknown>>): Promise<void>
  /**
   * Answers 303 (post/redirect/get): `return request.form.redirect('/welcome')`. Throws `SecurityError` `BULWARK_ERR_INPUT_REDIRECT_REFUSED`,
   * status 400, for anything but a path of this site.
   */
  redirect (path: string): Promise<void>
}

/** The form of a request. `ok` tells whether there are `values`. */
export type Form<Values> = FormCommon<Values> & ({ readonly ok: true, readonly values: Values } | { readonly ok: false })

/** What `app.input.validate` gives. */
export type Validation<Values> =
  | { readonly ok: true, readonly values: Values }
  | { readonly ok: false, readonly errors: { readonly [Name in FieldName<Values>]?: readonly string[] }, readonly formErrors: readonly string[] }

/** Validation without a route. */
export interface InputValidator {
  /**
   * Reads a value by a schema of TypeBox with the rules of a body; `from` says whether it came as texts (`'form'`) or as values (`'json'`).
   * Throws `SecurityError` for a schema that cannot be compiled, and for a value beyond the limits.
   */
  validate<Schema extends TSchema>(schema: Schema, value: unknown, options?: { readonly from?: BodyKind }): Validation<Static<Schema>>
}
