import { ERRORS, SecurityError, type ErrorCode } from '../errors.ts'
import type { FileFault, FileMessageKey } from '../form-files.ts'

/** What is wrong with a file, or with the body that it came in. The reason is for the log. */
export interface Refusal {
  /** The empty string for the body as a whole. */
  readonly field: string
  readonly code: ErrorCode
  readonly reason: string
  readonly key: FileMessageKey
  readonly params: Readonly<Record<string, unknown>>
}

/** The same for who answers a form: each thing is said once of a field, of however many files it is true. */
export function toFaults (refusals: readonly Refusal[]): FileFault[] {
  const faults = new Map(refusals.map(({ field, code, key, params }) => [`${key} ${field}`, { path: field, key, params, status: ERRORS[code].statusCode }]))
  return [...faults.values()]
}

/** The error that ends a request whose form nobody answers. */
export function toError ({ code }: Refusal): SecurityError {
  return new SecurityError(code)
}
