import { SecurityError } from '../errors.ts'
import { KeyRing } from '../keys.ts'
import { Authority } from './authority.ts'
import { cookiePolicy, type CookiePolicy, type SerializeCookie } from './cookie-policy.ts'
import { cookieValues } from './cookie-value.ts'
import { limitsOf } from './envelope.ts'
import { SessionEvents, type EventLog } from './events.ts'
import { Sessions } from './registry.ts'
import { rememberTerms } from './remember-settings.ts'
import { RememberTokens } from './remember-token.ts'
import { Remember } from './remember.ts'
import type { ReplyLike } from './reply-cookies.ts'
import { refusalOf, unmetBy, type Refusal, type VisitedRequest } from './requirement.ts'
import { nonceOf, Sealer, type SecureSessionCodec } from './sealed.ts'
import { checkOptions, planOf, type SessionPlan } from './settings.ts'
import { SessionState, type SessionContext } from './state.ts'
import { readsCookiesEarly, surroundingsOf } from './surroundings.ts'

/** What @fastify/secure-session is registered with, for one kind of cookie. */
export interface CodecOptions {
  readonly sessionName: string
  readonly key: readonly Buffer[]
  /** Seconds. */
  readonly expiry: number
}

/** Names under which the codec knows the two kinds of cookie. It puts them on requests of its own scope, so they must be nobody else's. */
const NAMES = { session: 'fastify-bulwark.session', flash: 'fastify-bulwark.flash' } as const

/** Seconds beyond our own limits after which the codec takes nothing any more: its count must never be the one that decides. */
const SLACK = 3600

/** The headers that decide what has to be found out. */
export interface ProvenHeaders {
  readonly cookie?: string | undefined
  readonly upgrade?: string | undefined
}

/** Of a route whose setting is wrong and was seen too late to refuse the start: nobody enters without a login that the store confirms. */
export const closedPlan: SessionPlan = planOf({ login: true, strict: true })

/** One registration of the plugin, compiled in two steps, since cookies are put together by a function that is there only when the codec's scope is. */
export class SessionScope {
  readonly options: ReturnType<typeof checkOptions>
  readonly #app: object
  readonly #ring: KeyRing
  readonly #wrong = new Set<object>()
  #context: SessionContext | undefined
  #sessions: Sessions | undefined
  #log: EventLog | undefined
  #cookies: CookiePolicy | undefined
  #remember: ReturnType<typeof rememberTerms>

  /** `app`: the server. Throws `SecurityError` for an option or a key that is refused. */
  constructor (app: object, options: unknown) {
    this.#app = app
    this.options = checkOptions(options)
    this.#ring = new KeyRing(this.options.keys, 'session.keys', 'BULWARK_ERR_SESSION_KEY_INVALID')
  }

  /** What the codec is registered with: keys of their own for each purpose and each name of a cookie, so that a cookie means nothing in the place of another. */
  prepare (serialize: SerializeCookie): CodecOptions[] {
    const { cookie = {}, remember, store } = this.options
    const terms = this.#remember = rememberTerms(remember, store)
    const cookies = this.#cookies = cookiePolicy(cookie, surroundingsOf(this.#app), serialize, terms && { name: terms.cookieName, maxAge: terms.idle })
    return (['session', 'flash'] as const).map((purpose) => ({
      sessionName: NAMES[purpose],
      key: this.#ring.derive(`${purpose}/${cookies[purpose].name}`),
      expiry: this.options.absolute + SLACK
    }))
  }

  /** Takes the codec; from then on there are sessions. */
  start (codec: SecureSessionCodec, log: EventLog): void {
    this.#log = log
    const { idle, absolute, store, storeTimeout, cacheSeconds, onStoreError, maxSessions, clearSiteData, onEvent = () => {}, now = Date.now } = this.options
    const limits = limitsOf(idle, absolute)
    const events = new SessionEvents(this.#ring.derive('session:log')[0]!, log, onEvent, now)
    const limit = typeof maxSessions === 'number' ? { max: maxSessions, policy: 'evict-oldest' as const } : maxSessions
    const authority = new Authority({ store, absolute: limits.absolute, timeout: storeTimeout * 1000, cache: cacheSeconds * 1000, onStoreError, limit, events, now })
    this.#sessions = new Sessions(authority, events, now, this.#remember !== undefined)
    this.#context = {
      remember: this.#rememberOf({ authority, events, limits, now }),
      limits,
      now,
      authority,
      events,
      sealer: new Sealer(codec, NAMES.session),
      flashSealer: new Sealer(codec, NAMES.flash),
      cookies: this.#cookies!,
      clearSiteData: clearSiteData === false ? '' : clearSiteData.map((word) => `"${word}"`).join(', ')
    }
  }

  get context (): SessionContext {
    return this.#context!
  }

  get sessions (): Sessions {
    return this.#sessions!
  }

  /** The session of a request. */
  open (header: string | undefined, reply?: ReplyLike): SessionState {
    return new SessionState(this.context, header, reply)
  }

  /**
   * The session of a request, where it is one of this registration. A route of a scope with sessions of its own may call the 404 of the application, which has
   * others: who is signed in there is nobody here, and what is written here would reach no browser, so that it is refused as too late.
   */
  own (state: SessionState): SessionState {
    return state.context === this.context ? state : this.open(undefined, { raw: { headersSent: true } } as ReplyLike)
  }

