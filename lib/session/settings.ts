import { Type } from 'typebox'
import { compileOptions, expectation, type OptionSchema } from '../options.ts'
import { SecurityError } from '../errors.ts'
import type { CookieOptions } from './cookie-policy.ts'
import type { SessionEvent } from './events.ts'
import { canRemember, rememberDefaults, rememberSchema, type RememberOptions } from './remember-settings.ts'
import type { SessionStore } from './store.ts'

export type { RememberOptions } from './remember-settings.ts'

/** Options of the session plugin. */
export interface SessionOptions {
  /** Master keys of 32 random bytes, hex or base64url, as `generateKey()` makes them. The first one encrypts; the others still open what they made. */
  readonly keys: readonly string[]
  /** Where endings and devices are kept. Default: the memory of this process, for endings alone. */
  readonly store?: SessionStore
  /** Seconds without a use after which a session ends (ASVS 7.3.1). Default 1800. */
  readonly idle?: number
  /** Seconds after which a session ends, however much it is used (ASVS 7.3.2). Default 43200. */
  readonly absolute?: number
  /** The cookie. */
  readonly cookie?: CookieOptions
  /** Path of the page to sign in, to which pages are redirected that need a user. Default: none, they get 401. */
  readonly loginPath?: string
  /** How many sessions a user may have; the oldest one ends when there is one more. With `policy: 'refuse'` the new one is refused. Needs a store. Default: any number. */
  readonly maxSessions?: number | { readonly max: number, readonly policy: 'evict-oldest' | 'refuse' }
  /** How devices are remembered where a login asks for it, or `false`. Needs a store. Default: with the defaults of `RememberOptions` where there is a store. */
  readonly remember?: RememberOptions | false
  /** Seconds for which the store's answer that a session lives is relied on. `0` asks at every request. Default 5. */
  readonly cacheSeconds?: number
  /** What happens to sessions when the store cannot be asked: they go on, or nobody is signed in. Default `'allow'`. */
  readonly onStoreError?: 'allow' | 'deny'
  /** Seconds that a call of the store may take. Default 2. */
  readonly storeTimeout?: number
  /** What the browser is told to empty at logout. Default `['cache', 'storage']`. */
  readonly clearSiteData?: ReadonlyArray<'cache' | 'storage' | 'cookies' | 'executionContexts'> | false
  /** Is told what happens to sessions, besides the log. */
  readonly onEvent?: (event: SessionEvent) => void
  /** The clock, milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

/** What a route can set in `config.security.session`; `requireLogin` and `requireFresh()` stand for the first two. */
export interface SessionSettings {
  /** Only for signed-in users. */
  readonly login?: boolean
  /** Only for users who proved who they are within so many seconds. */
  readonly fresh?: number
  /** Asks the store at every request, whatever `cacheSeconds` says, and lets nobody in when it cannot be asked. */
  readonly strict?: boolean
  /** `false` leaves Cache-Control to the application where the session is only read. Default `true`. */
  readonly noStore?: boolean
}

const closed = { additionalProperties: false }
const fn = (description: string): OptionSchema => Type.Optional(Type.Refine(Type.Unsafe<() => void>({ expected: 'a function', description }), (value) => typeof value === 'function'))
const seconds = (minimum: number, maximum: number, fallback: number, description: string): OptionSchema => Type.Optional(Type.Integer({ minimum, maximum, default: fallback, description }))
const words = (names: readonly string[], annotations: { default?: string, description?: string }): OptionSchema => Type.Union(names.map((name) => Type.Literal(name)), annotations)

const METHODS = ['admit', 'replace', 'seen', 'isRevoked', 'revoke', 'revokeUser', 'list', 'count', 'purge'] as const

function isStore (value: unknown): boolean {
  return typeof value === 'object' && value !== null && METHODS.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
}

const max = Type.Integer({ minimum: 1, maximum: 10_000 })
const cookie = Type.Object({
  name: Type.Optional(Type.String({ default: 'session', description: 'Name without a prefix; `__Host-` is put in front, or `__Secure-` with a `domain` or another `path`.' })),
  sameSite: Type.Optional(words(['strict', 'lax', 'none'], { default: 'strict', description: 'Which requests from other sites carry it: none, links, all. `\'none\'` needs `partitioned` or `crossSite`.' })),
  domain: Type.Optional(Type.String({ description: 'Shares it with every subdomain of this host, and warns.' })),
  path: Type.Optional(Type.String({ default: '/', description: 'Another path takes the prefix `__Host-` away, and warns.' })),
  partitioned: Type.Optional(Type.Boolean({ default: false, description: 'One cookie for each site that embeds this one (CHIPS). Needs `sameSite: \'none\'`.' })),
  crossSite: Type.Optional(Type.Boolean({ default: false, description: 'Says that requests from all other sites are meant to carry it. Needs `sameSite: \'none\'`.' })),
  secure: Type.Optional(Type.Boolean({ default: true, description: '`false` for development over http where the browser wants https. Refused in production, over https and behind a proxy.' }))
} satisfies Record<keyof CookieOptions, OptionSchema>, { ...closed, description: 'Attributes of the cookie.' })

const own = {
  keys: Type.Refine(Type.Unsafe<readonly string[]>({ expected: 'an array of keys', description: 'Master keys of 32 random bytes, hex or base64url. The first one encrypts, the others still open what they made.' }), (value) => Array.isArray(value)),
  store: Type.Optional(Type.Refine(Type.Unsafe<SessionStore>({ expected: 'a store, such as `memoryStore()`', description: 'Where endings and devices are kept. Without it, the memory of this process knows what ended.' }), isStore)),
  idle: seconds(60, 31_536_000, 1800, 'Seconds without a use after which a session ends.'),
  absolute: seconds(60, 31_536_000, 43_200, 'Seconds after which a session ends, however much it is used.'),
  cookie: Type.Optional(cookie),
  loginPath: Type.Optional(Type.String({ description: 'Path of the page to sign in. Pages that need a user are redirected there; without it, they get 401.' })),
  maxSessions: Type.Optional(Type.Union([max, Type.Object({ max, policy: words(['evict-oldest', 'refuse'], {}) }, { ...closed, expected: 'an object of `max` and `policy`' })], { description: 'How many sessions a user may have: a number, or `max` and `policy` `\'evict-oldest\'` or `\'refuse\'`. Needs a store.' })),
  remember: rememberSchema,
  cacheSeconds: seconds(0, 60, 5, 'Seconds for which the store\'s answer that a session lives is relied on. `0` asks at every request.'),
  onStoreError: Type.Optional(words(['allow', 'deny'], { default: 'allow', description: 'When the store cannot be asked: sessions go on, or nobody is signed in.' })),
  storeTimeout: Type.Optional(Type.Number({ minimum: 0.05, maximum: 60, expected: 'a number from 0.05 to 60', default: 2, description: 'Seconds that a call of the store may take.' })),
  clearSiteData: Type.Optional(Type.Union([Type.Array(words(['cache', 'storage', 'cookies', 'executionContexts'], {})), Type.Literal(false)], { default: ['cache', 'storage'], description: 'What the browser is told to empty at logout. `cookies` empties those of the whole domain.' })),
  onEvent: fn('Is told what happens to sessions, besides the log.'),
  now: fn('The clock, milliseconds since the epoch, for tests.')
} satisfies Record<keyof SessionOptions, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/session.md`. */
export const sessionSchema: OptionSchema = Type.Object(own, closed)

/** What holds where an option is not given. */
export const sessionDefaults: Readonly<Required<Omit<SessionOptions, 'keys' | 'store' | 'cookie' | 'loginPath' | 'maxSessions' | 'remember' | 'onEvent' | 'now'>>> = Object.freeze({
  idle: 1800,
  absolute: 43_200,
  cacheSeconds: 5,
  onStoreError: 'allow',
  storeTimeout: 2,
  clearSiteData: Object.freeze(['cache', 'storage'] as const)
})

const codes = { unknown: 'BULWARK_ERR_SESSION_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_SESSION_OPTION_INVALID' } as const
const checkShape = compileOptions<SessionOptions>(sessionSchema, codes)

/** The options with their defaults. Throws `SecurityError` for what is unknown, of a wrong type or in contradiction. */
export function checkOptions (value: unknown): SessionOptions & typeof sessionDefaults {
  const given = checkShape(value, 'session')
  const options = { ...sessionDefaults, ...given }
  if (given.idle === undefined) options.idle = Math.min(options.idle, options.absolute)
  const refuse = (key: string, expected: string, received: unknown, advice: string): never => {
    throw new SecurityError(codes.invalid, expectation(`session.${key}`, expected, received, advice))
  }
  const { idle, absolute, maxSessions, store, loginPath, clearSiteData, remember } = options
  if (idle > absolute) refuse('idle', `at most \`absolute\`, ${absolute}`, idle, 'A session that is not used ends before one that is.')
  if (maxSessions !== undefined && store === undefined) refuse('maxSessions', 'a store beside it', maxSessions, 'Give a store such as `memoryStore()`: without one nobody counts sessions.')
  if (remember !== undefined && remember !== false) {
    if (!canRemember(store)) refuse('remember', 'a store beside it that remembers devices', remember, 'Give a durable store, or name `memoryStore()` on purpose: it forgets every device when the process stops.')
    const { maxAge, idle = 0 } = remember
    if (idle > (maxAge ?? rememberDefaults.maxAge)) refuse('remember.idle', `at most \`maxAge\`, ${maxAge ?? rememberDefaults.maxAge}`, idle, 'A device that is not used is forgotten before one that is.')
  }
  if (loginPath !== undefined && !/^\/(?![/\\])[\w\-./~%?=&]*$/.test(loginPath)) refuse('loginPath', 'a path of this site, such as `/login`', loginPath, 'Percent-encode what is no letter or digit.')
  if (clearSiteData !== false && clearSiteData.length === 0) refuse('clearSiteData', 'at least one word, or `false`', clearSiteData, '`false` sends no header.')
  return options
}

