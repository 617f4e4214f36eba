import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { parseOrigin } from '../origin.ts'
import { parseUrl } from '../parse-url.ts'
import { compileHosts, type Admits } from './allowed-hosts.ts'
import { OPTION_CODES, redirectDefaults, type ResolveOptions } from './settings.ts'

/**
 * Why a target is refused: it is no string (`type`), holds nothing (`empty`), is too long (`length`), is no URL for the parser (`malformed`), has another
 * scheme than http and https (`scheme`) or a user name or password (`credentials`), leads to a host that is not on the list (`host`), to the own host over
 * plain http (`insecure`), or is no `/path` where nothing else is admitted (`not-local`).
 */
export type RefusalReason = 'type' | 'empty' | 'length' | 'malformed' | 'scheme' | 'credentials' | 'host' | 'insecure' | 'not-local'

/** What became of a target. `href` is to be sent in its place: from the URL parser, ASCII, without control characters. */
export type Resolution =
  | { readonly ok: true, readonly href: string, readonly kind: 'same' | 'allowed' }
  | { readonly ok: false, readonly reason: RefusalReason }

/**
 * A path that the URL parser (WHATWG URL §4.4) leaves as it is, and every browser, too: no empty and no dot segment, nothing to encode. `/` begins
 * each segment, and of the characters that a segment may hold neither `.` nor `%` is its first. It only decides sooner what the parser would say.
 */
