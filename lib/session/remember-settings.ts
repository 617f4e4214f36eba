import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** How devices are remembered. */
export interface RememberOptions {
  /** Seconds after which a device has to sign in, however much it is used, 60 to 34560000 (400 days, the most that browsers keep a cookie). Default 2592000, 30 days. */
  readonly maxAge?: number
  /** Seconds without a wake-up after which a device has to sign in. Default 2592000, or `maxAge` where that is less. */
  readonly idle?: number
  /** Seconds for which the token before the last one is still answered with the last one, 1 to 60. Not less than a request may take. Default 30. */
  readonly grace?: number
  /** What a replayed token ends: that device and the sessions made from it, or everything of its user. Default `'user'`. */
  readonly onTheft?: 'family' | 'user'
  /** Name without a prefix, which is that of the cookie of the session. Default `'remember'`. */
  readonly cookieName?: string
}

/** What holds where an option is not given. */
export const rememberDefaults: Readonly<Required<RememberOptions>> = Object.freeze({ maxAge: 2_592_000, idle: 2_592_000, grace: 30, onTheft: 'user', cookieName: 'remember' })

const seconds = (minimum: number, maximum: number, fallback: number, description: string): OptionSchema => Type.Optional(Type.Integer({ minimum, maximum, default: fallback, description }))

const { maxAge, idle, grace, onTheft, cookieName } = rememberDefaults
const shape = Type.Object({
  maxAge: seconds(60, 34_560_000, maxAge, 'Seconds after which a device has to sign in, however much it is used.'),
  idle: seconds(60, 34_560_000, idle, 'Seconds without a wake-up after which a device has to sign in.'),
  grace: seconds(1, 60, grace, 'Seconds for which the token before the last one is answered with the last one. Not less than a request may take.'),
  onTheft: Type.Optional(Type.Union([Type.Literal('family'), Type.Literal('user')], { default: onTheft, description: 'What a replayed token ends: that device and the sessions made from it, or everything of its user.' })),
  cookieName: Type.Optional(Type.String({ default: cookieName, description: 'Name without a prefix, which is that of the cookie of the session.' }))
} satisfies Record<keyof RememberOptions, OptionSchema>, { additionalProperties: false, expected: 'an object of `maxAge`, `idle`, `grace`, `onTheft` and `cookieName`' })

/** The option `remember` of the plugin. */
export const rememberSchema: OptionSchema = Type.Optional(Type.Union([shape, Type.Literal(false)], { description: 'How devices are [remembered](remember-me.md), or that they are not. Needs a store; with one, devices are remembered where a login asks for it.' }))

const METHODS = ['create', 'rotate', 'revoke', 'revokeUser', 'list'] as const

/** Whether a store, which may be one that an application wrote, can remember devices. */
export function canRemember (store: object | undefined): boolean {
  const part = (store as { remember?: Record<string, unknown> } | undefined)?.remember
  return typeof part === 'object' && part !== null && METHODS.every((method) => typeof part[method] === 'function')
}

/** The options with their defaults; `undefined` where devices are not remembered. */
export function rememberTerms (given: RememberOptions | false | undefined, store: object | undefined): Required<RememberOptions> | undefined {
  if (given === false || !canRemember(store)) return undefined
  const terms = { ...rememberDefaults, ...given }
  return { ...terms, idle: given?.idle ?? Math.min(terms.idle, terms.maxAge) }
}
