import { ERRORS, type ErrorCode } from '../errors.ts'

/** A reply that is to say something else than it was made for. */
export interface RefusedReply {
  code (status: number): unknown
  header (name: string, value: string): unknown
  removeHeader (name: string): unknown
  readonly raw: { removeHeader (name: string): unknown }
}

/**
 * Headers that speak of the body or of the target which is not sent, and those by which a cache would keep it. Cookies stay: they tell what the
 * handler has done, and a logout whose cookie is lost leaves somebody logged in.
 */
const STALE = [
  'location', 'refresh', 'content-length', 'content-type', 'content-encoding', 'content-language', 'content-location', 'content-range', 'content-disposition',
  'content-md5', 'content-digest', 'repr-digest', 'digest', 'accept-ranges', 'etag', 'last-modified', 'expires', 'age', 'transfer-encoding'
]

const CODE: ErrorCode = 'BULWARK_ERR_REDIRECT_UNSAFE'

/** What Fastify's own error handler would write for the code. */
const BODY = JSON.stringify({ statusCode: ERRORS[CODE].statusCode, code: CODE, error: 'Bad Request', message: ERRORS[CODE].summary })

/** Turns a reply into a plain 400; gives its body back. */
export function refuseReply (reply: RefusedReply): string {
  for (const name of STALE) {
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
  reply.code(ERRORS[CODE].statusCode)
  reply.header('content-type', 'application/json; charset=utf-8')
  reply.header('cache-control', 'no-store')
  return BODY
}

/** Ends what was to be sent, so that a file or a socket behind it is closed. */
export function discard (payload: unknown): void {
  const stream = payload as { destroy?: unknown, cancel?: unknown, on?: unknown } | null | undefined
  if (typeof stream?.destroy === 'function') {
    if (typeof stream.on === 'function') stream.on('error', () => {})
    stream.destroy()
  } else if (typeof stream?.cancel === 'function') {
    // A stream that somebody reads already cannot be cancelled, and is theirs.
    Promise.resolve(stream.cancel()).catch(() => {})
  }
}
