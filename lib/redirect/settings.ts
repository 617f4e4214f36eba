import { Type } from 'typebox'
import type { OptionErrorCodes, OptionSchema } from '../options.ts'

/** Where a redirect may lead: the options of `resolveRedirect` and `isSafeRedirect`. */
export interface ResolveOptions {
  /** The own origin, `https://app.test`. Required unless `localOnly` is set. It is never taken from a request: a client chooses the Host header. */
  readonly origin?: string
  /**
   * Other hosts that a redirect may lead to. `good.test` is https on the default port, `good.test:8443` https on that port, `*.good.test` one or more
   * labels before it, `http://good.test:8080` exactly that origin. Default: none.
   */
  readonly hosts?: readonly string[]
  /** Refuses plain http on the own host. Default `true` when `origin` is https. Set to `true`, it admits no `http://` entry in `hosts`, either. */
  readonly requireHttps?: boolean
  /** Admits only `/path`: no host, no path without a slash before it. Default `false`. */
  readonly localOnly?: boolean
  /** Characters of a target, those of the own origin not counted; from 1 to 16384. Default 2048. */
  readonly maxLength?: number
}

/** Options of the redirect plugin. */
export interface RedirectOptions extends ResolveOptions {
  /** Checks every Location of a reply with a status of 3xx or 201. Default `true`. */
  readonly guardAll?: boolean
  /** Keys for `signNext`: 32 bytes each, hex or base64url. The first signs, the others still verify. Default: none. */
  readonly keys?: readonly string[]
}

/** What `config.security.redirect` of a route may hold. */
export interface RouteRedirect {
  /** The name of the field that holds the target. Without it, no value is checked before the handler. */
  readonly field?: string
  /** Where the field is looked for; of two, the last that has it counts. Default `['query', 'body']`. */
  readonly in?: ReadonlyArray<'query' | 'body'>
  /** The target where the request names none. Default `'/'`. */
  readonly fallback?: string
  /** What happens with a target that is not safe: status 400, or the fallback. Default `'reject'`. */
  readonly onUnsafe?: 'reject' | 'fallback'
  /** Hosts besides those of the application, for this route alone. */
  readonly hosts?: readonly string[]
}

/** A status under which browsers follow a Location. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308

/** How a redirect is sent. */
export interface StatusOptions {
  /** Default: the one that the reply has already, else 303 after a POST and 302 after anything else. */
  readonly status?: RedirectStatus
}

/** How `reply.safeRedirect` answers. */
export interface SafeRedirectOptions extends StatusOptions {
  /** Where to go when the target is not safe. Without it, the reply is a 400. */
  readonly fallback?: string
}

const closed = { additionalProperties: false }

const rules = {
  origin: Type.Optional(Type.String({ description: 'The own origin, `https://app.test`. Required unless `localOnly` is set.' })),
  hosts: Type.Optional(Type.Array(Type.String(), { default: [], description: 'Other hosts that a redirect may lead to: see [the list of hosts](#the-list-of-hosts).' })),
  requireHttps: Type.Optional(Type.Boolean({ description: 'Refuses plain http on the own host. On when `origin` is https. Set to `true`, it admits no `http://` entry in `hosts`, either.' })),
  localOnly: Type.Optional(Type.Boolean({ default: false, description: 'Admits only `/path`: no host, no path without a slash before it.' })),
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 16_384, default: 2048, description: 'Characters of a target, those of the own origin not counted.' }))
} satisfies Record<keyof ResolveOptions, OptionSchema>

const own = {
  guardAll: Type.Optional(Type.Boolean({ default: true, description: 'Checks every Location of a reply with a status of 3xx or 201: see [the net](#the-net-under-every-location).' })),
  keys: Type.Optional(Type.Array(Type.String(), { minItems: 1, expected: 'an array of at least one key', description: 'Keys for `signNext`, 32 bytes each, hex or base64url. The first signs, the others still verify.' }))
} satisfies Record<Exclude<keyof RedirectOptions, keyof ResolveOptions>, OptionSchema>

/** The options of `resolveRedirect` and `isSafeRedirect`. */
export const resolveSchema: OptionSchema = Type.Object(rules, closed)

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/redirect.md`. */
export const redirectSchema: OptionSchema = Type.Object({ ...rules, ...own }, closed)

const sources = Type.Union([Type.Literal('query'), Type.Literal('body')])

/** What `config.security.redirect` may hold. */
export const routeRedirectSchema: OptionSchema = Type.Union([Type.Object({
  field: Type.Optional(Type.String({ minLength: 1, expected: 'the name of a field' })),
  in: Type.Optional(Type.Array(sources, { minItems: 1, uniqueItems: true, expected: "an array of `'query'` and `'body'`" })),
  fallback: Type.Optional(Type.String()),
  onUnsafe: Type.Optional(Type.Union([Type.Literal('reject'), Type.Literal('fallback')])),
  hosts: Type.Optional(Type.Array(Type.String()))
} satisfies Record<keyof RouteRedirect, OptionSchema>, closed), Type.Literal(false)])

export const OPTION_CODES: OptionErrorCodes = { unknown: 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_REDIRECT_OPTION_INVALID' }

/** What the plugin does when nothing is said. `origin`, `requireHttps` and `keys` have no fixed default. */
export const redirectDefaults: Readonly<Pick<Required<RedirectOptions>, 'hosts' | 'localOnly' | 'maxLength' | 'guardAll'>> = Object.freeze({
  hosts: Object.freeze([]),
  localOnly: false,
  maxLength: 2048,
  guardAll: true
})
