import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** The tokens of W3C Referrer Policy §3. */
const REFERRER_POLICIES = ['no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin',
  'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'] as const

/** How much of the address a browser tells to the next page. */
export type ReferrerPolicy = typeof REFERRER_POLICIES[number]

const token = Type.Union(REFERRER_POLICIES.map((policy) => Type.Literal(policy)))

/** What the option admits besides `false`. */
export const referrerPolicySchema: OptionSchema = Type.Union([Type.Array(token, { minItems: 1 }), token])

/** The header's value: one token, or several of which a browser takes the last that it knows (W3C Referrer Policy §4.1). */
export function formatReferrerPolicy (policy: ReferrerPolicy | readonly ReferrerPolicy[]): string {
  return typeof policy === 'string' ? policy : policy.join(', ')
}