const checkRoute = compileOptions<SessionSettings>(Type.Object({
  login: Type.Optional(Type.Boolean()),
  fresh: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
  strict: Type.Optional(Type.Boolean()),
  noStore: Type.Optional(Type.Boolean())
} satisfies Record<keyof SessionSettings, OptionSchema>, { ...closed, expected: 'an object of `login`, `fresh`, `strict` and `noStore`, `requireLogin` or `requireFresh()`' }), codes)

/** What a route does, compiled. */
export interface SessionPlan {
  readonly requirement: { readonly within?: number } | undefined
  readonly isStrict: boolean
  readonly isStored: boolean
}

/** Of a route that sets nothing. */
export const plainPlan: SessionPlan = Object.freeze({ requirement: undefined, isStrict: false, isStored: false })

/** Under this key an exported hook holds what it asks for, so that it may stand in `config.security.session`, too. */
export const kSettings: unique symbol = Symbol('fastify-bulwark.session.settings')

/** The plan of a route's setting. Throws `SecurityError` as `checkOptions` does. */
export function planOf (setting: unknown): SessionPlan {
  const own = typeof setting === 'function' ? (setting as { [kSettings]?: SessionSettings })[kSettings] ?? setting : setting
  const { login = false, fresh, strict = false, noStore = true } = checkRoute(own, 'config.security.session')
  const requirement = fresh !== undefined ? { within: fresh * 1000 } : login ? {} : undefined
  return Object.freeze({ requirement, isStrict: strict, isStored: !noStore })
}
