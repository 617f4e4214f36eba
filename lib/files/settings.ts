import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import type { FILE_RULES } from '../form-files.ts'
import { compileOptions, expectation, recordOf, unknownName, type OptionSchema } from '../options.ts'
import type { ContentRules, Detector } from './inspect.ts'
import { isKind, KINDS, type KindName } from './kinds.ts'

/** What one request may bring. */
export interface FilesLimits {
  /** Bytes of the whole body, files and fields and what is between them. Default 10485760. */
  readonly request?: number
  /** Fields that are no files. Default 100. */
  readonly fields?: number
  /** Bytes of one field that is no file. One that is longer is refused, not cut. Default 65536. */
  readonly fieldSize?: number
}

/** The options of the plugin. */
export interface FilesOptions {
  /** The folder in which the private folder for temporary files is made. Default: that of the system. */
  readonly folder?: string
  readonly limits?: FilesLimits
  /** Says what other kinds of files are, by their first bytes: `fileTypeFromBuffer` of `file-type`. Without it, only the kinds of the plugin can be admitted. */
  readonly detect?: Detector
}

/** What a route may set in `config.security.files`. */
export type FilesSettings = Pick<FilesOptions, 'limits'>

/** What a field of a form takes: `form.files`. */
export interface FileField {
  /** The kinds that are admitted, by the bytes and by the name. */
  readonly types: ReadonlyArray<KindName | (string & {})>
  /** Bytes of one file. Default 1048576. */
  readonly maxSize?: number
  /** Files in this field. Default 1. */
  readonly maxCount?: number
  /** Width times height of a picture. Default 25000000. */
  readonly maxPixels?: number
  /** Entries of an archive. Default 1000. */
  readonly maxEntries?: number
  /** Bytes of all entries of an archive, unpacked. Default 104857600. */
  readonly maxUnpacked?: number
  /** Default `false`. */
  readonly required?: boolean
  /** Where a file is kept until the reply is sent. Default `'disk'`. */
  readonly store?: 'disk' | 'memory'
}

/** What a file of a field must be. */
export type FileRules = Omit<FileField, 'maxCount' | 'required'>

/** The fields of a form that take files, by name. */
export type FormFiles = Readonly<Record<string, FileField>>

/** The option `form.files` of a route. Where `schema.body` names files, they are named there and nowhere else. */
export type FormFilesOf<RouteSchema> = RouteSchema extends { readonly body: infer Body } ? NamesFiles<Body> extends true ? never : FormFiles : FormFiles

interface FileNode { readonly [FILE_RULES]: unknown }
type NamesFiles<Node> = Node extends FileNode | { readonly items: FileNode } ? true
  : Node extends { readonly properties: infer Properties } ? true extends { [Name in keyof Properties]: NamesFiles<Properties[Name]> }[keyof Properties] ? true : false : false

/** The limits of one route, complete. */
export type ResolvedLimits = Required<FilesLimits>

/** What a field takes, complete. */
export type FieldRules = ContentRules & Required<Pick<FileField, 'maxSize' | 'maxCount' | 'required' | 'store'>>

const closed = { additionalProperties: false } as const
const MOST = 2 ** 40
const number = (minimum: number, maximum: number, fallback: number, description: string) => Type.Optional(Type.Integer({ minimum, maximum, default: fallback, description }))

