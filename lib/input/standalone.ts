import { SecurityError } from '../errors.ts'
import { compileForm, type FormPlan } from './form-plan.ts'
import { FormState, type FormHost } from './form-state.ts'
import { Part } from './request-part.ts'
import type { BodyKind } from './body-kind.ts'
import { readBody } from './body.ts'
import type { InputSettings } from './settings.ts'

/** Validation without a route: what `app.input` is. */
export class Standalone {
  readonly #settings: InputSettings
  readonly #known: () => Readonly<Record<string, unknown>>
  readonly #plans = new WeakMap<object, FormPlan>()
  readonly #host: FormHost

  constructor (settings: InputSettings, known: () => Readonly<Record<string, unknown>>) {
    this.#settings = settings
    this.#known = known
    this.#host = { translate: undefined, messages: settings.messages, answer: nothing, redirect: nothing }
  }

  /**
   * Reads a value by a schema, with the same rules as a body. The schema is compiled once for each object.
   *
   * Throws `SecurityError`: `BULWARK_ERR_INPUT_SCHEMA_INVALID` for a schema that cannot be compiled, `BULWARK_ERR_INPUT_BODY_REFUSED` for a value
   * beyond the limits.
   */
  validate (schema: object, value: unknown, { from = 'json' }: { readonly from?: BodyKind } = {}): object {
    let plan = this.#plans.get(schema)
    if (plan === undefined) {
      const { formats = {}, limits } = this.#settings
      plan = compileForm(undefined, new Part(schema, { known: this.#known(), formats, isClosed: true, depth: limits.depth }, 'schema', limits.errors), ['form', 'json'])
      this.#plans.set(schema, plan)
    }
    const { value: read, faults } = readBody(plan, from, value, this.#settings, nothing)
    if (faults.length === 0) return { ok: true, values: read }
    const { errors, formErrors } = new FormState(plan, this.#host, read, faults, true)
    return { ok: false, errors, formErrors }
  }

  /** Whether a value fits a schema, for `request.validateInput` of Fastify. Throws like `validate`, but gives `false` for a value beyond the limits. */
  checkOf (schema: object): (value: unknown) => boolean {
    return (value) => {
      try {
        return (this.validate(schema, value) as { ok: boolean }).ok
      } catch (error) {
        if (error instanceof SecurityError && error.code === 'BULWARK_ERR_INPUT_BODY_REFUSED') return false
        throw error
      }
    }
  }
}

/** There is nobody to answer, and no log of a request. */
function nothing (): void {}
