import { ERRORS, SecurityError, type ErrorCode } from '../errors.ts'

/** The part of a request that is written to. */
export interface LoggedRequest {
  readonly log: Record<'info' | 'warn' | 'error', (detail: object, message: string) => void>
}

/** Characters of a target that a log keeps: whoever sends it does not decide how much is written. */
const LONGEST = 256

/** One line with a code, the reason, and the beginning of the target: it goes to the log and never into a reply. */
export function report (request: LoggedRequest, level: 'info' | 'warn' | 'error', code: ErrorCode, reason: string, target?: unknown): void {
  const url = typeof target === 'string' ? { target: target.slice(0, LONGEST) } : {}
  request.log[level]({ code, reason, ...url }, ERRORS[code].summary)
}

/** Logs a target that is not sent; gives back the error for the reply. */
export function refuseTarget (request: LoggedRequest, reason: string, target: unknown): SecurityError {
  report(request, 'warn', 'BULWARK_ERR_REDIRECT_UNSAFE', reason, target)
  return new SecurityError('BULWARK_ERR_REDIRECT_UNSAFE')
}
