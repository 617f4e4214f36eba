import type { CookieTemplate } from './cookie-policy.ts'

/** The parts of Fastify's reply that sessions are written to. */
export interface ReplyLike {
  getHeader (name: string): unknown
  header (name: string, value: string | string[]): unknown
  removeHeader (name: string): unknown
  readonly raw: { readonly headersSent: boolean }
}

/** Puts a cookie into the reply, in the place of one of the same name and beside all others. */
export function putCookie (reply: ReplyLike, name: string, text: string): void {
  const known = reply.getHeader('set-cookie')
  if (known !== undefined) {
    const others = [known].flat().map(String).filter((cookie) => !cookie.startsWith(`${name}=`))
    reply.removeHeader('set-cookie')
    if (others.length > 0) {
      reply.header('set-cookie', [...others, text])
      return
    }
  }
  reply.header('set-cookie', text)
}

/** The Set-Cookie of a value. */
export function cookieText ({ name, attributes }: CookieTemplate, value: string): string {
  return `${name}=${value}${attributes}`
}

/** Keeps a reply that depends on the session out of every cache, that of the browser included, so that Back after a logout shows nothing (ASVS 14.3.2). */
export function keepUncached (reply: ReplyLike, isStored: boolean): void {
  if (!isStored) reply.header('cache-control', 'no-store')
  const vary = reply.getHeader('vary')
  if (vary === undefined) {
    reply.header('vary', 'Cookie')
    return
  }
  const names = [vary].flat().join(', ')
  if (!/(?:^|[\s,])(?:cookie|\*)(?=$|[\s,])/i.test(names)) reply.header('vary', `${names}, Cookie`)
}

/** The parts of Node's response that `rawReply` needs, over HTTP/1.1 and HTTP/2 alike. */
export interface RawResponse {
  readonly headersSent: boolean
  getHeader (name: string): unknown
  setHeader (name: string, value: string | string[]): unknown
  removeHeader (name: string): unknown
}

/** The raw response of a hijacked reply in the place of a reply. */
export function rawReply (raw: RawResponse): ReplyLike {
  return {
    getHeader: (name) => raw.getHeader(name),
    header: (name, value) => raw.setHeader(name, value),
    removeHeader: (name) => raw.removeHeader(name),
    raw
  }
}
