import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'
import { parseDirectives, type Policy } from './csp-policy.ts'

/** Trusted Types (W3C): assigning a string to a sink such as `innerHTML` throws, or is reported first. */
export interface TrustedTypes {
  /** `'report-only'` to find what would break; `'enforce'` when the reports have stopped. */
  readonly mode: 'report-only' | 'enforce'
  /** The policies that scripts may make, and `'allow-duplicates'`. Default: any. */
  readonly policies?: readonly string[]
}

/** What the option admits besides `false`. */
export const trustedTypesSchema: OptionSchema = Type.Object({
  mode: Type.Union([Type.Literal('report-only'), Type.Literal('enforce')], { description: 'Report first, then enforce.' }),
  policies: Type.Optional(Type.Array(Type.String(), { description: 'The policies that scripts may make.' }))
}, { additionalProperties: false })

/** The directives of the option. Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID` for a name that the grammar refuses. */
export function trustedTypesPolicy ({ policies }: TrustedTypes, path: string): Policy {
  return parseDirectives({
    'require-trusted-types-for': ["'script'"],
    ...(policies === undefined ? {} : { 'trusted-types': policies })
  }, path)
}
