import { SecurityError } from '../errors.ts'
import type { BodyKind } from './body-kind.ts'
import { askChecks, hasChecks } from './checks.ts'
import type { FormPlan } from './form-plan.ts'
import { FormState, type FormHost } from './form-state.ts'
import { Html } from './html.ts'
import { prefersPage } from './page-preference.ts'
import type { InputSettings } from './settings.ts'

/** The parts of Fastify's reply that an answer is written with. */
export interface AnsweredReply {
  readonly sent: boolean
  readonly raw: { once (event: 'close', listener: () => void): unknown, off (event: 'close', listener: () => void): unknown }
  code (status: number): this
  header (name: string, value: string): this
  hasHeader (name: string): boolean
  type (type: string): this
  send (payload?: unknown): this
}

/** The parts of a request that an answer depends on. */
export interface AnsweredRequest {
  readonly headers: { readonly accept?: string | undefined }
}

/** What is answered to the form of one request. */
export class Answers implements FormHost {
  readonly #plan: FormPlan
  readonly #settings: InputSettings
  readonly #request: AnsweredRequest
  readonly #reply: AnsweredReply
  readonly #kind: BodyKind | undefined

  constructor (plan: FormPlan, settings: InputSettings, request: AnsweredRequest, reply: AnsweredReply, kind?: BodyKind) {
    this.#plan = plan
    this.#settings = settings
    this.#request = request
    this.#reply = reply
    this.#kind = kind
  }

  get messages (): FormHost['messages'] {
    return this.#settings.messages
  }

  get translate (): FormHost['translate'] {
    const { translate } = this.#settings
    return translate === undefined ? undefined : (key, params) => translate(key, params, this.#request)
  }

  /** True when a request that is not valid, or a page that is shown for the first time, is answered without the handler. */
  isAnswering (form: FormState): boolean {
    const { render, onInvalid } = this.#plan.options
    return form.isSubmitted ? !form.ok && onInvalid !== 'continue' : render !== undefined
  }

  /** True when nothing is left to do before the handler. */
  isSettled (form: FormState): boolean {
    return !this.isAnswering(form) && !(form.ok && hasChecks(this.#plan))
  }

  /** Asks the checks of the program, and answers what is not valid. */
  async settle (form: FormState): Promise<void> {
    if (form.ok && hasChecks(this.#plan)) {
      const { raw } = this.#reply
      form.addFaults(await askChecks(this.#plan, form.values, this.#request, this.#settings.checkTimeout, (abort) => {
        raw.once('close', abort)
        return () => { raw.off('close', abort) }
      }))
    }
    if (this.isAnswering(form)) await this.answer(form)
  }

  /** The page for a browser, `application/problem+json` (RFC 9457) for a program. 422 when something is wrong, 413 when it is too large. */
  async answer (form: FormState): Promise<void> {
    const reply = this.#reply
    const { render } = this.#plan.options
    if (form.isSubmitted) reply.code(form.statusCode)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (render === undefined || (form.isSubmitted && !prefersPage(this.#request.headers.accept, this.#kind))) {
      const { errors, formErrors, statusCode: status, summary } = form
      await reply.type('application/problem+json').send(JSON.stringify({ type: 'about:blank', title: status === 413 ? 'Content Too Large' : 'Unprocessable Content', status, detail: summary, errors, formErrors }))
      return
    }
    const page = await render(this.#request, reply, form)
    if (reply.sent) return
    if (!Html.isHtml(page) && typeof page !== 'string') throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'form.render: expected a page that was sent or is given back, received neither.')
    await reply.type('text/html; charset=utf-8').send(String(page))
  }

  async redirect (location: string): Promise<void> {
    await this.#reply.code(303).header('location', location).send()
  }

  /** What the fields hold before anything was entered. */
  async initial (): Promise<unknown> {
    return await this.#plan.options.initial?.(this.#request) ?? {}
  }

  /** The form of a page that is shown for the first time. */
  blank (values: unknown = {}): FormState {
    const { node } = this.#plan.body
    const defaults = node.kind === 'object' ? Object.fromEntries(node.defaulted.map(({ name, node }) => [name, node.fallback!.value])) : {}
    return new FormState(this.#plan, this, { ...defaults, ...values as object }, [], false)
  }
}