const limitsSchema = Type.Object({
  request: number(1, MOST, 10_485_760, 'Bytes of the whole body, files and fields and what is between them.'),
  fields: number(0, 100_000, 100, 'Fields that are no files.'),
  fieldSize: number(1, 1_073_741_824, 65_536, 'Bytes of one field that is no file. One that is longer is refused, not cut.')
}, { ...closed, description: 'What one request may bring.' })

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/files.md`. */
export const filesSchema: OptionSchema = Type.Object({
  folder: Type.Optional(Type.String({ minLength: 1, expected: 'the path of a folder', description: 'The folder in which the private folder for temporary files is made. Without it, that of the system.' })),
  limits: Type.Optional(limitsSchema),
  detect: Type.Optional(Type.Refine(Type.Unsafe<unknown>({ expected: 'a function', description: 'Says what other kinds of files are, by their first bytes: `fileTypeFromBuffer` of `file-type`.' }), (value) => typeof value === 'function', () => 'a function'))
}, closed)

/** What a field takes, described once: checked at start, and printed as the table in `docs/files.md`. */
export const fieldSchema: OptionSchema = Type.Object({
  types: Type.Array(Type.String({ minLength: 1, expected: 'the name of a kind of file' }), { minItems: 1, description: 'The kinds that are admitted, by the bytes and by the name.' }),
  maxSize: number(1, MOST, 1_048_576, 'Bytes of one file.'),
  maxCount: number(1, 100_000, 1, 'Files in this field.'),
  maxPixels: number(1, 2 ** 32, 25_000_000, 'Width times height of a picture.'),
  maxEntries: number(1, 60_000, 1000, 'Entries of an archive.'),
  maxUnpacked: number(1, MOST, 104_857_600, 'Bytes of all entries of an archive, unpacked.'),
  required: Type.Optional(Type.Boolean({ default: false, description: 'Whether a form without a file in this field is refused.' })),
  store: Type.Optional(Type.Union([Type.Literal('disk'), Type.Literal('memory')], { default: 'disk', description: 'Where a file is kept until the reply is sent.' }))
}, closed)

/** The options that hold when nothing is given. */
export const filesDefaults: { readonly limits: Readonly<ResolvedLimits> } = Object.freeze({ limits: Object.freeze({ request: 10_485_760, fields: 100, fieldSize: 65_536 }) })

const FIELD_DEFAULTS = { maxSize: 1_048_576, maxCount: 1, maxPixels: 25_000_000, maxEntries: 1000, maxUnpacked: 104_857_600, required: false, store: 'disk' } as const

const codes = { unknown: 'BULWARK_ERR_FILES_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_FILES_OPTION_INVALID' } as const
const checkOptions = compileOptions<FilesOptions>(filesSchema, codes)
const checkRoute = compileOptions<FilesSettings>(Type.Object({ limits: Type.Optional(limitsSchema) }, closed), codes)
const checkForm = compileOptions<FormFiles>(recordOf(fieldSchema), { unknown: 'BULWARK_ERR_FILES_FORM_INVALID', invalid: 'BULWARK_ERR_FILES_FORM_INVALID' })

/** Throws `SecurityError` `BULWARK_ERR_FILES_OPTION_UNKNOWN` or `BULWARK_ERR_FILES_OPTION_INVALID`. */
export function resolveOptions (given: unknown): FilesOptions & { readonly limits: ResolvedLimits } {
  const options = checkOptions(given, 'files')
  return { ...options, limits: { ...filesDefaults.limits, ...options.limits } }
}

/** The limits of a route over those of the application. Throws like `resolveOptions`. */
export function resolveLimits (given: unknown, outer: ResolvedLimits): ResolvedLimits {
  return { ...outer, ...checkRoute(given, 'config.security.files').limits }
}

/** `path`: where the fields are named. Throws `SecurityError` `BULWARK_ERR_FILES_FORM_INVALID`, also for what contradicts itself. */
export function resolveForm (given: unknown, limits: ResolvedLimits, canDetect: boolean, path = 'form.files'): ReadonlyMap<string, FieldRules> {
  const fields = Object.entries(checkForm(given, path))
  for (const [name, { types, maxSize = 0 }] of fields) {
    const stranger = types.find((type) => !isKind(type) && !(canDetect && /^[a-z0-9]{1,20}$/.test(type)))
    if (stranger !== undefined) throw new SecurityError('BULWARK_ERR_FILES_FORM_INVALID', `${unknownName(`${path}.${name}.types`, stranger, Object.keys(KINDS))} Other kinds need the option \`detect\`, and are named by their extension in small letters.`)
    if (maxSize > limits.request) throw new SecurityError('BULWARK_ERR_FILES_FORM_INVALID', expectation(`${path}.${name}.maxSize`, `no more than \`limits.request\`, which is ${limits.request}`, maxSize, 'Set `config.security.files.limits.request` of the route.'))
  }
  return new Map(fields.map(([name, field]) => [name, { ...FIELD_DEFAULTS, ...field }]))
}

/** The limits of a route came when what its fields take had been compiled from others. */
export function lateLimits (): SecurityError {
  return new SecurityError('BULWARK_ERR_FILES_OPTION_INVALID', 'config.security.files: expected a setting that is there when the route is declared, received one from an `onRoute` hook behind that of the plugin. Register the plugin behind that hook.')
}
