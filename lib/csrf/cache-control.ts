const PUBLIC = /(?:^|[\s,])(?:public|s-maxage)(?=$|[\s,=])/i
const KEPT = /(?:^|[\s,])(?:no-store|private)(?=$|[\s,])/i

/**
 * The Cache-Control of a page with a token, from the one that it has. Such a page is for one browser, which must ask before it shows it again as a new
 * one: after a login its token is worth nothing. Going back to it is no such case (RFC 9111 §6), so what was written into a form stays.
 */
export function privateCacheControl (existing: unknown): string {
  const text = String(existing ?? '')
  return KEPT.test(text) && !PUBLIC.test(text) ? text : 'private, no-cache'
}
