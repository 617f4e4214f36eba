import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** Which sites may embed the reply (Fetch §3.7). */
export type CrossOriginResourcePolicy = 'same-origin' | 'same-site' | 'cross-origin'

/** What the option admits besides `false`. */
export const crossOriginResourcePolicySchema: OptionSchema = Type.Union([Type.Literal('same-origin'), Type.Literal('same-site'), Type.Literal('cross-origin')])
