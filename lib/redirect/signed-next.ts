import { Type } from 'typebox'
import { decodeBase64url } from '../base64url.ts'
import { SecurityError } from '../errors.ts'
import type { KeyRing } from '../keys.ts'
import { findMacKey, mac } from '../mac.ts'
import { compileOptions, expectation } from '../options.ts'
import { OPTION_CODES } from './settings.ts'

/** How long a signed target holds, and for whom. */
export interface SignOptions {
  /** Seconds from now, from 1 to 2592000 (30 days). */
  readonly maxAge: number
  /** A text that only one visitor has, such as the id of a session. `verifyNext` must be given the same. */
  readonly bind?: string
}

/** Why a token is refused: for the log alone. To a client, all of them are one. */
export type TokenFault = 'form' | 'signature' | 'expired'

/** What became of a token. */
export type Verification = { readonly ok: true, readonly href: string } | { readonly ok: false, readonly reason: TokenFault }

const MAX_AGE = 2_592_000

/** Clocks of several machines differ by this much at the most, in milliseconds. */
const TOLERANCE = 60_000

/** Beyond the longest target that can be signed, so that no time is spent on more. */
const LONGEST = 65_536

/** Seconds of the end, target and MAC; the numbers without leading zeros, so that a token has one spelling. */
const TOKEN = /^([1-9]\d{0,11})\.([\w-]+)\.([\w-]{43})$/

/** `undefined` is no binding that was left out: it is the id of a session that is not there. */
const BINDING = 'a text that is not empty, or no `bind` at all'

const checkOptions = compileOptions<SignOptions>(Type.Object({
  maxAge: Type.Integer({ minimum: 1, maximum: MAX_AGE }),
  bind: Type.Optional(Type.String({ minLength: 1, expected: BINDING }))
}, { additionalProperties: false }), OPTION_CODES)

/**
 * Targets of redirects as tokens that only the application can make. The keys are derived for this purpose and the own origin is signed along,
 * so that a token of another purpose or of another application is none. What it holds can be read by everybody.
 */
export class SignedNext {
  readonly #keys: readonly Buffer[]
  readonly #origin: string

  constructor (keys: KeyRing, origin: string) {
    this.#keys = keys.derive('redirect/next')
    this.#origin = origin
  }

  /** A token for `href`. `now`: milliseconds. Throws `SecurityError` for wrong options: a binding to nothing would bind nobody. */
  sign (href: string, options: SignOptions, now: number): string {
    const { maxAge, bind } = checkOptions(options, 'signNext')
    if (bind === undefined && 'bind' in options) throw new SecurityError(OPTION_CODES.invalid, expectation('signNext.bind', BINDING, bind))
    const end = String(Math.floor(now / 1000) + maxAge)
    return `${end}.${Buffer.from(href).toString('base64url')}.${mac(this.#keys[0]!, this.#parts(end, href, bind)).toString('base64url')}`
  }

  /** The target of a token that was signed for `bind` and has not expired. Never throws, whatever the two are. */
  verify (token: unknown, bind: unknown, now: number): Verification {
    const [, end, target, signature] = (typeof token === 'string' && token.length <= LONGEST ? TOKEN.exec(token) : null) ?? []
    const href = target === undefined ? undefined : decodeBase64url(target)?.toString()
    const given = signature === undefined ? undefined : decodeBase64url(signature)
    if (end === undefined || href === undefined || given === undefined) return { ok: false, reason: 'form' }
    if (bind !== undefined && typeof bind !== 'string') return { ok: false, reason: 'signature' }
    if (findMacKey(this.#keys, this.#parts(end, href, bind), given) === -1) return { ok: false, reason: 'signature' }
    const left = Number(end) * 1000 - now
    // None holds for longer than it may: what was signed by a clock that was wrong would, by as much.
    return left > 0 && left <= MAX_AGE * 1000 + TOLERANCE ? { ok: true, href } : { ok: false, reason: 'expired' }
  }

  #parts (end: string, href: string, bind: string | undefined): string[] {
    return [this.#origin, end, href, ...bind === undefined ? [] : [bind]]
  }
}

/** Stands where there are no keys: whoever signs or verifies is told so, whatever the request holds. */
export const unsigned: Pick<SignedNext, 'sign' | 'verify'> = { sign: missKeys, verify: missKeys }

function missKeys (): never {
  throw new SecurityError('BULWARK_ERR_REDIRECT_KEYS_MISSING', expectation('redirect.keys', 'at least one key', undefined, 'Make one with `openssl rand -hex 32`.'))
}

/** Of a value that may be a token: without keys, none is one. */
export function verifierOf (signed: Pick<SignedNext, 'verify'>): (given: unknown) => Verification {
  return signed === unsigned ? () => ({ ok: false, reason: 'form' }) : (given) => signed.verify(given, undefined, Date.now())
}
