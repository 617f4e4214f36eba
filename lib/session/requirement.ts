import { endUpgrade, type UpgradeReply, type UpgradeRequest } from '../end-upgrade.ts'
import { ERRORS, type ErrorCode } from '../errors.ts'

/** What a route asks of its visitors. */
export interface Requirement {
  /** Milliseconds since the user proved who they are; `undefined` when it does not matter. */
  readonly within?: number
}

/** What is known of the visitor. */
export interface Visitor {
  readonly userId: string | undefined
  readonly isFresh: boolean
  readonly authenticatedAt: number | undefined
}

/** The parts of a request by which a page is told from an API call, and the redirect guard's way to sign an address. */
export interface VisitedRequest {
  readonly method: string
  /** What the visitor asked for, whatever `rewriteUrl` made of it. */
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly signNext?: (url: string, options: { readonly maxAge: number }) => string
}

/** The reply to somebody who may not enter. */
export type Refusal =
  | { readonly kind: 'redirect', readonly status: 302 | 303, readonly location: string }
  | { readonly kind: 'problem', readonly status: 401 | 503, readonly headers: Readonly<Record<string, string>>, readonly body: Readonly<Record<string, string | number>> }

/** The parts of a reply by which somebody is refused. */
export interface RefusingReply extends UpgradeReply {
  readonly request: { readonly raw: UpgradeRequest }
  redirect (location: string, status: number): unknown
  code (status: number): unknown
  headers (values: Record<string, string>): unknown
  // Fastify derives what may be sent from the types of a route, of which there is none here.
  send: (...payload: never) => unknown
}

/** Seconds that a visitor may take to sign in and still be led back. */
const NEXT_AGE = 3600
/** Characters: a longer address is not worth going back to. */
const LONGEST_NEXT = 1024
/** Seconds after which to ask again when the store was down. */
const RETRY_AFTER = '5'

/** Why a visitor may not enter, `undefined` when they may. */
export function unmetBy ({ userId, isFresh, authenticatedAt }: Visitor, { within }: Requirement, now: number): ErrorCode | undefined {
  if (userId === undefined) return 'BULWARK_ERR_SESSION_LOGIN_REQUIRED'
  if (within === undefined) return undefined
  const age = now - (authenticatedAt ?? -Infinity)
  return isFresh && age <= within ? undefined : 'BULWARK_ERR_SESSION_FRESH_REQUIRED'
}

/** A page goes to `loginPath` and comes back; a program gets a status and a reason (RFC 9457). */
export function refusalOf (request: VisitedRequest, code: ErrorCode, loginPath: string | undefined): Refusal {
  const { summary } = ERRORS[code]
  if (code === 'BULWARK_ERR_SESSION_STORE_DOWN') {
    return { kind: 'problem', status: 503, headers: { 'retry-after': RETRY_AFTER }, body: { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: summary, code } }
  }
  // To the login page itself it would lead in circles.
  if (loginPath !== undefined && isPage(request) && request.originalUrl.split('?')[0] !== loginPath.split('?')[0]) return redirectTo(request, loginPath)
  // RFC 9110 §15.5.2 wants a challenge; browsers open no window for a scheme that they do not know.
  return { kind: 'problem', status: 401, headers: { 'www-authenticate': 'Cookie realm="session"' }, body: { type: 'about:blank', title: 'Unauthorized', status: 401, detail: summary, code } }
}

/** `value` when it is a path of this site, to be led back to after a login; `fallback` for whatever else stands in its place. */
export function localPath (value: unknown, fallback: string = '/'): string {
  // One slash, and not a second one or what the URL parser takes for one: that would be another host. No control characters, which the parser drops.
  return typeof value === 'string' && value.length <= LONGEST_NEXT && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) && !value.includes('\\') ? value : fallback
}

export function sendRefusal (reply: RefusingReply, refusal: Refusal): void {
  endUpgrade(reply.request.raw, reply)
  if (refusal.kind === 'redirect') {
    reply.redirect(refusal.location, refusal.status)
    return
  }
  reply.code(refusal.status)
  reply.headers({ ...refusal.headers, 'content-type': 'application/problem+json' })
  ;(reply as { send (payload: string): unknown }).send(JSON.stringify(refusal.body))
}

function isPage ({ headers }: VisitedRequest): boolean {
  const mode = headers['sec-fetch-mode']
  return (mode === undefined || mode === 'navigate') && /(?:^|[\s,])text\/html(?=$|[\s,;])/i.test(String(headers['accept']))
}

function redirectTo (request: VisitedRequest, loginPath: string): Refusal {
  // What was sent with a form is gone: there is nothing to come back to.
  if (request.method !== 'GET' && request.method !== 'HEAD') return { kind: 'redirect', status: 303, location: loginPath }
  const url = localPath(request.originalUrl, '')
  if (url === '') return { kind: 'redirect', status: 302, location: loginPath }
  const next = signed(request, url)
  return { kind: 'redirect', status: 302, location: next === undefined ? loginPath : `${loginPath}${loginPath.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}` }
}

/** The way back, signed where the redirect guard can: without keys it cannot, and what it refuses would be refused at the login, too. */
function signed (request: VisitedRequest, url: string): string | undefined {
  try {
    return request.signNext === undefined ? url : request.signNext(url, { maxAge: NEXT_AGE })
  } catch (error) {
    return (error as { code?: string }).code === 'BULWARK_ERR_REDIRECT_KEYS_MISSING' ? url : undefined
  }
}
