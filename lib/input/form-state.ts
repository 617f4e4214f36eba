import { SecurityError } from '../errors.ts'
import type { Fault } from './explain.ts'
import { fieldAt, labelFor, ownMessage, type FormPlan } from './form-plan.ts'
import { viewField, type FieldView } from './field-view.ts'
import { HtmlAttributes } from './html.ts'
import { fillIn, type Message, type MessageParams } from './messages.ts'
import { flatten } from './flatten.ts'

/** What the plugin gives to a form: how it speaks, and how it answers. */
export interface FormHost {
  /** A sentence in another language; nothing for that of the table. */
  readonly translate: ((key: string, params: MessageParams) => string | undefined) | undefined
  readonly messages: ReadonlyMap<string, Message>
  /** Answers the request with what is wrong. */
  readonly answer: (form: FormState) => unknown
  /** Answers 303. */
  readonly redirect: (location: string) => unknown
}

/** The form of a request: `request.form`. */
export class FormState {
  readonly #plan: FormPlan
  readonly #host: FormHost
  #value: unknown
  #faults: readonly Fault[]
  #isSubmitted: boolean
  #raw: Readonly<Record<string, string | readonly string[]>> | undefined

  /** `value`: what was understood of what was sent, or what fields hold before anything was. */
  constructor (plan: FormPlan, host: FormHost, value: unknown, faults: readonly Fault[], isSubmitted: boolean) {
    this.#plan = plan
    this.#host = host
    this.#value = value
    this.#faults = faults
    this.#isSubmitted = isSubmitted
  }

  /** True when a form was sent and is right. */
  get ok (): boolean {
    return this.#isSubmitted && this.#faults.length === 0
  }

  /** False for a page that is shown for the first time. */
  get isSubmitted (): boolean {
    return this.#isSubmitted
  }

  /** The valid values. Throws `TypeError` when there are none: ask `ok` before. */
  get values (): unknown {
    if (!this.ok) throw new TypeError('request.form.values: the form is not valid, so there are none. Look at `request.form.ok` first.')
    return this.#value
  }

  /** What was entered, by name, without secrets. */
  get raw (): Readonly<Record<string, string | readonly string[]>> {
    this.#raw ??= flatten(this.#plan.body.node, this.#value)
    return this.#raw
  }

  /** The sentences, by name. */
  get errors (): Readonly<Record<string, readonly string[]>> {
    const errors = new Errors()
    for (const fault of this.#faults) {
      const { path } = fault
      if (path === '') continue
      const sentences = errors[path]
      if (sentences === undefined) errors[path] = [this.#sentence(fault)]
      else sentences.push(this.#sentence(fault))
    }
    return errors
  }

  /** The sentences that are about no field. */
  get formErrors (): readonly string[] {
    const errors: string[] = []
    for (const fault of this.#faults) {
      if (fault.path === '') errors.push(this.#sentence(fault))
    }
    return errors
  }

  /** The attribute `enctype` of the element `<form>`: files are sent in parts only. */
  get enctype (): 'application/x-www-form-urlencoded' | 'multipart/form-data' {
    return Object.keys(this.#plan.files).length > 0 ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  }

  /** The status of the answer to a form that is not valid: 413 where something was too large, and else 422. */
  get statusCode (): number {
    return this.#faults.some(({ status }) => status === 413) ? 413 : 422
  }

  /** The sentence above a form with faults; empty without. */
  get summary (): string {
    return this.#faults.length === 0 ? '' : this.#sentence({ path: '', key: 'formInvalid', params: {} })
  }

  /** Where the faults are and which rules were broken, for a log: nothing of what was sent. */
  get faults (): ReadonlyArray<{ readonly path: string, readonly key: string }> {
    return this.#faults.map(({ path, key }) => ({ path, key }))
  }

  /** One field, for the page. Throws `RangeError` for a name that the schema does not have. */
  field (name: string): FieldView {
    const field = fieldAt(this.#plan.body.node, name)
    if (field === undefined) throw new RangeError('request.form.field: expected the name of a field of the schema.')
    return viewField({
      name,
      label: labelFor(this.#plan, name),
      node: field.node,
      isRequired: field.isRequired,
      entered: this.raw[name],
      errors: this.#faults.filter(({ path }) => path === name).map((fault) => this.#sentence(fault))
    })
  }

  /** The attributes of the element that shows the errors of a field. */
  errorAttributes (name: string): HtmlAttributes {
    return new HtmlAttributes({ id: this.field(name).errorId, role: 'alert' })
  }

  /**
   * Answers 422 with an error that was found by the handler, such as a unique index that was hit: `return request.form.fail('email', 'taken')`.
   * `key`: one of the messages, or a sentence. `field`: a name, or the empty string for the form as a whole.
   */
  fail (field: string, key: string, params: Readonly<Record<string, unknown>> = {}): unknown {
    if (field !== '' && fieldAt(this.#plan.body.node, field) === undefined) throw new RangeError('request.form.fail: expected the name of a field of the schema, or the empty string.')
    this.addFaults([{ path: field, key, params }])
    return this.#host.answer(this)
  }

  /**
   * Answers 303, so that the next page is got and not sent again (post/redirect/get): `return request.form.redirect('/welcome')`.
   * Throws `SecurityError` `BULWARK_ERR_INPUT_REDIRECT_REFUSED`, status 400, for anything but a path of this site.
   */
  redirect (path: string): unknown {
    if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)) throw new SecurityError('BULWARK_ERR_INPUT_REDIRECT_REFUSED')
    return this.#host.redirect(path)
  }

  /** For the plugin: what a check found. */
  addFaults (faults: readonly Fault[]): void {
    this.#faults = [...this.#faults, ...faults]
    this.#isSubmitted = true
  }

  /** What a log may hold. */
  toJSON (): object {
    return { ok: this.ok, isSubmitted: this.#isSubmitted, faults: this.faults }
  }

  #sentence ({ path, key, params }: Fault): string {
    const { messages, translate } = this.#host
    const plan = this.#plan
    const other = params['other']
    const full = new Params(plan, path, params)
    if (typeof other === 'string') full['other'] = labelFor(plan, other)
    const own = ownMessage(plan, path, key)
    if (own !== undefined) return fillIn(own, full)
    const translated = translate?.(key, full)
    if (translated !== undefined) return translated
    return messages.get(key)?.(full) ?? key
  }
}

/** Names come from outside, so that nothing may be inherited. A class, since the engine has faster objects for one than without. */
class Errors {
  [name: string]: string[]
}
Object.setPrototypeOf(Errors.prototype, null)
delete (Errors.prototype as { constructor?: unknown }).constructor

/** What a sentence may say. Most do not name their field: the label is looked up when it is asked for. */
class Params implements MessageParams {
  readonly #plan: FormPlan
  readonly #path: string
  [name: string]: unknown

  constructor (plan: FormPlan, path: string, params: Fault['params']) {
    this.#plan = plan
    this.#path = path
    for (const name in params) this[name] = params[name]
  }

  get label (): string {
    return labelFor(this.#plan, this.#path)
  }

  /** A check may have a label of its own. */
  set label (label: string) {
    Object.defineProperty(this, 'label', { value: label })
  }
}
