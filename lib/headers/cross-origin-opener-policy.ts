import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** Who keeps a handle on the window of the page (HTML §7.1.3). */
export type CrossOriginOpenerPolicy = 'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups' | 'unsafe-none'

/** What the option admits besides `false`. */
export const crossOriginOpenerPolicySchema: OptionSchema = Type.Union([Type.Literal('same-origin'), Type.Literal('same-origin-allow-popups'), Type.Literal('noopener-allow-popups'), Type.Literal('unsafe-none')])
