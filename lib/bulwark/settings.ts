import { Type } from 'typebox'
import type { OptionErrorCodes, OptionSchema } from '../options.ts'
import type { Part } from './parts.ts'

/** What is said once for all parts that need it. */
export interface SharedOptions {
  /**
   * Master keys of 32 random bytes, hex or base64url, as `generateKey()` makes them: `keys` of session, csrf and redirect. The first one encrypts and signs,
   * the others still open what they made. No part uses them as they are: each derives keys of its own for each purpose.
   */
  readonly keys?: readonly string[]
  /** The origin of the application as browsers see it, `https://app.test`: `origin` of csrf and redirect, and the host and port of https of transport. */
  readonly origin?: string
  /** The hosts that the application answers under: `hosts` of transport. Default: that of `origin`. No redirect leads to them; for that, there is `redirect.hosts`. */
  readonly hosts?: readonly string[]
}

/** What is on where nothing is said: every part but integrity, which has to know what it hashes. */
export const bulwarkDefaults: Readonly<Record<Part, object | false>> = Object.freeze({
  headers: Object.freeze({}),
  transport: Object.freeze({}),
  integrity: false,
  session: Object.freeze({}),
  csrf: Object.freeze({}),
  input: Object.freeze({}),
  files: Object.freeze({}),
  redirect: Object.freeze({})
})

/** Of a part, only that it is an object: what it holds is checked by the part. */
function part (name: Part, description: string): OptionSchema {
  // A class of the application, a Map or a list would pass for an object without a key, and be ignored.
  const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  const options = Type.Refine(Type.Unsafe<object>({ type: 'object' }), isPlain)
  return Type.Optional(Type.Union([options, Type.Literal(false)], { default: bulwarkDefaults[name], expected: 'the options of the part, or `false`', description }))
}

const own = {
  keys: Type.Optional(Type.Array(Type.String(), { description: 'Master keys of 32 random bytes, hex or base64url: `keys` of session, csrf and redirect. The first one encrypts and signs, the others still open what they made.' })),
  origin: Type.Optional(Type.String({ expected: 'one origin, such as `https://app.test`', description: 'The origin of the application as browsers see it: `origin` of csrf and redirect, and the host and the port of https of transport.' })),
  hosts: Type.Optional(Type.Array(Type.String(), { description: 'The hosts that the application answers under: `hosts` of transport. Without it, the host of `origin`.' })),
  headers: part('headers', 'Options of [headers](headers.md#options).'),
  transport: part('transport', 'Options of [transport](transport.md#options).'),
  integrity: part('integrity', 'Options of [integrity](integrity.md#options). It has to be told what it hashes, so it is off until then.'),
  session: part('session', 'Options of [session](session.md#options).'),
  csrf: part('csrf', 'Options of [csrf](csrf.md#options).'),
  input: part('input', 'Options of [input](input.md#options).'),
  files: part('files', 'Options of [files](files.md#options).'),
  redirect: part('redirect', 'Options of [redirect](redirect.md#options).')
} satisfies Record<keyof SharedOptions | Part, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/bulwark.md`. */
export const bulwarkSchema: OptionSchema = Type.Object(own, { additionalProperties: false })

export const OPTION_CODES: OptionErrorCodes = { unknown: 'BULWARK_ERR_BULWARK_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_BULWARK_OPTION_INVALID' }
