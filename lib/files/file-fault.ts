import { ERRORS, SecurityError, type ErrorCode } from '../errors.ts'
import type { FormFault } from '../form-faults.ts'

/** What is wrong with a file that could be read to its end. The reason is for the log. */
export interface FileFault {
  readonly field: string
  readonly code: ErrorCode
  readonly reason: string
}

/** The same for who answers a form: a message that every table has, or a sentence. */
export function toFormFault ({ field, code }: FileFault): FormFault {
  return { path: field, key: code === 'BULWARK_ERR_FILES_REQUIRED' ? 'required' : ERRORS[code].summary, params: { code } }
}

/** The error that ends a request whose form nobody answers. */
export function toError ({ params }: FormFault): SecurityError {
  return new SecurityError(params['code'] as ErrorCode)
}
