import { Type, type TArray, type TUnsafe } from 'typebox'
import { SecurityError } from '../errors.ts'
import { extensionsOf, isKind, KINDS } from '../files/kinds.ts'
import type { FileRules } from '../files/settings.ts'
import type { Upload } from '../files/upload.ts'
import { FILE_RULES, type FileDeclaration } from '../form-files.ts'
import type { Node } from './schema-node.ts'

/** The schema of a field that takes a file. In JSON Schema and OpenAPI it is a binary text. */
export type FileSchema = TUnsafe<Upload> & { readonly [FILE_RULES]: FileRules }

/** What a file must be, and what its field is called. */
export interface FileOptions extends FileRules {
  readonly title?: string
  readonly description?: string
}

/** Files in a field of several when nothing is said. */
const FILES_MAX = 10

/** A file. What it must be is checked at start, by the plugin that reads files. */
export function file (options: FileOptions): FileSchema {
  const { title, description, ...rules } = options
  const shown = { ...title === undefined ? {} : { title }, ...description === undefined ? {} : { description } }
  return Type.Unsafe<Upload>({ type: 'string', format: 'binary', ...shown, [FILE_RULES]: rules }) as FileSchema
}

/** Several files in one field. */
export function files ({ min, max = FILES_MAX, title, ...options }: FileOptions & { readonly min?: number, readonly max?: number }): TArray<FileSchema> {
  if (min !== undefined && min > max) throw new RangeError('f.files: `min` is greater than `max`.')
  return Type.Array(file(options), { maxItems: max, ...min === undefined ? {} : { minItems: min }, ...title === undefined ? {} : { title } })
}

/**
 * The files of a form, by the names of their fields.
 *
 * Throws `SecurityError` `BULWARK_ERR_INPUT_FORM_INVALID` for one that is not a field of the form or of an object in it: a form sends files
 * under names that are known before.
 */
export function filesOf (root: Node): Readonly<Record<string, FileDeclaration>> {
  const found: Array<readonly [name: string, declaration: FileDeclaration]> = []

  function walk (node: Node, path: string): void {
    if (node.kind === 'object') {
      for (const { name, node: child } of node.fields.values()) walk(child, path === '' ? name : `${path}.${name}`)
    } else if (node.kind === 'file') {
      found.push([path, { ...node.rules, maxCount: 1 }])
    } else if (node.kind === 'list' && node.item.kind === 'file') {
      found.push([path, { ...node.item.rules, maxCount: node.max }])
    } else if (innerOf(node).some(holdsFile)) {
      throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', `schema.body.${path}: expected files as fields of the form or of an object in it, received one within a list of objects, a record or a union.`)
    }
  }

  walk(root, '')
  return Object.fromEntries(found)
}

function innerOf (node: Node): readonly Node[] {
  if (node.kind === 'list' || node.kind === 'record') return [node.item]
  return node.kind === 'union' ? node.variants : node.kind === 'object' ? Array.from(node.fields.values(), (field) => field.node) : []
}

function holdsFile (node: Node): boolean {
  return node.kind === 'file' || innerOf(node).some(holdsFile)
}

/** The attribute `accept` of a field: media types for telephones, and endings for the rest. It helps who chooses, and stops nobody. */
export function acceptOf ({ types }: FileRules): string {
  const mediaTypes = types.flatMap((type) => isKind(type) ? [KINDS[type].mediaType] : [])
  return [...mediaTypes, ...types.flatMap(extensionsOf).map((extension) => `.${extension}`)].join(',')
}
