import { ERRORS, SecurityError, type ErrorCode } from '../errors.ts'

/** The part of a request that is written to. */
export interface LoggedRequest {
  readonly log: Record<'info' | 'warn' | 'error', (detail: object, message: string) => void>
}

/** Characters of a target that a log keeps: whoever sends it does not decide how much is written. */
const LONGEST = 256

/**
 * Where a target leads: its beginning up to the query. Query and fragment hold codes and tokens, a user name its password, and who reads a log has no
 * business with them; nor have they with why it was refused.
 */
function legible (target: string): string {
  const shown = target.slice(0, LONGEST)
  // A password may be longer than what is shown, and the `@` that tells of it lies behind.
  const isCut = /^[^\\/?#]*@/.test(target.slice(LONGEST))
  return (isCut ? `${shown}@` : shown).replace(/[?#].*$/s, '?…').replace(/[^\\/]*@/g, '…@')
}

/** One line with a code, the reason, and where the target leads: it goes to the log and never into a reply. */
export function report (request: LoggedRequest, level: 'info' | 'warn' | 'error', code: ErrorCode, reason: string, target?: unknown): void {
  const url = typeof target === 'string' ? { target: legible(target) } : {}
  request.log[level]({ code, reason, ...url }, ERRORS[code].summary)
}

/** Logs a target that is not sent; gives back the error for the reply. */
export function refuseTarget (request: LoggedRequest, reason: string, target: unknown): SecurityError {
  report(request, 'warn', 'BULWARK_ERR_REDIRECT_UNSAFE', reason, target)
  return new SecurityError('BULWARK_ERR_REDIRECT_UNSAFE')
}
