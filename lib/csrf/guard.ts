import { BoundedCache } from '../bounded-cache.ts'
import { endUpgrade, type UpgradeReply, type UpgradeRequest } from '../end-upgrade.ts'
import { KeyRing } from '../keys.ts'
import { isLoopbackHost } from '../loopback-host.ts'
import { compileOptions } from '../options.ts'
import { parseOrigin } from '../origin.ts'
import { answerRefusal, type RefusalReply } from './answer.ts'
import { mintCookie, readCookies } from './cookie.ts'
import type { OriginLists } from './decide.ts'
import { EventGate } from './event-gate.ts'
import type { Reason } from './event.ts'
import { report, type LoggedRequest } from './report.ts'
import { sessionIdOf, type MaybeSession } from './session-id.ts'
import { csrfDefaults, csrfSchema, routeCsrfSchema, type CsrfSettings, type RouteCsrf } from './settings.ts'
import { mintToken, tokenFault, type Binding, type TokenReason } from './token.ts'

const UNKNOWN = 'BULWARK_ERR_CSRF_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_CSRF_OPTION_INVALID'

const checkRoute = compileOptions<RouteCsrf>(routeCsrfSchema, { unknown: UNKNOWN, invalid: INVALID })

/** What holds for a route. */
export interface Plan extends OriginLists {
  readonly isExempt: boolean
  /** Methods that change nothing are checked, too. */
  readonly isStrict: boolean
  /** A token is wanted whatever the headers say. */
  readonly needsToken: boolean
}

/** A token that a page asked for, and the line that sets the cookie it is bound to, where that is new. */
export interface Issued {
  readonly binding: Binding
  readonly token: string
  readonly cookie: string | undefined
}

/** A request as the guard reads it. */
export interface GuardedRequest extends LoggedRequest, MaybeSession {
  readonly raw: LoggedRequest['raw'] & UpgradeRequest & { resume (): unknown }
}

/** A reply as the guard writes it. */
export interface GuardedReply extends RefusalReply, UpgradeReply {
  header (name: string, value: string): unknown
}

/** Sessions whose MAC is remembered: less than a megabyte of them, and as many as the session plugin keeps opened. */
const MOST_MACS = 6000

function parseOrigins (list: readonly string[], path: string): URL[] {
  return list.map((text, index) => parseOrigin(text, list.length === 1 ? path : `${path}[${index}]`, INVALID))
}

function setOf (urls: readonly URL[]): Set<string> {
  return new Set(urls.map(({ origin }) => origin))
}

/** One registration of the plugin, compiled. Throws `SecurityError` for options that are wrong. */
export class Guard<Request extends GuardedRequest, Reply extends GuardedReply> {
  readonly options: CsrfSettings<Request, Reply>
  readonly plan: Plan
  readonly fieldName: string
  readonly headerName: string
  readonly isEnforced: boolean
  /** What is permitted and weak, for the log at start. */
  readonly warnings: readonly string[]
  readonly #gate = new EventGate()
  readonly #tokenKeys: readonly Buffer[]
  /** Of sessions, under the first key. */
  readonly #macs = new BoundedCache<string>(MOST_MACS)
  readonly #cookieKeys: readonly Buffer[]

  constructor (options: unknown) {
    this.options = compileOptions<CsrfSettings<Request, Reply>>(csrfSchema, { unknown: UNKNOWN, invalid: INVALID })(options, 'csrf')
    const { origin, keys, trustedOrigins, mode, fieldName, headerName } = { ...csrfDefaults, ...this.options }
    const ring = new KeyRing(keys, 'csrf.keys', INVALID)
    this.#tokenKeys = ring.derive('csrf:token')
    this.#cookieKeys = ring.derive('csrf:cookie')
    const own = parseOrigins([origin].flat(), 'csrf.origin')
    const trusted = parseOrigins(trustedOrigins, 'csrf.trustedOrigins')
    this.plan = { isExempt: false, isStrict: false, needsToken: false, own: setOf(own), trusted: setOf(trusted) }
    this.fieldName = fieldName
    this.headerName = headerName.toLowerCase()
    this.isEnforced = mode === 'enforce'
    const isPlain = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && !isLoopbackHost(hostname)
    this.warnings = [
      ...own.filter(isPlain).map(({ origin }) => `csrf.origin: ${origin} is plain http. Browsers send no Sec-Fetch-Site there and keep no cookie of the prefix __Host-, so that tokens need the session plugin.`),
      ...own.some(isPlain) ? [] : trusted.filter(isPlain).map(({ origin }) => `csrf.trustedOrigins: ${origin} is plain http. Whoever is on the network can write its pages, and is trusted with it.`),
      ...this.isEnforced ? [] : ['csrf.mode: \'report\' refuses nothing.']
    ]
  }

  /** The plan of a route with a setting of its own. */
  planOf (setting: unknown): Plan {
    const path = 'config.security.csrf'
    const checked = checkRoute(setting, path)
    if (typeof checked !== 'object') return { ...this.plan, isExempt: checked === false, isStrict: checked === 'strict', needsToken: checked === 'token' }
    const added = setOf(parseOrigins(checked.trustedOrigins, `${path}.trustedOrigins`))
    return { ...this.plan, trusted: new Set([...this.plan.trusted, ...added]) }
  }

  /** A token for the page of a request: `earlier`, where that was issued for the same visitor. After a login in between it was not. */
  issue (request: Request, earlier: Issued | null): Issued {
    const [binding] = this.#bindings(request)
    const isSame = binding === undefined ? earlier?.cookie !== undefined : binding.join() === earlier?.binding.join()
    if (isSame) return earlier!
    const { id, line } = binding === undefined ? mintCookie(this.#cookieKeys[0]!) : { id: binding[1], line: undefined }
    const bound = binding ?? ['cookie', id]
    return { binding: bound, token: mintToken(this.#tokenKeys[0]!, bound, this.#macs), cookie: line }
  }

  /** Why a token is refused that came with a request, `undefined` for a good one. */
  fault (request: Request, given: unknown): TokenReason | undefined {
    return tokenFault(this.#tokenKeys, this.#bindings(request), given)
  }

  /** Reports a request and, unless the mode says otherwise, answers it; `next` without an error lets it through. */
  refuse (request: Request, reply: Reply, reason: Reason, next: (error?: Error) => void): void {
    const { isEnforced, options: { onEvent, onRefused } } = this
    report(this.#gate, { isEnforced, onEvent }, request, reason)
    if (!isEnforced) return next()
    // A body that was begun has to be read to its end, or the connection is stuck behind it.
    request.raw.resume()
    endUpgrade(request.raw, reply)
    answerRefusal(reply, onRefused && (() => onRefused(request, reply, reason)), (err) => request.log.error({ err }, 'csrf.onRefused failed'), next)
  }

  /**
   * What the token of a visitor is bound to: the session, where there is one, and nothing else, so that a token from before the login is worth
   * nothing after it. Without a session, the cookies that came.
   */
  #bindings (request: Request): Binding[] {
    const sessionId = sessionIdOf(request)
    if (sessionId !== undefined) return [['session', sessionId]]
    return readCookies(this.#cookieKeys, request.raw.headers.cookie).map((id) => ['cookie', id])
  }
}
