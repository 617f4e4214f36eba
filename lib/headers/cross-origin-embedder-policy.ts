import { Type } from 'typebox'
import type { OptionSchema } from '../options.ts'

/** What the page may embed without its consent (HTML §7.1.4). */
export type CrossOriginEmbedderPolicy = 'require-corp' | 'credentialless' | 'unsafe-none'

/** What the option admits besides `false`. */
export const crossOriginEmbedderPolicySchema: OptionSchema = Type.Union([Type.Literal('require-corp'), Type.Literal('credentialless'), Type.Literal('unsafe-none')])
