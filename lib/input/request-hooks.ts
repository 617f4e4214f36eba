import { SecurityError } from '../errors.ts'
import { takeFaults, type FaultyRequest } from '../form-faults.ts'
import { Answers, type AnsweredReply } from './answers.ts'
import { readBody } from './body.ts'
import { FormState } from './form-state.ts'
import { isMultipart, kindOfBody, type BodyKind } from './media-type.ts'
import { requestError, type RoutePlan } from './route-plan.ts'
import type { LintedPart } from './schema-lint.ts'
import type { InputSettings } from './settings.ts'

/** Where a request keeps its form. */
export const kForm: unique symbol = Symbol('fastify-bulwark.input.form')
/** Where a request keeps the kind of its body. */
export const kKind: unique symbol = Symbol('fastify-bulwark.input.kind')

/** The parts of Fastify's request that are read and written. */
export interface FormRequest extends FaultyRequest {
  readonly headers: Readonly<Record<string, unknown>>
  readonly log: { info (detail: object, message: string): void }
  body: unknown
  [kForm]: { readonly form: FormState, readonly answers: Answers } | null
  [kKind]: BodyKind | null
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
    const kind = kindOfBody(type) ?? (this.#plan.takesFiles && isMultipart(type) ? 'form' : undefined)
    if (!this.#plan.accepts(kind)) return next(new SecurityError('BULWARK_ERR_INPUT_MEDIA_TYPE'))
    request[kKind] = kind
    next()
  }

  /** `preValidation`: reads the body. */
  readonly read = (request: FormRequest, reply: AnsweredReply, next: Next): void => {
    const kind = request[kKind] ?? undefined
    const plan = this.#plan.form(kind)
    const answers = new Answers(plan, this.#settings, request, reply, kind)
    if (kind === undefined) {
      request[kForm] = { form: answers.blank(), answers }
      return next()
    }
    try {
      const { value, faults, aside } = readBody(plan, kind, request.body, this.#settings, (reason) => request.log.info({ code: 'BULWARK_ERR_INPUT_BODY_REFUSED', reason }, 'body refused'))
      const ofFiles = takeFaults(request)
      const form = new FormState(plan, answers, value, ofFiles.length === 0 ? faults : [...faults, ...ofFiles], true)
      request[kForm] = { form, answers }
      // A hook behind this one finds the fields that were set aside. When it makes a new object without its own, the form is copied along.
      request.body = { ...aside, [kForm]: form }
    } catch (error) {
      return next(error as Error)
    }
    next()
  }

  /** What Fastify asks for each part of a request. The body was read before: it is the valid value from here on, or nothing. */
  validatorOf (part: LintedPart): (data: unknown) => { readonly value: unknown } | { readonly error: Error } {
    if (part === 'body') {
      return (data) => {
        const form = (data as { [kForm]?: unknown } | null)?.[kForm]
        // A hook put another body in the place of the one that was read.
        if (!(form instanceof FormState)) return { error: new SecurityError('BULWARK_ERR_INPUT_BODY_REFUSED') }
        return { value: form.ok ? form.values : undefined }
      }
    }
    return (data) => {
      const reading = this.#plan.part(part).readForm(data as Record<string, unknown>)
      if (reading.faults.length > 0 || reading.duplicate !== undefined) return { error: requestError(reading, part) }
      return { value: part === 'headers' ? { ...data as object, ...reading.value as object } : reading.value }
    }
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
