import { tellListener } from '../tell-listener.ts'
import type { EventGate } from './event-gate.ts'
import { describeRefusal, type CsrfEvent, type Reason, type RefusedRequest } from './event.ts'

/** A request with its log. */
export interface LoggedRequest {
  readonly method: string
  readonly raw: Pick<RefusedRequest, 'headers'>
  readonly routeOptions: { readonly url?: string | undefined }
  readonly log: { warn (data: object, message: string): void, error (data: object, message: string): void }
}

/** Who is told of refused requests, and whether they are refused indeed. */
export interface Listener {
  readonly isEnforced: boolean
  readonly onEvent: ((event: CsrfEvent) => void) | undefined
}

/** Writes a line to the log and tells the application, unless `gate` holds it back. */
export function report (gate: EventGate, { isEnforced, onEvent }: Listener, request: LoggedRequest, reason: Reason): void {
  const suppressed = gate.pass(Date.now())
  if (suppressed === undefined) return
  const event = describeRefusal(reason, { method: request.method, route: request.routeOptions.url, headers: request.raw.headers }, isEnforced, suppressed)
  request.log.warn({ code: 'BULWARK_ERR_CSRF_REFUSED', csrf: event }, isEnforced ? 'request refused' : 'request would be refused')
  if (onEvent !== undefined) tellListener(onEvent, event, (err) => request.log.error({ err }, 'csrf.onEvent failed'))
}
