import type { IncomingHttpHeaders } from 'node:http'
import { originOf, type HeaderReason } from './decide.ts'
import type { TokenReason } from './token.ts'

/** Why a request was refused. */
export type Reason = HeaderReason | TokenReason

/** A refused request, for the application's own record. It holds no token, no cookie, no query and nothing of a body. */
export interface CsrfEvent {
  /** By the OWASP Logging Vocabulary: a change that another origin asked for, or a token that is missing or wrong. */
  readonly name: 'malicious_cors' | 'input_validation_fail'
  readonly reason: Reason
  /** False in the mode `'report'`: the request was let through. */
  readonly refused: boolean
  readonly method: string
  /** The pattern of the route, `undefined` where there is none. */
  readonly route: string | undefined
  /** Sec-Fetch-Site, Origin, and the origin of Referer as they came, 200 characters of each. */
  readonly fetchSite: string | undefined
  readonly origin: string | undefined
  readonly referer: string | undefined
  /** How many were not told since the one before, since there were too many. */
  readonly suppressed: number
}

/** Headers have room for more, and a log is no place for it. */
const LONGEST = 200

function clip (value: unknown): string | undefined {
  return value === undefined ? undefined : String(value).slice(0, LONGEST)
}

/** What is read of a refused request. */
export interface RefusedRequest {
  readonly method: string
  readonly route: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** What is told of a refused request. */
export function describeRefusal (reason: Reason, request: RefusedRequest, refused: boolean, suppressed: number): CsrfEvent {
  const { method, route, headers } = request
  return {
    name: reason.startsWith('token-') ? 'input_validation_fail' : 'malicious_cors',
    reason,
    refused,
    method,
    route,
    fetchSite: clip(headers['sec-fetch-site']),
    origin: clip(headers.origin),
    // The rest of an address may be a secret of somebody else's.
    referer: headers.referer === undefined ? undefined : clip(originOf(headers.referer)),
    suppressed
  }
}