  /** Whether something has to be found out before anybody sees the session of these headers. */
  mustProve ({ cookie, upgrade }: ProvenHeaders): boolean {
    return this.mustAsk(cookie) || (upgrade === undefined && this.context.remember?.isPresented(cookie) === true)
  }

  /** Whether the store must be asked before anybody sees the session of this Cookie header. */
  mustAsk (header: string | undefined): boolean {
    const { authority, cookies } = this.context
    if (!authority.hasStore || header === undefined) return false
    const values = cookieValues(header, cookies.session.name)
    return values.length === 1 && !authority.isRecent(nonceOf(values[0]!))
  }

  /** Asks the store before anybody sees the session of a request, where that is needed, and signs in who is remembered. `undefined` where nobody has to be asked, as nearly always. */
  prove (state: SessionState, headers: ProvenHeaders, { isStrict, isStored }: SessionPlan): Promise<void> | undefined {
    state.isStored = isStored
    return isStrict || this.mustProve(headers) ? this.#ask(state, headers, isStrict) : undefined
  }

  async #ask (state: SessionState, { cookie, upgrade }: ProvenHeaders, isStrict: boolean): Promise<void> {
    if (isStrict || this.mustAsk(cookie)) await state.verify(isStrict)
    // A reply that changes the protocol sets no cookie: the device would never get its next token.
    if (upgrade === undefined) await this.context.remember?.wake(state)
  }

  /** Closes the route with this `config`, whose setting was found to be wrong while serving. */
  close (config: object, err: unknown, log: Pick<EventLog, 'error'>): void {
    this.#wrong.add(config)
    log.error({ err }, 'config.security of this route is wrong: it is closed to everybody who is not signed in')
  }

  /** What holds for a route: `plan`, unless its setting is wrong. */
  planFor (config: object, plan: SessionPlan): SessionPlan {
    return this.#wrong.size > 0 && this.#wrong.has(config) ? closedPlan : plan
  }

  /** Why this visitor may not enter, `undefined` when they may. */
  refusalOf (state: SessionState, request: VisitedRequest, { requirement }: SessionPlan): Refusal | undefined {
    if (requirement === undefined) return undefined
    state.touch()
    const envelope = state.visible
    const code = state.isSuspended ? 'BULWARK_ERR_SESSION_STORE_DOWN' : unmetBy({ userId: envelope?.uid, isFresh: envelope?.fresh ?? false, authenticatedAt: envelope?.auth }, requirement, this.context.now())
    return code && refusalOf(request, code, this.options.loginPath)
  }

  /** Says at start what the operator should know. `hasCookies`: @fastify/cookie is there on its own account; throws `SecurityError` where it reads cookies too late. */
  announce (hasCookies: boolean): void {
    if (hasCookies && !readsCookiesEarly(this.#app)) {
      throw new SecurityError('BULWARK_ERR_SESSION_COOKIE_INVALID', 'session: expected @fastify/cookie to read cookies in `onRequest`, received another value of its option `hook`. Leave the option out, or do not register @fastify/cookie: this plugin brings its own.')
    }
    for (const warning of this.#warnings()) this.#log!.warn({}, warning)
    this.#log!.debug({ policy: this.#policy() }, 'session policy')
  }

  #rememberOf (shared: Pick<SessionContext, 'authority' | 'events' | 'limits' | 'now'>): Remember | undefined {
    const cookie = this.#cookies!.remember
    if (this.#remember === undefined || cookie === undefined) return undefined
    const { maxAge, idle, grace, onTheft } = this.#remember
    return new Remember({
      ...shared,
      tokens: new RememberTokens(this.#ring.derive(`remember/${cookie.name}`)),
      cookie,
      terms: { maxAgeMs: maxAge * 1000, idleMs: idle * 1000, graceMs: grace * 1000 },
      onTheft
    })
  }

  #warnings (): string[] {
    const { store } = this.options
    const { isProduction, isHttps, trustsProxy } = surroundingsOf(this.#app)
    return [
      ...this.#cookies!.warnings,
      ...store === undefined ? ['No store: what ended is known to this process only, and forgotten when it stops. Give a durable store where there are several processes.'] : [],
      ...isProduction && store?.isDurable === false ? ['The store forgets when the process stops: sessions that ended before may live again.'] : [],
      ...isProduction && !isHttps && !trustsProxy ? ['The server speaks http and trusts no proxy. Browsers keep a Secure cookie only when https reaches them: have a proxy do that, and name it in `trustProxy`.'] : []
    ]
  }

  /** The policy in force (ASVS 7.1.1, 7.1.2). */
  #policy (): object {
    const { idle, absolute, cacheSeconds, onStoreError, storeTimeout, maxSessions = 'any number', keys, store } = this.options
    const { name, attributes } = this.#cookies!.session
    return { cookie: `${name}=…${attributes}`, idle, absolute, maxSessions, keys: keys.length, store: store === undefined ? 'none' : store.isDurable ? 'durable' : 'memory', cacheSeconds, onStoreError, storeTimeout, remember: this.#remember ?? false }
  }
}
