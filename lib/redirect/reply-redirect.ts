import { kApprovedLocation } from '../approved-location.ts'
import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { LEAVE_HEADERS, leavePage, parseExternal } from './leave-page.ts'
import { refuseTarget, report, type LoggedRequest } from './request-log.ts'
import type { Resolver } from './resolver.ts'
import { OPTION_CODES, type SafeRedirectOptions, type StatusOptions } from './settings.ts'

/** The parts of a reply that redirects. */
export interface RedirectingReply {
  [kApprovedLocation]?: string
  readonly statusCode: number
  readonly request: LoggedRequest & { readonly method: string, readonly originalUrl: string, readonly headers: { readonly referer?: string | undefined } }
  redirect (href: string, status: number): unknown
  header (name: string, value: string): unknown
  send (payload: unknown): unknown
}

const STATUSES: readonly number[] = [301, 302, 303, 307, 308]

function land<Reply extends RedirectingReply> (reply: Reply, href: string, { status }: StatusOptions): Reply {
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new SecurityError(OPTION_CODES.invalid, expectation('status', `one of ${STATUSES.join(', ')}`, status))
  }
  const own = STATUSES.includes(reply.statusCode) ? reply.statusCode : undefined
  reply[kApprovedLocation] = href
  reply.redirect(href, status ?? own ?? (reply.request.method === 'POST' ? 303 : 302))
  return reply
}

/** Sent and not thrown: a handler may be deep in a callback, where nobody catches. */
function refuse<Reply extends RedirectingReply> (reply: Reply, reason: string, url: unknown): Reply {
  reply.send(refuseTarget(reply.request, reason, url))
  return reply
}

/** Redirects to a target that is on the list, else to the fallback, else answers 400. The fallback is judged, too. */
export function sendSafe<Reply extends RedirectingReply> (reply: Reply, resolver: Resolver, url: unknown, options: SafeRedirectOptions): Reply {
  const { fallback, ...status } = options
  const resolution = resolver.resolve(url, reply.request.originalUrl)
  if (resolution.ok) return land(reply, resolution.href, status)
  if (fallback === undefined) return refuse(reply, resolution.reason, url)
  report(reply.request, 'info', 'BULWARK_ERR_REDIRECT_UNSAFE', resolution.reason, url)
  return sendSafe(reply, resolver, fallback, status)
}

/** Redirects to any URL of http or https. */
export function sendExternal<Reply extends RedirectingReply> (reply: Reply, url: unknown, options: StatusOptions): Reply {
  const target = parseExternal(url)
  return target === undefined ? refuse(reply, 'external', url) : land(reply, target.href, options)
}

/** Asks before a visitor goes on to a site that is not on the list. */
export function sendLeavePage<Reply extends RedirectingReply> (reply: Reply, resolver: Resolver, url: unknown): Reply {
  const resolution = resolver.resolve(url, reply.request.originalUrl)
  if (resolution.ok) return land(reply, resolution.href, {})
  const target = parseExternal(url)
  if (target === undefined) return refuse(reply, resolution.reason, url)
  for (const [name, value] of Object.entries(LEAVE_HEADERS)) reply.header(name, value)
  reply.send(leavePage(target, `${resolver.origin}/`))
  return reply
}

/** Redirects to where the visitor came from, if that is on the list and another page, else to the fallback. */
export function sendBack<Reply extends RedirectingReply> (reply: Reply, resolver: Resolver, fallback: unknown, options: StatusOptions): Reply {
  const { method, originalUrl, headers } = reply.request
  const back = resolver.resolve(headers.referer, originalUrl)
  const here = resolver.resolve(originalUrl)
  // A page that is fetched and sends its visitor to itself does so for ever.
  const turnsRound = back.ok && ((method !== 'GET' && method !== 'HEAD') || !here.ok || here.href !== back.href)
  return turnsRound ? land(reply, back.href, options) : sendSafe(reply, resolver, fallback, options)
}
