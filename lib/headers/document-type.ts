/** The types that a browser shows as a page of their own, in which scripts may run. */
const DOCUMENTS: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', 'image/svg+xml', 'application/pdf'])

/** True when a Content-Type names a document. Anything malformed is none, and so gets the stricter policy. */
export function isDocument (contentType: unknown): boolean {
  if (typeof contentType !== 'string') return false
  const end = contentType.indexOf(';')
  return DOCUMENTS.has((end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase())
}
