import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'
import type { CsrfEvent, Reason } from './event.ts'

/** Options of the csrf plugin, for the request and the reply of whoever serves it. */
export interface CsrfSettings<Request, Reply> {
  /**
   * The origin of the application as browsers see it, or several: `https://app.test`. Never taken from a header that a proxy, or somebody in its place, could set.
   * Two own origins that post to each other also have to be among `trustedOrigins`.
   */
  readonly origin: string | readonly string[]
  /**
   * Master keys of 32 bytes as hex or base64url. The first signs tokens and cookies, the others still verify them. `generateKey()` makes one.
   */
  readonly keys: readonly string[]
  /** Other origins that may cause changes, exactly as browsers write them. Default `[]`. */
  readonly trustedOrigins?: readonly string[]
  /** `'report'` logs what it would refuse and lets it through. Default `'enforce'`. */
  readonly mode?: 'enforce' | 'report'
  /** The field of a body that holds the token. Default `'_csrf'`. */
  readonly fieldName?: string
  /** The header that holds the token, in any case. Default `'x-csrf-token'`. */
  readonly headerName?: string
  /**
   * Answers a refused request in the place of the error: sends a reply or returns its payload; the status is 403 already. Where it does neither, the
   * error follows. The body is parsed where a token in it was at fault, so that a form can be shown again with what was written.
   */
  readonly onRefused?: (request: Request, reply: Reply, reason: Reason) => unknown
  /** Told of refused requests, 60 a minute at most. */
  readonly onEvent?: (event: CsrfEvent) => void
}

/**
 * What `config.security.csrf` of a route may hold: `false` exempts it; `'strict'` checks GET, HEAD and OPTIONS, too; `'token'` wants a token even where the
 * headers would do; `trustedOrigins` adds to those of the application.
 */
export type RouteCsrf = false | 'strict' | 'token' | { readonly trustedOrigins: readonly string[] }

const closed = { additionalProperties: false }

const strings = Type.Array(Type.String())

function fn (description: string): OptionSchema {
  return Type.Optional(Type.Refine(Type.Unsafe<unknown>({ expected: 'a function', description }), (value) => typeof value === 'function'))
}

function name (pattern: RegExp, annotations: { default: string, description: string, expected: string }): OptionSchema {
  // What every object has would be found in every body.
  return Type.Optional(Type.Refine(Type.String(annotations), (value) => pattern.test(value) && !(value in Object.prototype)))
}

const trustedOrigins = { default: [], description: 'Other origins that may cause changes.' }

const own = {
  origin: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], { expected: 'an origin or an array of them', description: 'The origin of the application as browsers see it, or several.' }),
  keys: Type.Array(Type.String(), { description: 'Master keys of 32 bytes, hex or base64url. The first signs, all verify.' }),
  trustedOrigins: Type.Optional(Type.Array(Type.String(), trustedOrigins)),
  mode: Type.Optional(Type.Union([Type.Literal('enforce'), Type.Literal('report')], { default: 'enforce', description: '`\'report\'` logs what it would refuse and lets it through.' })),
  fieldName: name(/^[A-Za-z_][\w-]{0,63}$/, { default: '_csrf', description: 'The field of a body that holds the token.', expected: 'a name of 1 to 64 letters, digits, `_` and `-`' }),
  headerName: name(/^[A-Za-z][\w-]{0,63}$/, { default: 'x-csrf-token', description: 'The header that holds the token.', expected: 'a name of 1 to 64 letters, digits, `_` and `-`' }),
  onRefused: fn('`(request, reply, reason)`: answers a refused request in the place of the error.'),
  onEvent: fn('`(event)`: is told of refused requests, 60 a minute at most.')
} satisfies Record<keyof CsrfSettings<never, never>, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/csrf.md`. */
export const csrfSchema: OptionSchema = Type.Object(own, closed)

/** What `config.security.csrf` may hold. */
export const routeCsrfSchema: OptionSchema = Type.Union([
  Type.Literal(false), Type.Literal('strict'), Type.Literal('token'), Type.Object({ trustedOrigins: strings }, { ...closed, expected: 'an object with `trustedOrigins`' })
])

/** What holds where nothing is set. `origin` and `keys` have to be given. */
export const csrfDefaults: Readonly<Required<Pick<CsrfSettings<never, never>, 'trustedOrigins' | 'mode' | 'fieldName' | 'headerName'>>> = Object.freeze({
  trustedOrigins: Object.freeze([]),
  mode: 'enforce',
  fieldName: '_csrf',
  headerName: 'x-csrf-token'
})
