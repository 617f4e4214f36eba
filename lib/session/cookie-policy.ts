import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import type { Surroundings } from './surroundings.ts'

/** What browsers are told about the cookie. */
export interface CookieOptions {
  /** Name without a prefix; `__Host-` is put in front, or `__Secure-` with a `domain` or another `path`. Default `'session'`. */
  readonly name?: string
  /** Which requests from other sites carry it. Default `'strict'`: none. `'none'` needs `partitioned` or `crossSite`. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Shares it with every subdomain of this host. Default: with none. */
  readonly domain?: string
  /** Default `'/'`. */
  readonly path?: string
  /** One cookie for each site that embeds this one (CHIPS). Needs `sameSite: 'none'`. Default `false`. */
  readonly partitioned?: boolean
  /** Says that requests from all other sites are meant to carry it. Default `false`. */
  readonly crossSite?: boolean
  /** `false` for development over http in a browser that refuses a Secure cookie there. Refused in production, over https and behind a proxy. Default `true`. */
  readonly secure?: boolean
}

/** Writes a cookie as a Set-Cookie header has it; that of @fastify/cookie. */
export type SerializeCookie = (name: string, value: string, attributes: object) => string

/** One cookie, put together as far as that is possible at start. */
export interface CookieTemplate {
  readonly name: string
  /** What follows the value. */
  readonly attributes: string
  /** The Set-Cookie that removes it. */
  readonly cleared: string
}

/** The cookies of the plugin, and what the operator should know about them. */
export interface CookiePolicy {
  readonly session: CookieTemplate
  readonly flash: CookieTemplate
  /** That of remembered devices, where there are any. */
  readonly remember: CookieTemplate | undefined
  readonly warnings: readonly string[]
}

const PREFIX = /^(__Host-|__Secure-)/i
/** RFC 6265 §4.1.1 and RFC 9110 §5.6.2: a token. */
const TOKEN = /^[\w!#$%&'*+\-.^`|~]{1,64}$/
const HOST = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i

/**
 * The cookies that `options` ask for (RFC 6265bis §4.1.3 for the prefixes).
 * Throws `SecurityError` `BULWARK_ERR_SESSION_COOKIE_INVALID` for what a browser would drop without a word, and for what gives the protection away.
 */
export function cookiePolicy (options: CookieOptions, surroundings: Surroundings, serialize: SerializeCookie, remember?: { readonly name: string, readonly maxAge: number }): CookiePolicy {
  const { sameSite = 'strict', domain, path = '/', partitioned = false, crossSite = false, secure = true } = options
  check(options, surroundings)
  const isHost = secure && domain === undefined && path === '/'
  const prefix = isHost ? '__Host-' : secure ? '__Secure-' : ''
  const base = (options.name ?? 'session').replace(PREFIX, '')
  const attributes = { path, httpOnly: true, secure, sameSite, ...domain !== undefined && { domain }, ...partitioned && { partitioned } }
  const template = (name: string, age: { readonly maxAge?: number } = {}): CookieTemplate => ({
    name,
    attributes: serialize(name, '', { ...attributes, ...age }).slice(name.length + 1),
    cleared: serialize(name, '', { ...attributes, expires: new Date(0), maxAge: 0 })
  })
  if (remember !== undefined) checkRemember(remember.name.replace(PREFIX, ''), base)
  const warnings: string[] = []
  if (domain !== undefined) warnings.push('cookie.domain shares the session with every subdomain: each of them can read it, and can plant one of its own. Leave the option out if one host is enough.')
  if (path !== '/') warnings.push('cookie.path is no boundary: a script of the same host reaches every path. The cookie loses the prefix `__Host-`.')
  if (!secure) warnings.push('cookie.secure is false: the cookie travels over http. For development only.')
  if (crossSite) warnings.push('cookie.crossSite lets requests from every site carry the session. They need protection against cross-site request forgery.')
  return { session: template(prefix + base), flash: template(`${prefix}${base}-flash`), remember: remember && template(prefix + remember.name.replace(PREFIX, ''), { maxAge: remember.maxAge }), warnings }
}

function checkRemember (name: string, base: string): void {
  const isOther = TOKEN.test(name) && name !== base && name !== `${base}-flash`
  if (!isOther) throw new SecurityError('BULWARK_ERR_SESSION_COOKIE_INVALID', expectation('session.remember.cookieName', 'a name of letters, digits and hyphens that is not that of the session or of its messages', name))
}

function check ({ name = 'session', sameSite = 'strict', domain, path = '/', partitioned = false, crossSite = false, secure = true }: CookieOptions, { isProduction, isHttps, trustsProxy }: Surroundings): void {
  const refuse = (key: string, expected: string, received: unknown, advice: string): never => {
    throw new SecurityError('BULWARK_ERR_SESSION_COOKIE_INVALID', expectation(`session.cookie.${key}`, expected, received, advice))
  }
  if (!TOKEN.test(name)) refuse('name', 'a name of letters, digits and hyphens', name, 'Other characters do not belong into the name of a cookie.')
  const [prefix] = PREFIX.exec(name) ?? []
  if (prefix !== undefined && prefix !== '__Host-' && prefix !== '__Secure-') refuse('name', 'a prefix in its own spelling', name, 'Leave it out: `__Host-` is put in front.')
  if (prefix !== undefined && !secure) refuse('name', 'a name without a prefix', name, 'Browsers drop a cookie with a prefix that is not Secure. Leave `secure` out.')
  if (prefix === '__Host-' && domain !== undefined) refuse('domain', 'no domain for a `__Host-` cookie', domain, 'Browsers drop it. Leave `domain` out, or the prefix.')
  if (prefix === '__Host-' && path !== '/') refuse('path', '`/` for a `__Host-` cookie', path, 'Browsers drop it. Leave `path` out, or the prefix.')
  if (domain !== undefined && !HOST.test(domain)) refuse('domain', 'a host name with a dot, such as `app.test`', domain, 'Write it without scheme, port and leading dot.')
  if (!/^\/[\w\-./~%]*$/.test(path)) refuse('path', 'a path that begins with `/`', path, 'Percent-encode what is no letter or digit.')
  if (sameSite === 'none' && !partitioned && !crossSite) refuse('sameSite', '`partitioned: true` or `crossSite: true` beside `\'none\'`', sameSite, 'With `\'none\'`, requests that other sites send carry the session. `\'lax\'` is enough for links from other sites.')
  if (sameSite !== 'none' && partitioned) refuse('partitioned', '`sameSite: \'none\'` beside it', sameSite, 'A page in a frame of another site sends no other cookie.')
  if (sameSite !== 'none' && crossSite) refuse('crossSite', '`sameSite: \'none\'` beside it', sameSite, 'Leave `crossSite` out: other sites are not served.')
  if (secure) return
  if (sameSite === 'none') refuse('secure', '`true` beside `sameSite: \'none\'`', secure, 'Browsers drop it.')
  if (isProduction) refuse('secure', '`true` in production', secure, 'Serve the site over https.')
  if (isHttps) refuse('secure', '`true` where the server speaks https', secure, 'Leave the option out.')
  if (trustsProxy) refuse('secure', '`true` behind a proxy', secure, 'With `trustProxy`, the proxy is the one that speaks https. Leave the option out.')
}
