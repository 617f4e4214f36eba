import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'
import type { Policy } from './csp-policy.ts'

/** `derive` follows `frame-ancestors` of the enforced policy. */
export type XFrameOptions = 'derive' | 'DENY' | 'SAMEORIGIN'

/** What the option admits besides `false`. `ALLOW-FROM` is obsolete: browsers take it for no header at all. */
export const xFrameOptionsSchema: OptionSchema = Type.Union([Type.Literal('derive'), Type.Literal('DENY'), Type.Literal('SAMEORIGIN')])

/**
 * The value of X-Frame-Options (RFC 7034), which browsers ignore where they know `frame-ancestors`; `undefined` for no header.
 * Hosts cannot be said in it, so a policy that names hosts goes without.
 */
export function formatXFrameOptions (option: XFrameOptions, policy: Policy | undefined): string | undefined {
  if (option !== 'derive') return option
  const ancestors = policy?.get('frame-ancestors')?.join(' ')
  if (ancestors === "'none'") return 'DENY'
  return ancestors === "'self'" ? 'SAMEORIGIN' : undefined
}