const PLAIN_PATH = /^\/(?:[\w~!$&'()*+,;=:@-][\w~!$&'()*+,;=:@.%-]*(?:\/[\w~!$&'()*+,;=:@-][\w~!$&'()*+,;=:@.%-]*)*\/?)?(?:\?[\w~!$&()*+,;=:@.%/?[\]-]*)?(?:#[\w~!$&'()*+,;=:@.%/?-]*)?$/

/** What the parser strips or drops: a text of nothing else is empty, and leads to the page itself. */
const BLANK = /^[\0-\x20]*$/
const LOCAL = /^\/(?![/\\])/

/**
 * What browsers and other clients do not read alike in a text that is sent as it is: control characters (a tab is dropped by one and encoded by
 * another), backslashes, and halves of a surrogate pair.
 */
const AMBIGUOUS = /[\p{Control}\\]|\p{Surrogate}/u

/** The origin of a resolver that knows none: no redirect carries it. */
const PLACEHOLDER = 'https://origin.invalid'

function refuse (reason: RefusalReason): Resolution {
  return { ok: false, reason }
}

/** The rule for targets of redirects, compiled from options. */
export class Resolver {
  /** The own origin as the URL parser writes it, and what `href` begins with: `''` where there is none. */
  readonly origin: string
  readonly #options: ResolveOptions
  readonly #base: string
  /** The own host under either scheme: browsers decide by that of the page, which a proxy may hide from the server. */
  readonly #secure: URL
  readonly #plain: URL
  readonly #admits: Admits
  readonly #requireHttps: boolean
  readonly #localOnly: boolean
  readonly #maxLength: number

  /** Throws `SecurityError` for an origin or a host that is none, and for options that contradict each other. `path` is where they stand. */
  constructor (options: ResolveOptions, path: string, hostsPath: string = `${path}.hosts`) {
    const { origin, hosts = redirectDefaults.hosts, localOnly = redirectDefaults.localOnly, maxLength = redirectDefaults.maxLength } = options
    const fail = (option: string, expected: string, received: unknown, advice: string): never => {
      throw new SecurityError(OPTION_CODES.invalid, expectation(option, expected, received, advice))
    }
    if (origin === undefined && !localOnly) fail(`${path}.origin`, 'an origin such as `https://app.test`', origin, 'Without one, only `localOnly: true` is possible: the Host header of a request is chosen by the client.')
    if (localOnly && hosts.length > 0) fail(hostsPath, 'no hosts', hosts, 'Under `localOnly`, no redirect leads to another host.')
    const own = origin === undefined ? new URL(PLACEHOLDER) : parseOrigin(origin, `${path}.origin`, OPTION_CODES.invalid)
    if (options.requireHttps === true && own.protocol === 'http:') fail(`${path}.requireHttps`, '`false`', true, 'The own origin is one of http.')
    this.origin = origin === undefined ? '' : own.origin
    this.#options = options
    this.#base = own.origin
    this.#secure = new URL(`https://${own.host}`)
    this.#plain = new URL(`http://${own.host}`)
    this.#admits = compileHosts(hosts, hostsPath, options.requireHttps === true)
    this.#requireHttps = options.requireHttps ?? own.protocol === 'https:'
    this.#localOnly = localOnly
    this.#maxLength = maxLength
  }

  /** The same rule with more hosts, those of one route. */
  with (hosts: readonly string[], hostsPath: string): Resolver {
    // Each list is compiled on its own first, so that a message counts the entries of the route.
    compileHosts(hosts, hostsPath, this.#options.requireHttps === true)
    return new Resolver({ ...this.#options, hosts: [...this.#options.hosts ?? [], ...hosts] }, 'redirect', hostsPath)
  }

  /** What a browser makes of `input` on the page `requestUrl` of the own origin, and whether it stays on the list. */
  resolve (input: unknown, requestUrl: string = '/'): Resolution {
    if (typeof input !== 'string') return refuse('type')
    if (this.#isTooLong(input)) return refuse('length')
    if (PLAIN_PATH.test(input)) return { ok: true, href: this.origin + input, kind: 'same' }
    if (BLANK.test(input)) return refuse('empty')
    if (this.#localOnly && !LOCAL.test(input)) return refuse('not-local')
    // A request line may hold a whole URL (RFC 9112 §3.2.2); behind the origin, that would be part of the host.
    const url = parseUrl(input, this.#base + (requestUrl.startsWith('/') ? requestUrl : '/'))
    if (url === undefined) return refuse('malformed')
    const kind = this.#classify(url)
    if (kind !== 'same' && kind !== 'allowed') return refuse(kind)
    const href = this.origin === '' ? pathOf(url) : url.href
    return this.#isTooLong(href) ? refuse('length') : { ok: true, href, kind }
  }

  /**
   * Whether `input` may be sent or followed as it is. Stricter than `resolve`: it must hold nothing that is read in two ways, and lead to the
   * same place from a page of https and from one of http (`https:evil.test` is relative to the one and absolute on the other).
   */
  isSafe (input: unknown): boolean {
    if (!this.resolve(input).ok) return false
    const text = input as string
    if (PLAIN_PATH.test(text)) return true
    if (AMBIGUOUS.test(text) || text.trim() !== text) return false
    const secure = parseUrl(text, this.#secure.href)
    const plain = parseUrl(text, this.#plain.href)
    if (secure === undefined || plain === undefined) return false
    // One scheme from either page: it is the text's own, and `resolve` has judged it. Otherwise it is that of the page.
    if (secure.protocol === plain.protocol) return secure.href === plain.href
    return this.#isAtHome(secure) && this.#isAtHome(plain)
  }

  #isTooLong (text: string): boolean {
    const { length } = text
    return length > this.#maxLength && length - (text.startsWith(this.#base) ? this.#base.length : 0) > this.#maxLength
  }

  #isAtHome (url: URL): boolean {
    return url.host === (url.protocol === 'https:' ? this.#secure : this.#plain).host
  }

  #classify (url: URL): RefusalReason | 'same' | 'allowed' {
    const { protocol, username, password } = url
    if (protocol !== 'https:' && protocol !== 'http:') return 'scheme'
    if (username !== '' || password !== '') return 'credentials'
    if (!this.#isAtHome(url)) return this.#admits(url) ? 'allowed' : 'host'
    if (protocol === 'https:' || !this.#requireHttps) return 'same'
    return this.#admits(url) ? 'allowed' : 'insecure'
  }
}

/** Path, query and fragment. A path of the parser may begin with two slashes (`/.//evil.test`), and would then be read as a host. */
function pathOf ({ pathname, search, hash }: URL): string {
  return `${pathname.startsWith('//') ? '/.' : ''}${pathname}${search}${hash}`
}
