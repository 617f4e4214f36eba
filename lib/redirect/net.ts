import { kApprovedLocation } from '../approved-location.ts'
import { judgeLocation } from './location.ts'
import { discard, refuseReply, type RefusedReply } from './refusal.ts'
import { report, type LoggedRequest } from './request-log.ts'
import type { Resolver } from './resolver.ts'

/** The parts of a reply that the net reads and writes. */
export interface GuardedReply extends RefusedReply {
  [kApprovedLocation]?: string
  readonly request: LoggedRequest & { readonly originalUrl: string }
  getHeader (name: string): unknown
}

/** True for a reply whose Location is a target: a client follows that of a 3xx, and a program that of a 201 (RFC 9110 §10.2.2). */
export function hasTarget (statusCode: number): boolean {
  return (statusCode >= 300 && statusCode < 400) || statusCode === 201
}

/**
 * Holds the Location of a reply to the rule. One that leaves turns the reply into a plain 400: the value was chosen by the client, so it is no fault of
 * the server, and it is logged as an error, since a handler sent it without a look. Gives back what is to be sent.
 */
export function guardLocation (reply: GuardedReply, payload: unknown, resolver: Resolver): unknown {
  const location = reply.getHeader('location')
  if (location === undefined || location === reply[kApprovedLocation]) return payload
  const resolution = judgeLocation(location, reply.request.originalUrl, resolver)
  if (resolution.ok) {
    if (resolution.href !== location) reply.header('location', resolution.href)
    return payload
  }
  report(reply.request, 'error', 'BULWARK_ERR_REDIRECT_UNSAFE', resolution.reason, location)
  discard(payload)
  return refuseReply(reply)
}

/** What Node writes without a complaint. */
const SENDABLE = /^[\x20-\x7e]*$/

/** Drops a Location that would make Node refuse to write the headers of a reply about an error. */
export function dropUnsendable (reply: Pick<GuardedReply, 'getHeader' | 'removeHeader'>): void {
  const location = reply.getHeader('location')
  if (location !== undefined && !(typeof location === 'string' && SENDABLE.test(location))) reply.removeHeader('location')
}
