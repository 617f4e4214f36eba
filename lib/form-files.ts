import type { FileRules } from './files/settings.ts'
import type { Upload } from './files/upload.ts'

/** Where an application keeps the function that reads the files of a form, for who reads the rest of it. */
export const kFormFiles: unique symbol = Symbol('fastify-bulwark.form-files')

/**
 * What a schema of a file says beside its type, under this key. It can be seen, so that it is not lost where schemas are copied, and that a
 * compiler that knows no files does not take one for a text.
 */
export const FILE_RULES = 'x-bulwark-file'

/** What can be wrong with files, and with a body in parts: keys of the messages of a form. */
export type FileMessageKey =
  | 'required' | 'fileType' | 'fileExtension' | 'fileDamaged' | 'filePixels' | 'fileArchive' | 'fileText' | 'fileSize' | 'maxFiles'
  | 'requestSize' | 'fieldSize' | 'partCount'

/** Something that is wrong with a file. */
export interface FileFault {
  /** The field; the empty string for the body as a whole. */
  readonly path: string
  readonly key: FileMessageKey
  readonly params: Readonly<Record<string, unknown>>
  /** The status of an answer that tells of it. */
  readonly status: number
}

/** A body in parts. */
export interface FormParts {
  /** Fields that are no files: texts, and lists of texts for a name that came more than once. */
  readonly fields: Readonly<Record<string, string | string[]>>
  /** The file of a field, or its files where there are several. */
  readonly files: Readonly<Record<string, Upload | readonly Upload[]>>
  readonly faults: readonly FileFault[]
  /** False where reading stopped before the end: what was not read may have been sent. */
  readonly isWhole: boolean
}

/** What a field of a schema takes: its rules, and how many files. */
export type FileDeclaration = FileRules & { readonly maxCount: number }

/** Reads the body of one request. Rejects with a `SecurityError` for one that is malformed. */
export type ReadParts = (request: unknown, reply: unknown) => Promise<FormParts>

/**
 * Compiles what a route takes, by the names of its fields. Nothing where files are not read in the scope of the route.
 * Throws `SecurityError` for rules that are wrong.
 */
export type PlanParts = (scope: object, route: { readonly config?: object }, fields: Readonly<Record<string, FileDeclaration>>) => ReadParts | undefined

/** The part of an application that is used. */
export interface FormFilesHost {
  readonly [kFormFiles]?: PlanParts
}
