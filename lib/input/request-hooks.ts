import { SecurityError } from '../errors.ts'
import type { ReadParts } from '../form-files.ts'
import { Answers, type AnsweredReply } from './answers.ts'
import { isMultipart, kindOfBody, type BodyKind } from './body-kind.ts'
import { readBody } from './body.ts'
import { FormState } from './form-state.ts'
import { requestError, type RoutePlan } from './route-plan.ts'
import type { LintedPart } from './schema-lint.ts'
import type { InputSettings } from './settings.ts'

/** Where a request keeps its form. */
export const kForm: unique symbol = Symbol('fastify-bulwark.input.form')
/** Where a request keeps the kind of its body. */
export const kKind: unique symbol = Symbol('fastify-bulwark.input.kind')

/** The parts of Fastify's request that are read and written. */
export interface FormRequest {
  readonly headers: Readonly<Record<string, unknown>>
  readonly log: { info (detail: object, message: string): void }
  body: unknown
  [kForm]: { readonly form: FormState, readonly answers: Answers } | null
  [kKind]: BodyKind | null
}

/** What Fastify holds a part of a request to. */
export interface PartValidator {
  (data: unknown): { readonly value: unknown } | false
  errors?: Error
}

type Next = (error?: Error) => void

/** The hooks of one route, in the order of a request. */
export class RequestHooks {
  readonly #plan: RoutePlan
  readonly #settings: InputSettings

  constructor (plan: RoutePlan, settings: InputSettings) {
    this.#plan = plan
    this.#settings = settings
  }

  /** `onRequest`: what the route does not read is refused before a byte of it is. */
  readonly gate = (request: FormRequest, _reply: unknown, next: Next): void => {
    const type = request.headers['content-type'] as string | undefined
    const kind = kindOfBody(type) ?? (this.#plan.readParts !== undefined && isMultipart(type) ? 'form' : undefined)
    if (!this.#plan.accepts(kind)) return next(new SecurityError('BULWARK_ERR_INPUT_MEDIA_TYPE'))
    request[kKind] = kind
    next()
  }

  /** `preValidation`: reads the body. */
  readonly read = (request: FormRequest, reply: AnsweredReply, next: Next): void => {
    const kind = request[kKind] ?? undefined
    if (this.#plan.readParts !== undefined && isMultipart(request.headers['content-type'] as string | undefined)) {
      this.#readParts(this.#plan.readParts, request, reply).then(() => next(), next)
      return
    }
    const plan = this.#plan.form(kind)
    const answers = new Answers(plan, this.#settings, request, reply, kind)
    if (kind === undefined) {
      // Fastify may have read a body, where the application says that the method has one: no schema was asked about it.
      request.body = undefined
      request[kForm] = { form: answers.blank(), answers }
      return next()
    }
    try {
      const { value, faults, aside } = readBody(plan, kind, request.body, this.#settings, (reason) => request.log.info({ code: 'BULWARK_ERR_INPUT_BODY_REFUSED', reason }, 'body refused'))
      const form = new FormState(plan, answers, value, faults, true)
      request[kForm] = { form, answers }
      // A hook behind this one finds the fields that were set aside. When it makes a new object without its own, the form is copied along.
      request.body = { ...aside, [kForm]: form }
    } catch (error) {
      return next(error as Error)
    }
    next()
  }

  /** The same for a body in parts, of which another plugin gives the fields and the files. */
  async #readParts (readParts: ReadParts, request: FormRequest, reply: AnsweredReply): Promise<void> {
    const plan = this.#plan.form('form')
    const answers = new Answers(plan, this.#settings, request, reply, 'form')
    const { fields, files, faults, isWhole } = await readParts(request, reply)
    const { value, faults: others, aside } = readBody(plan, 'form', fields, this.#settings, (reason) => request.log.info({ code: 'BULWARK_ERR_INPUT_BODY_REFUSED', reason }, 'body refused'), files)
    // What was refused is not missing, and neither is what was not read.
    const ownFaults = isWhole ? others.filter(({ path }) => !faults.some((fault) => fault.path === path)) : []
    const form = new FormState(plan, answers, value, [...ownFaults, ...faults], true)
    request[kForm] = { form, answers }
    request.body = { ...aside, [kForm]: form }
  }

  /**
   * What Fastify asks for each part of a request. The body was read before: it is the valid value from here on, or nothing.
   * What is refused gives `false`, since a program that asks by `request.validateInput` takes any object for a yes.
   */
  validatorOf (part: LintedPart): PartValidator {
    const validate: PartValidator = (data) => {
      if (part === 'body') {
        const form = (data as { [kForm]?: unknown } | null)?.[kForm]
        if (form instanceof FormState) return { value: form.ok ? form.values : undefined }
        // A hook put another body in the place of the one that was read.
        validate.errors = new SecurityError('BULWARK_ERR_INPUT_BODY_REFUSED')
        return false
      }
      const reading = this.#plan.part(part).readForm(data as Record<string, unknown>)
      if (reading.faults.length === 0 && reading.duplicate === undefined) return { value: part === 'headers' ? { ...data as object, ...reading.value as object } : reading.value }
      validate.errors = requestError(reading, part)
      return false
    }
    return validate
  }

  /** `preHandler`, the last one: checks, and the answer to a form that is not valid. */
  readonly finish = (request: FormRequest, _reply: unknown, next: Next): void => {
    const { form, answers } = request[kForm]!
    if (answers.isSettled(form)) return next()
    this.#settle(request, form, answers).then(() => next(), next)
  }

  async #settle (request: FormRequest, form: FormState, answers: Answers): Promise<void> {
    if (form.isSubmitted) {
      await answers.settle(form)
      if (!form.ok) request.body = undefined
      return
    }
    const filled = answers.blank(await answers.initial())
    request[kForm] = { form: filled, answers }
    await answers.settle(filled)
  }
}
