import { createHash } from 'node:crypto'
import type { CheckResult } from './form-options.ts'
import { commonPasswords, foldPassword } from './common-passwords.ts'
import { codePoints } from './text.ts'

/** What a password is held to. No rule speaks of capitals, digits or signs: ASVS 5.0, 6.2.5. */
export interface PasswordOptions<Request = unknown> {
  /** Characters (code points), from 8. Default 15 (NIST SP 800-63B-4: 15 where a password is the only factor). */
  readonly min?: number
  /**
   * More passwords that are refused, in any case of letters, such as those that have to do with the site (ASVS 5.0, 6.2.11). Some 5100 of the
   * commonest are refused without it (ASVS 5.0, 6.2.4).
   */
  readonly common?: Iterable<string>
  /** Words that must not make up the password: the name of the site, or the name and address of the user. */
  readonly context?: (request: Request, values: Readonly<Record<string, unknown>>) => ReadonlyArray<string | undefined>
  /**
   * Looks the password up among published ones (ASVS 5.0, 6.2.12). Gets the first five hexadecimal digits of its SHA-1 and gives the
   * lines `REST:COUNT` for these, as `https://api.pwnedpasswords.com/range/` does; the password itself never leaves the process.
   */
  readonly breached?: (prefix: string, context: { readonly signal: AbortSignal }) => Promise<string>
  /** What is done when `breached` fails: `'throw'` (default) answers 500, `'accept'` goes on without it. */
  readonly onBreachedFailure?: 'throw' | 'accept'
}

/** A word of less letters says nothing about a password. */
const SHORTEST_WORD = 4

/**
 * A check of a new password, for the option `check` of a form. Not for logging in: there, whatever was once set must be accepted.
 *
 * Throws `RangeError` for a `min` below 8.
 */
export function password<Request = unknown> (options: PasswordOptions<Request> = {}): (value: string, context: { readonly request: Request, readonly signal: AbortSignal, readonly values: object }) => Promise<CheckResult> {
  const { min = 15, context: contextOf, breached, onBreachedFailure = 'throw' } = options
  if (!Number.isInteger(min) || min < 8) throw new RangeError('password.min: expected an integer from 8.')
  const own = new Set([...options.common ?? []].map(foldPassword))
  return async (value, { request, signal, values }) => {
    if (codePoints(value) < min) return { key: 'passwordShort', params: { min } }
    const folded = foldPassword(value)
    if (own.has(folded) || (await commonPasswords()).has(folded)) return 'passwordCommon'
    const words = contextOf?.(request, values as Record<string, unknown>) ?? []
    if (words.some((word) => word !== undefined && isMadeOf(folded, foldPassword(word)))) return 'passwordContext'
    if (breached === undefined) return undefined
    return await isBreached(value, breached, signal, onBreachedFailure) ? 'passwordBreached' : undefined
  }
}

/** The word, with less beside it than a password has to be guessed by. */
function isMadeOf (password: string, word: string): boolean {
  return word.length >= SHORTEST_WORD && password.includes(word) && password.replaceAll(word, '').length < SHORTEST_WORD * 2
}

async function isBreached (value: string, breached: NonNullable<PasswordOptions['breached']>, signal: AbortSignal, onFailure: 'throw' | 'accept'): Promise<boolean> {
  const hash = createHash('sha1').update(value).digest('hex').toUpperCase()
  try {
    const lines = await breached(hash.slice(0, 5), { signal })
    // A padded answer has lines that count 0.
    return lines.split('\n').some((line) => line.toUpperCase().startsWith(`${hash.slice(5)}:`) && Number(line.split(':')[1]) > 0)
  } catch (error) {
    if (onFailure === 'accept' && !signal.aborted) return false
    throw error
  }
}
