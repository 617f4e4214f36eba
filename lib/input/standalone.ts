import { compileForm } from './form-plan.ts'
import { FormState } from './form-state.ts'
import { english } from './messages.ts'
import { Part } from './part.ts'
import type { BodyKind } from './media-type.ts'
import { readBody } from './body.ts'
import type { InputSettings } from './settings.ts'

/** Validation without a route: what `app.input` is. */
export class Standalone {
  readonly #settings: InputSettings
  readonly #known: () => Readonly<Record<string, unknown>>
  readonly #parts = new WeakMap<object, Part>()

  constructor (settings: InputSettings, known: () => Readonly<Record<string, unknown>>) {
    this.#settings = settings
    this.#known = known
  }

  /**
   * Reads a value by a schema, with the same rules as a body. The schema is compiled once for each object.
   *
   * Throws `SecurityError`: `BULWARK_ERR_INPUT_SCHEMA_INVALID` for a schema that cannot be compiled, `BULWARK_ERR_INPUT_BODY_REFUSED` for a value
   * beyond the limits.
   */
  validate (schema: object, value: unknown, { from = 'json' }: { readonly from?: BodyKind } = {}): object {
    let part = this.#parts.get(schema)
    if (part === undefined) {
      const { formats = {}, limits } = this.#settings
      part = new Part(schema, { known: this.#known(), formats, isClosed: true, depth: limits.depth }, 'schema', limits.errors)
      this.#parts.set(schema, part)
    }
    const plan = compileForm(undefined, part, [from])
    const { value: read, faults } = readBody(plan, from, value, this.#settings, () => {})
    const host = { translate: undefined, messages: { ...english, ...this.#settings.messages } as typeof english, answer: () => {}, redirect: () => {} }
    const form = new FormState(plan, host, read, faults, true)
    return form.ok ? { ok: true, values: read } : { ok: false, errors: form.errors, formErrors: form.formErrors }
  }
}
