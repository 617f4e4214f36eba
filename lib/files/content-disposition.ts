import { safeFileName } from './file-name.ts'

/** What may stand in `filename*` as it is (RFC 8187, section 3.2.1, attr-char), among what `encodeURIComponent` leaves. */
const UNESCAPED = /['()*]/g

/**
 * The Content-Disposition of a file (RFC 6266). The name goes through `safeFileName`. Its plain form comes first, for programs that do not read
 * `filename*` (RFC 6266, appendix D), with `_` for what is outside ASCII.
 */
export function formatDisposition (type: 'attachment' | 'inline', name: string): string {
  const safe = safeFileName(name)
  const plain = safe.replace(/[^\x20-\x7e]/gu, '_')
  const extended = plain === safe ? '' : `; filename*=UTF-8''${encodeURIComponent(safe).replace(UNESCAPED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)}`
  return `${type}; filename="${plain}"${extended}`
}
