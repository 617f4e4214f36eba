/** What the bytes of a file say. `text` is what has no marks of its own. */
export type Detected = 'png' | 'jpg' | 'gif' | 'webp' | 'pdf' | 'zip' | 'docx' | 'xlsx' | 'pptx' | 'odt' | 'ods' | 'odp' | 'macro' | 'text' | 'html' | 'svg' | 'xml'

/** A kind of file that a field may admit. */
export interface Kind {
  readonly mediaType: string
  /** Endings that a name may have; the first is the one that a stored file gets. */
  readonly extensions: readonly [string, ...string[]]
  /** What the bytes must say, one of these. */
  readonly from: readonly Detected[]
}

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const OPEN = 'application/vnd.oasis.opendocument'

/** The kinds that are known without a detector of the application. */
export type KindName = 'png' | 'jpg' | 'gif' | 'webp' | 'pdf' | 'zip' | 'docx' | 'xlsx' | 'pptx' | 'odt' | 'ods' | 'odp' | 'txt' | 'csv' | 'json' | 'html' | 'svg' | 'xml'

/** The table from name to kind, frozen. */
export const KINDS: Readonly<Record<KindName, Kind>> = Object.freeze<Record<KindName, Kind>>({
  png: { mediaType: 'image/png', extensions: ['png'], from: ['png'] },
  jpg: { mediaType: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'], from: ['jpg'] },
  gif: { mediaType: 'image/gif', extensions: ['gif'], from: ['gif'] },
  webp: { mediaType: 'image/webp', extensions: ['webp'], from: ['webp'] },
  pdf: { mediaType: 'application/pdf', extensions: ['pdf'], from: ['pdf'] },
  zip: { mediaType: 'application/zip', extensions: ['zip'], from: ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'macro'] },
  docx: { mediaType: `${OFFICE}.wordprocessingml.document`, extensions: ['docx'], from: ['docx'] },
  xlsx: { mediaType: `${OFFICE}.spreadsheetml.sheet`, extensions: ['xlsx'], from: ['xlsx'] },
  pptx: { mediaType: `${OFFICE}.presentationml.presentation`, extensions: ['pptx'], from: ['pptx'] },
  odt: { mediaType: `${OPEN}.text`, extensions: ['odt'], from: ['odt'] },
  ods: { mediaType: `${OPEN}.spreadsheet`, extensions: ['ods'], from: ['ods'] },
  odp: { mediaType: `${OPEN}.presentation`, extensions: ['odp'], from: ['odp'] },
  txt: { mediaType: 'text/plain', extensions: ['txt', 'text', 'log'], from: ['text'] },
  csv: { mediaType: 'text/csv', extensions: ['csv'], from: ['text'] },
  json: { mediaType: 'application/json', extensions: ['json'], from: ['text'] },
  html: { mediaType: 'text/html', extensions: ['html', 'htm'], from: ['html', 'text'] },
  svg: { mediaType: 'image/svg+xml', extensions: ['svg'], from: ['svg'] },
  xml: { mediaType: 'application/xml', extensions: ['xml'], from: ['xml'] }
})

/** Whether there is such a kind. */
export function isKind (name: string): name is KindName {
  return Object.hasOwn(KINDS, name)
}

/** The endings that a file of a type may have; a type that is not in the table is named by its ending. */
export function extensionsOf (type: string): readonly string[] {
  return isKind(type) ? KINDS[type].extensions : [type]
}
