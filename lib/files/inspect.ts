import type { ErrorCode } from '../errors.ts'
import { Malformed, type ByteReader } from './byte-reader.ts'
import { extensionOf } from './file-name.ts'
import { measureGif, measureJpeg, measurePng, measureWebp, type Dimensions } from './image.ts'
import { isKind, KINDS, type Detected } from './kinds.ts'
import { readText } from './text.ts'
import { readZip, type ZipLimits } from './zip-directory.ts'

/** What a field admits. */
export interface ContentRules extends ZipLimits {
  readonly types: readonly string[]
  readonly maxPixels: number
}

/** A detector of the application, such as `fileTypeFromBuffer` of `file-type`, for kinds that are not known here. */
export type Detector = (head: Uint8Array) => Promise<{ readonly ext: string, readonly mime: string } | undefined>

/** What became of a file. A reason is for the log. */
export type Verdict =
  | { readonly ok: true, readonly type: string, readonly mediaType: string, readonly extension: string }
  | { readonly ok: false, readonly code: Extract<ErrorCode, 'BULWARK_ERR_FILES_TYPE_REFUSED' | 'BULWARK_ERR_FILES_CONTENT_REFUSED'>, readonly reason: string }

type Measure = (reader: ByteReader) => Promise<Dimensions>

const PICTURES: ReadonlyArray<readonly [begins: (head: string) => boolean, detected: Detected, measure: Measure]> = [
  [(head) => head.startsWith('\x89PNG'), 'png', measurePng],
  [(head) => head.startsWith('\xff\xd8'), 'jpg', measureJpeg],
  [(head) => head.startsWith('GIF8'), 'gif', measureGif],
  [(head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP', 'webp', measureWebp]
]
/** As much as `file-type` looks at. */
const SAMPLE = 4100

/** Reads the type of a file from its bytes, holds it against the name, and looks at its structure. Never throws for what a client sent. */
export async function inspect (reader: ByteReader, name: string, rules: ContentRules, detect: Detector | undefined): Promise<Verdict> {
  const head = Buffer.from(await reader.read(0, Math.min(SAMPLE, reader.size)))
  const extension = extensionOf(name)
  let detected: Detected
  try {
    detected = await detectKind(reader, head.toString('latin1', 0, 12), rules)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return await askDetector(head, extension, rules, detect) ?? { ok: false, code: 'BULWARK_ERR_FILES_CONTENT_REFUSED', reason: error.message }
  }
  const type = rules.types.find((type) => isKind(type) && KINDS[type].from.some((from) => from === detected) && KINDS[type].extensions.some((known) => known === extension))
  if (type !== undefined && isKind(type)) return { ok: true, type, mediaType: KINDS[type].mediaType, extension: KINDS[type].extensions[0] }
  return await askDetector(head, extension, rules, detect) ?? { ok: false, code: 'BULWARK_ERR_FILES_TYPE_REFUSED', reason: `the bytes say ${detected}, and the name says ${extension === '' ? 'nothing' : extension}` }
}

async function detectKind (reader: ByteReader, head: string, rules: ContentRules): Promise<Detected> {
  const picture = PICTURES.find(([begins]) => begins(head))
  if (picture !== undefined) {
    const [, detected, measure] = picture
    const { width, height } = await measure(reader)
    if (width === 0 || height === 0 || width * height > rules.maxPixels) throw new Malformed(`${detected}: too many pixels, or none`)
    return detected
  }
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return await readZip(reader, rules)
  if (head.startsWith('%PDF-')) return await readPdf(reader)
  return await readText(reader)
}

/** PDF (ISO 32000-1, 7.5.5, and annex H: within the last 1024 bytes). */
async function readPdf (reader: ByteReader): Promise<'pdf'> {
  const length = Math.min(1024, reader.size)
  if (!(await reader.read(reader.size - length, length)).includes('%%EOF')) throw new Malformed('pdf: no end')
  return 'pdf'
}

async function askDetector (head: Buffer, extension: string, { types }: ContentRules, detect: Detector | undefined): Promise<Verdict | undefined> {
  if (detect === undefined || isKind(extension) || !types.includes(extension)) return undefined
  const found = await detect(head).catch(() => undefined)
  return found?.ext === extension ? { ok: true, type: extension, mediaType: found.mime, extension } : undefined
}
