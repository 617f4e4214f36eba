import { SecurityError } from '../errors.ts'

/** The parts of a reply that a refusal needs. */
export interface RefusalReply {
  readonly sent: boolean
  header (name: string, value: string): unknown
  code (status: number): unknown
  send (payload: unknown): unknown
}

/**
 * Answers a refused request: by the error, or by what `onRefused` gives or sends. Where it does neither or fails, which `onFailure` is told, there is the
 * error all the same.
 */
export function answerRefusal (reply: RefusalReply, onRefused: (() => unknown) | undefined, onFailure: (error: unknown) => void, next: (error: Error) => void): void {
  const error = new SecurityError('BULWARK_ERR_CSRF_REFUSED')
  reply.header('cache-control', 'no-store')
  if (onRefused === undefined) return next(error)
  reply.code(error.statusCode)
  Promise.resolve().then(onRefused).catch((error: unknown): void => { onFailure(error) }).then((payload) => {
    if (reply.sent) return
    if (payload === undefined) next(error)
    else reply.send(payload)
  })
}
