import { privateCacheControl } from './cache-control.ts'
import type { Issued } from './guard.ts'
import { appendVary } from './vary.ts'

/** The parts of a reply that are read and written here. */
export interface ReplyHeaders {
  getHeader (name: string): unknown
  header (name: string, value: string): unknown
  removeHeader (name: string): unknown
}

/**
 * Writes what goes with a token that a page asked for: the cookie that it is bound to, and that no cache may give the page to anybody else. Its validator goes,
 * since a 304 would bring back a form with the token of another session. Done twice for one reply, which errors lead to, it is as if done once.
 */
export function settleIssued (reply: ReplyHeaders, { cookie }: Issued): void {
  if (cookie !== undefined && ![reply.getHeader('set-cookie')].flat().includes(cookie)) reply.header('set-cookie', cookie)
  reply.header('cache-control', privateCacheControl(reply.getHeader('cache-control')))
  reply.header('vary', appendVary(reply.getHeader('vary'), ['Cookie']))
  reply.removeHeader('etag')
  reply.removeHeader('last-modified')
}

/** Methods whose answers a cache keeps without being told to, or may be told to (RFC 9110 §9.2.3, QUERY). */
const CACHEABLE = new Set(['GET', 'HEAD', 'QUERY'])

/** Names the headers that an answer depended on, where a cache could give it to a request with other ones. */
export function settleChecked (reply: ReplyHeaders, method: string): void {
  if (CACHEABLE.has(method)) reply.header('vary', appendVary(reply.getHeader('vary'), ['Sec-Fetch-Site', 'Origin', 'Referer', 'Cookie']))
}
