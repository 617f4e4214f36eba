import { Type, type TArray, type TBoolean, type TEnum, type TInteger, type TLiteral, type TNumber, type TSchema, type TString } from 'typebox'
import { file, files, type FileOptions, type FileSchema } from './file-fields.ts'
import { FORMAT_PREFIX } from './formats.ts'

/** `min`, `max`: length in characters (code points). */
export interface TextOptions {
  readonly min?: number
  readonly max?: number
  /** A regular expression for the whole value, from `^` to `$`, without flags. */
  readonly pattern?: string
  /** What the field is called on the page and in messages. */
  readonly title?: string
  readonly description?: string
  /** The value of a field that was not sent. */
  readonly default?: string
}

/** `min`, `max`: the least and the greatest value that is admitted. */
export interface NumberOptions {
  readonly min?: number
  readonly max?: number
  readonly title?: string
  readonly description?: string
  readonly default?: number
}

/** What a field of no other option may be told. */
export interface FieldOptions {
  readonly title?: string
  readonly description?: string
  readonly default?: string
}

function text (format: string, { min, max, ...rest }: TextOptions, fallback: TextOptions = {}): TString {
  const minLength = min ?? fallback.min
  // Every builder has one.
  const maxLength = (max ?? fallback.max)!
  if (minLength !== undefined && minLength > maxLength) throw new RangeError(`f.${format}: \`min\` is greater than \`max\`.`)
  const pattern = rest.pattern ?? fallback.pattern
  return Type.String({
    ...rest,
    format: `${FORMAT_PREFIX}${format}`,
    ...minLength === undefined ? {} : { minLength },
    maxLength,
    ...pattern === undefined ? {} : { pattern }
  })
}

function range (name: string, { min, max, ...rest }: NumberOptions): Record<string, unknown> {
  if (min !== undefined && max !== undefined && min > max) throw new RangeError(`f.${name}: \`min\` is greater than \`max\`.`)
  return { ...rest, ...min === undefined ? {} : { minimum: min }, ...max === undefined ? {} : { maximum: max } }
}

/** How many characters a text has at the most when nothing is said. */
const TEXT_MAX = 1000
/** A URL that every browser and proxy passes on. */
const URL_MAX = 2048
/** `Number` holds every integer up to here: 2 to the power of 53, less 1. */
const { MAX_SAFE_INTEGER } = Number

/** The mark of a field that the page does not show. Not enumerable, so that JSON Schema, OpenAPI and other validators see nothing of it. */
export const HIDDEN = '~bulwarkHidden'

/** One line of text, 1 to 1000 characters. With `multiline`, tabs and line ends are admitted. */
function textField ({ multiline = false, ...options }: TextOptions & { readonly multiline?: boolean } = {}): TString {
  return text(multiline ? 'multiline' : 'text', options, { min: 1, max: TEXT_MAX })
}

function decimal ({ digits = 12, places = 2, min, max, ...rest }: FieldOptions & { readonly digits?: number, readonly places?: number, readonly min?: string, readonly max?: string } = {}): TString {
  if (!(Number.isInteger(digits) && Number.isInteger(places) && digits > 0 && places >= 0)) throw new RangeError('f.decimal: `digits` and `places` are whole numbers.')
  const fraction = places === 0 ? '' : `(?:\\.[0-9]{1,${places}})?`
  const schema = text('decimal', { ...rest, max: digits + places + 2, pattern: `^-?(?:0|[1-9][0-9]{0,${digits - 1}})${fraction}$` })
  const bounds = [min, max].map((bound) => bound === undefined ? undefined : scaled(bound, places))
  if (bounds[0] !== undefined && bounds[1] !== undefined && bounds[0] > bounds[1]) throw new RangeError('f.decimal: `min` is greater than `max`.')
  const isInRange = (value: string): boolean => {
    const number = scaled(value, places)
    return (bounds[0] === undefined || number >= bounds[0]) && (bounds[1] === undefined || number <= bounds[1])
  }
  return min === undefined && max === undefined ? schema : Type.Refine(schema, isInRange, () => 'range')
}

/** A decimal as a whole number of its smallest part: no binary fraction comes near it. */
function scaled (value: string, places: number): bigint {
  const [whole, fraction = ''] = value.split('.') as [string, string | undefined]
  return BigInt(whole + fraction.padEnd(places, '0'))
}

function choice<const Values extends readonly string[]> (values: Values, options: FieldOptions = {}): TEnum<[...Values]> {
  if (values.length === 0) throw new RangeError('f.choice: there is nothing to choose from.')
  // TypeBox infers the members one by one from a list in place; from a list that has its type already, it does not.
  return Type.Enum([...values] as string[], { ...options }) as TEnum<string[]> as TEnum<[...Values]>
}

function list<Item extends TSchema> (item: Item, { min, max = 100, ...rest }: { readonly min?: number, readonly max?: number, readonly unique?: boolean, readonly title?: string } = {}): TArray<Item> {
  const { unique, ...shown } = rest
  if (min !== undefined && min > max) throw new RangeError('f.list: `min` is greater than `max`.')
  return Type.Array(item, { ...shown, maxItems: max, ...min === undefined ? {} : { minItems: min }, ...unique === true ? { uniqueItems: true } : {} })
}

