import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** The switch of a filter that browsers have taken out. `1` made pages leak through what it blocked (OWASP Secure Headers); the lint says so. */
export type XXssProtection = '0' | '1' | '1; mode=block'

/** What the option admits besides `false`. */
export const xXssProtectionSchema: OptionSchema = Type.Union([Type.Literal('0'), Type.Literal('1'), Type.Literal('1; mode=block')])
