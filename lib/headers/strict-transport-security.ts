import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { expectation, type OptionSchema } from '../options.ts'

/** Strict-Transport-Security (RFC 6797 §6.1). */
export interface StrictTransportSecurity {
  /** Seconds, 0 to 3153600000 (100 × 365 days). Default 31536000 (one year, ASVS 5.0 3.4.1). `0` makes browsers forget the host. */
  readonly maxAge?: number
  /** Default `true`. */
  readonly includeSubDomains?: boolean
  /** Asks for a place on the browsers' built-in list, which is hard to leave again. Needs a year and the subdomains. Default `false`. */
  readonly preload?: boolean
}

/** A year in seconds: the least of ASVS 5.0 3.4.1, and of hstspreload.org. */
export const YEAR = 31_536_000

/** What the option admits besides `false`. */
export const strictTransportSecuritySchema: OptionSchema = Type.Object({
  maxAge: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 * YEAR, default: YEAR, description: 'Seconds that a browser keeps to https. `0` makes it forget the host.' })),
  includeSubDomains: Type.Optional(Type.Boolean({ default: true, description: 'Whether every subdomain is bound, too.' })),
  preload: Type.Optional(Type.Boolean({ default: false, description: 'Asks for a place on the browsers\' built-in list. Needs a year and the subdomains.' }))
}, { additionalProperties: false })

/** The header's value. Throws `SecurityError` for a `preload` that the list would turn down. */
export function formatStrictTransportSecurity ({ maxAge = YEAR, includeSubDomains = true, preload = false }: StrictTransportSecurity, path: string): string {
  if (preload && (maxAge < YEAR || !includeSubDomains)) {
    throw new SecurityError('BULWARK_ERR_HEADERS_OPTION_INVALID', expectation(`${path}.preload`, `\`false\`, or a \`maxAge\` of at least ${YEAR} with \`includeSubDomains\``, preload))
  }
  return `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}
