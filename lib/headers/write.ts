import type { ErrorCode } from '../errors.ts'
import { isDocument } from './document-type.ts'
import type { ReplyNonces } from './nonce.ts'
import { pairsWithNonce, type Pair, type Plan } from './plan.ts'

/** Where headers are written: Fastify's reply, or the raw response of a hijacked one. */
export interface HeaderTarget {
  readonly statusCode: number
  getHeader (name: string): unknown
  hasHeader (name: string): boolean
  header (name: string, value: string): unknown
  removeHeader (name: string): unknown
}

/** Told of what the application did that a nonce does not go with. */
export type Report = (code: ErrorCode) => void

const PUBLIC = /(?:^|[\s,])(?:public|s-maxage)(?=$|[\s,=])/i
/** What keeps a reply out of shared caches, or has them ask each time. Only when it stands alone: `private="x"` is about one header. */
const KEPT = /(?:^|[\s,])(?:private|no-store|no-cache)(?=$|[\s,])/i
/** What shared caches go by in the place of Cache-Control (RFC 9213, Edge Architecture). */
const TARGETED = ['cdn-cache-control', 'surrogate-control'] as const

/**
 * Writes a plan's headers, leaving those that the application has set, and gives back what was written.
 *
 * A reply that used a nonce is `private` to the cache of one browser and has no validator: a 304 would bring a body of yesterday
 * together with a policy of today. `report` is told when the application wanted such a reply in shared caches, and when a document's policy has no place for the nonce.
 */
export function writeHeaders (target: HeaderTarget, plan: Plan, secure: boolean, nonces: ReplyNonces | null, report: Report): readonly Pair[] {
  const kind = isDocument(target.getHeader('content-type')) ? plan.document : plan.nonDocument
  const variant = secure ? kind.https : kind.http
  if (target.statusCode === 304) return write(target, variant.notModified)
  if (nonces === null || nonces.use === 0) return write(target, variant.pairs)
  keepPrivate(target, report)
  if (kind === plan.document && nonces.isUnplaced(variant.places)) report('BULWARK_ERR_HEADERS_NONCE_UNPLACED')
  return write(target, variant.templates.length > 0 ? pairsWithNonce(variant, nonces) : variant.pairs)
}

function write (target: HeaderTarget, pairs: readonly Pair[]): readonly Pair[] {
  for (const [name, value] of pairs) {
    if (!target.hasHeader(name)) target.header(name, value)
  }
  return pairs
}

function keepPrivate (target: HeaderTarget, report: Report): void {
  const cacheControl = String(target.getHeader('cache-control') ?? '')
  const shared = TARGETED.filter((name) => target.hasHeader(name) && !KEPT.test(String(target.getHeader(name))))
  for (const name of shared) target.removeHeader(name)
  const isPublic = PUBLIC.test(cacheControl)
  if (isPublic || shared.length > 0) report('BULWARK_ERR_HEADERS_NONCE_SHARED')
  // `max-age` alone lets every cache keep it (RFC 9111 §3).
  if (isPublic || cacheControl === '') target.header('cache-control', 'private')
  else if (!KEPT.test(cacheControl)) target.header('cache-control', `private, ${cacheControl}`)
  target.removeHeader('etag')
  target.removeHeader('last-modified')
}

/** Takes back what was written, so that the reply to an error that came up afterwards is judged afresh. */
export function eraseHeaders (target: HeaderTarget, pairs: readonly Pair[]): void {
  for (const [name, value] of pairs) {
    if (target.getHeader(name) === value) target.removeHeader(name)
  }
}
