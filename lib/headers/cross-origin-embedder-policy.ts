import { Type, type TSchema } from 'typebox'

/** What the page may embed without its consent (HTML §7.1.4). */
export type CrossOriginEmbedderPolicy = 'require-corp' | 'credentialless' | 'unsafe-none'

/** What the option admits besides `false`. */
export const crossOriginEmbedderPolicySchema: TSchema = Type.Union([Type.Literal('require-corp'), Type.Literal('credentialless'), Type.Literal('unsafe-none')])
