import { Type, type TSchema } from 'typebox'

/** Who keeps a handle on the window of the page (HTML §7.1.3). */
export type CrossOriginOpenerPolicy = 'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups' | 'unsafe-none'

/** What the option admits besides `false`. */
export const crossOriginOpenerPolicySchema: TSchema = Type.Union([Type.Literal('same-origin'), Type.Literal('same-origin-allow-popups'), Type.Literal('noopener-allow-popups'), Type.Literal('unsafe-none')])