/** The field builders: each gives a TypeBox schema, for a property of `Type.Object`. */
export interface Fields {
  /** One line of text, or several with `multiline`. 1 to 1000 characters. */
  text (options?: TextOptions & { readonly multiline?: boolean }): TString
  /** A secret: taken as it is, and never shown again, logged or given back. 1 to 128 characters. */
  secret (options?: TextOptions): TString
  /** A name that begins with a letter and goes on in letters, digits, dots and underscores: ASCII, or one script with `script: 'any'`. 1 to 64 characters. */
  username (options?: TextOptions & { readonly script?: 'ascii' | 'any' }): TString
  /** An e-mail address as `<input type=email>` has it, with a dot in its domain. At most 254 characters. */
  email (options?: TextOptions): TString
  /** An absolute URL of http or https without user and password. With `protocols`, of these. At most 2048 characters. */
  url (options?: TextOptions & { readonly protocols?: readonly string[] }): TString
  /** A UUID, in its form of 36 characters. */
  uuid (options?: FieldOptions): TString
  /** An IP address; with `version`, of that version. */
  ip (options?: FieldOptions & { readonly version?: 4 | 6 }): TString
  /** A MAC address: six pairs of hexadecimal digits with colons or hyphens. */
  mac (options?: FieldOptions): TString
  /** Lower-case letters, digits and single hyphens. 1 to 100 characters. */
  slug (options?: TextOptions): TString
  /** A whole number that JavaScript holds exactly. */
  integer (options?: NumberOptions): TInteger
  /** A number with a fraction, as JavaScript has them. Not for money: see `decimal`. */
  number (options?: NumberOptions): TNumber
  /** A decimal number, kept as a string since binary fractions lose cents: at most `digits` before the point (12) and `places` behind it (2). */
  decimal (options?: FieldOptions & { readonly digits?: number, readonly places?: number, readonly min?: string, readonly max?: string }): TString
  /** A box to tick. What was not sent is `false`. */
  checkbox (options?: { readonly title?: string, readonly description?: string }): TBoolean
  /** A box that must be ticked, such as for terms. */
  agreement (options?: { readonly title?: string, readonly description?: string }): TLiteral<true>
  /** A day, `2026-11-25`, without a time zone. */
  date (options?: FieldOptions): TString
  /** A day and a time of day, `2026-11-25T14:30`, without a time zone. */
  datetimeLocal (options?: FieldOptions): TString
  /** A month, `2026-11`. */
  month (options?: FieldOptions): TString
  /** A week by ISO 8601, `2026-W48`. */
  week (options?: FieldOptions): TString
  /** A time of day, `14:30`. */
  time (options?: FieldOptions): TString
  /** A colour, `#1a2b3c`. */
  color (options?: FieldOptions): TString
  /** One of these. */
  choice<const Values extends readonly string[]> (values: Values, options?: FieldOptions): TEnum<[...Values]>
  /** Some of these, each once. */
  choices<const Values extends readonly string[]> (values: Values, options?: { readonly min?: number, readonly max?: number, readonly title?: string }): TArray<TEnum<[...Values]>>
  /** A field that the page does not show. It can be changed by whoever sends the form, as every other. */
  hidden<Schema extends TSchema> (schema: Schema): Schema
  /** A file, which is an `Upload` in the values. The plugin `fastify-bulwark/files` reads it. */
  file (options: FileOptions): FileSchema
  /** At most `max` files (10) in one field, each an `Upload`. */
  files (options: FileOptions & { readonly min?: number, readonly max?: number }): TArray<FileSchema>
  /** A list of at most `max` members (100). */
  list<Item extends TSchema> (item: Item, options?: { readonly min?: number, readonly max?: number, readonly unique?: boolean, readonly title?: string }): TArray<Item>
}

const plain = (format: string, max: number) => (options: FieldOptions = {}): TString => text(format, options, { max })

export const f: Fields = Object.freeze({
  text: textField,
  secret: (options = {}) => text('secret', options, { min: 1, max: 128 }),
  username: ({ script = 'ascii', ...options } = {}) => script === 'any'
    ? text('username-script', options, { min: 1, max: 64 })
    : text('username', options, { min: 1, max: 64, pattern: '^[A-Za-z][A-Za-z0-9._]*$' }),
  email: (options = {}) => text('email', options, { max: 254 }),
  url: ({ protocols, ...options } = {}) => protocols === undefined
    ? text('web-url', options, { max: URL_MAX })
    : text('url', options, { max: URL_MAX, pattern: `^(?:${protocols.map(scheme).join('|')}):\\/\\/[^\\s]+$` }),
  uuid: plain('uuid', 36),
  ip: ({ version, ...options } = {}) => text(`ip${version === undefined ? '' : `v${version}`}`, options, { max: 45 }),
  mac: plain('mac', 17),
  slug: (options = {}) => text('slug', options, { max: 100 }),
  integer: ({ min = -MAX_SAFE_INTEGER, max = MAX_SAFE_INTEGER, ...options } = {}) => Type.Integer(range('integer', { min, max, ...options })),
  number: (options = {}) => Type.Number(range('number', options)),
  decimal,
  checkbox: (options = {}) => Type.Boolean({ ...options, default: false }),
  agreement: (options = {}) => Type.Literal(true, options),
  date: plain('date', 10),
  datetimeLocal: plain('datetime-local', 23),
  month: plain('month', 7),
  week: plain('week', 8),
  time: plain('time', 12),
  color: plain('color', 7),
  choice,
  choices: (values, options = {}) => list(choice(values), { max: values.length, unique: true, ...options }),
  hidden: <Schema extends TSchema> (schema: Schema): Schema => {
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Schema
    return Object.defineProperty(copy, HIDDEN, { value: true, configurable: true })
  },
  file,
  files,
  list
} satisfies Fields)

function scheme (name: string): string {
  if (!/^[a-z][a-z\d+.-]*$/.test(name) || /^(?:javascript|data|vbscript|blob|file)$/.test(name)) throw new RangeError('f.url: `protocols` are names such as `https`, without a colon; those that run or read something are refused.')
  return name.replace(/[+.]/g, '\\$&')
}
