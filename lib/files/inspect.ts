import { Malformed, type ByteReader } from './byte-reader.ts'
import type { Refusal } from './file-fault.ts'
import { extensionOf } from './file-name.ts'
import { measureGif, measureJpeg, measurePng, measureWebp, type Dimensions } from './image.ts'
import { extensionsOf, isKind, KINDS, type Detected, type KindName } from './kinds.ts'
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
  | { readonly ok: false } & Omit<Refusal, 'field'>

type Measure = (reader: ByteReader) => Promise<Dimensions>

const PICTURES: ReadonlyArray<readonly [begins: (head: string) => boolean, detected: Detected, measure: Measure]> = [
  [(head) => head.startsWith('\x89PNG'), 'png', measurePng],
  [(head) => head.startsWith('\xff\xd8'), 'jpg', measureJpeg],
  [(head) => head.startsWith('GIF8'), 'gif', measureGif],
  [(head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP', 'webp', measureWebp]
]
const TEXTS: ReadonlySet<string> = new Set<KindName>(['txt', 'csv', 'json', 'html', 'svg', 'xml'])
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
    return await askDetector(head, extension, rules, detect) ?? refuseContent(error, extension, rules)
  }
  const type = rules.types.find((type) => isKind(type) && KINDS[type].from.some((from) => from === detected) && KINDS[type].extensions.some((known) => known === extension))
  if (type !== undefined && isKind(type)) return { ok: true, type, mediaType: KINDS[type].mediaType, extension: KINDS[type].extensions[0] }
  return await askDetector(head, extension, rules, detect) ?? refuseType(detected, extension, rules)
}

/** What is no text was sent as one, or is something that nobody knows. */
function refuseContent ({ key, message: reason }: Malformed, extension: string, { types, maxPixels }: ContentRules): Verdict {
  const isText = types.some((type) => isKind(type) && TEXTS.has(type) && extensionsOf(type).includes(extension))
  const code = 'BULWARK_ERR_FILES_CONTENT_REFUSED'
  if (key === 'fileText' && !isText) return { ok: false, code, reason, key: 'fileType', params: { values: types } }
  return { ok: false, code, reason, key, params: key === 'filePixels' ? { max: maxPixels } : {} }
}

/** Where the name or the bytes alone would do, they disagree. */
function refuseType (detected: Detected, extension: string, { types }: ContentRules): Verdict {
  const isHalfRight = types.some((type) => isKind(type) && (KINDS[type].from.includes(detected) || extensionsOf(type).includes(extension)))
  const reason = `the bytes say ${detected}, and the name says ${extension === '' ? 'nothing' : extension}`
  return { ok: false, code: 'BULWARK_ERR_FILES_TYPE_REFUSED', reason, key: isHalfRight ? 'fileExtension' : 'fileType', params: { values: types } }
}

async function detectKind (reader: ByteReader, head: string, rules: ContentRules): Promise<Detected> {
  const picture = PICTURES.find(([begins]) => begins(head))
  if (picture !== undefined) {
    const [, detected, measure] = picture
    const { width, height } = await measure(reader)
    if (width === 0 || height === 0 || width * height > rules.maxPixels) throw new Malformed(`${detected}: too many pixels, or none`, width === 0 || height === 0 ? 'fileDamaged' : 'filePixels')
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
