import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, recordOf, unknownName, type OptionSchema } from '../options.ts'
import type { BodyKind } from './body-kind.ts'
import { english, type Message, type MessageKey, type MessageParams } from './messages.ts'

/** How much of a body is read. */
export interface InputLimits {
  /** Bytes, of routes that have no `bodyLimit` of their own. Default: that of Fastify, 1048576. */
  readonly body?: number
  /** Names and members in the whole body, from 1. Default 1000. */
  readonly fields?: number
  /** Objects and lists within each other, from 1. Default 8. */
  readonly depth?: number
  /** Members of one list, from 1. Default 1000. */
  readonly items?: number
  /** Errors that are told, from 1. Default 100. */
  readonly errors?: number
}

/** The options of the plugin. `Request` is that of Fastify. */
export interface InputOptions<Request = unknown> {
  /** What happens with the findings of the lint of schemas: nothing, a line in the log at start, a refusal to start. Default `'error'`. */
  readonly lint?: 'off' | 'warn' | 'error'
  /** The kinds of body that a route reads that says nothing itself. Default `['form', 'json']`. */
  readonly accepts?: readonly BodyKind[]
  /** What is too much. */
  readonly limits?: InputLimits
  /** Fields that are taken out of a body before its schema sees it, for other plugins. Default `['_csrf']`. */
  readonly setAside?: readonly string[]
  /** Seconds that the checks of a form may take together, from 1 to 300. Default 5. */
  readonly checkTimeout?: number
  /** Formats of the application, name to test: for `format` in its schemas. */
  readonly formats?: Readonly<Record<string, (value: string) => boolean>>
  /** Sentences in the place of the English ones, such as `german`. */
  readonly messages?: { readonly [Key in MessageKey]?: Message }
  /** The sentence for one request, such as by its language; nothing for that of `messages`. */
  readonly translate?: (key: string, params: MessageParams, request: Request) => string | undefined
}

const closed = { additionalProperties: false } as const
const func = (description: string): OptionSchema => Type.Optional(Type.Refine(Type.Unsafe<unknown>({ expected: 'a function', description }), (value) => typeof value === 'function', () => 'a function'))
const number = (minimum: number, maximum: number, fallback: number, description: string) => Type.Optional(Type.Integer({ minimum, maximum, default: fallback, description }))
// A copy would lose the refinement, which is not enumerable.
const table = (description: string): OptionSchema => Object.assign(recordOf(Type.Refine(Type.Unsafe<unknown>({ expected: 'a function' }), (value) => typeof value === 'function', () => 'a function')), { description })

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/input.md`. */
export const inputSchema: OptionSchema = Type.Object({
  lint: Type.Optional(Type.Union([Type.Literal('off'), Type.Literal('warn'), Type.Literal('error')], { default: 'error', description: 'What happens with the findings of the lint of schemas: nothing, a line in the log at start, a refusal to start.' })),
  accepts: Type.Optional(Type.Array(Type.Union([Type.Literal('form'), Type.Literal('json')]), { minItems: 1, default: ['form', 'json'], description: 'The kinds of body that a route reads which says nothing itself. Every other one is answered 415.' })),
  limits: Type.Optional(Type.Object({
    body: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_073_741_824, description: 'Bytes of a body, for routes without a `bodyLimit` of their own. Without it, that of Fastify holds.' })),
    fields: number(1, 1_000_000, 1000, 'Names and members in the whole body.'),
    depth: number(1, 100, 8, 'Objects and lists within each other, or parts of a name such as `items.0.name`.'),
    items: number(1, 1_000_000, 1000, 'Members of one list.'),
    errors: number(1, 1000, 100, 'Errors that are told.')
  }, { ...closed, description: 'What is too much, whatever the schema says.' })),
  setAside: Type.Optional(Type.Array(Type.String(), { default: ['_csrf'], description: 'Fields that are taken out of a body before its schema sees it, since they belong to another plugin.' })),
  checkTimeout: number(1, 300, 5, 'Seconds that the checks of a form may take together.'),
  formats: Type.Optional(table('Formats of the application, name to a function from the text to `true` or `false`.') as ReturnType<typeof Type.String>),
  messages: Type.Optional(table('Sentences in the place of the English ones, key to function; `german` is such a table.') as ReturnType<typeof Type.String>),
  translate: func('A function from key, parameters and request to a sentence, or to nothing for that of `messages`.') as ReturnType<typeof Type.String>
}, closed)

/** The options that hold when nothing is given. */
export const inputDefaults: Readonly<Required<Pick<InputOptions, 'lint' | 'accepts' | 'setAside' | 'checkTimeout' | 'limits'>>> = Object.freeze({
  lint: 'error',
  accepts: Object.freeze(['form', 'json'] as const),
  setAside: Object.freeze(['_csrf']),
  checkTimeout: 5,
  limits: Object.freeze({ fields: 1000, depth: 8, items: 1000, errors: 100 })
})

/** The options of one registration, complete. */
export type InputSettings = typeof inputDefaults & Pick<InputOptions, 'formats' | 'translate'> & { readonly messages: ReadonlyMap<string, Message>, readonly limits: Required<Omit<InputLimits, 'body'>> & Pick<InputLimits, 'body'> }

const check = compileOptions<InputOptions>(inputSchema, { unknown: 'BULWARK_ERR_INPUT_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_INPUT_OPTION_INVALID' })

/** Throws `SecurityError` `BULWARK_ERR_INPUT_OPTION_UNKNOWN` or `BULWARK_ERR_INPUT_OPTION_INVALID`. */
export function resolveSettings (given: unknown): InputSettings {
  const options = check(given, 'input')
  const stranger = Object.keys(options.messages ?? {}).find((key) => !Object.hasOwn(english, key))
  if (stranger !== undefined) throw new SecurityError('BULWARK_ERR_INPUT_OPTION_UNKNOWN', unknownName(`input.messages.${stranger}`, stranger, Object.keys(english)))
  return { ...inputDefaults, ...options, limits: { ...inputDefaults.limits, ...options.limits }, messages: new Map(Object.entries({ ...english, ...options.messages })) } as InputSettings
}
