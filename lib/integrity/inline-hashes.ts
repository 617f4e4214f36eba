import { readFileSync } from 'node:fs'
import { SecurityError } from '../errors.ts'
import { hashOf } from '../headers/csp-hash.ts'
import { inlineElements } from './inline-elements.ts'

/** Source expressions for a Content-Security-Policy. */
export interface InlineHashes {
  /** For `script-src`. */
  readonly scripts: readonly string[]
  /** For `style-src`. */
  readonly styles: readonly string[]
}

/**
 * The hashes of the inline scripts and styles of an HTML file that is served as it is, for `contentSecurityPolicy.append`.
 *
 * A file on disk is what was deployed. What a template rendered is not: it may hold what an attacker wrote, and a hash would bless it.
 * Throws `SecurityError` `BULWARK_ERR_INTEGRITY_HTML_UNDECIDED` for a file that cannot be read, is no UTF-8, or holds what `inlineElements` refuses.
 */
export function hashesOfFile (file: string | URL): InlineHashes {
  let html: string
  try {
    html = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_HTML_UNDECIDED', `${String(file)}: expected a file in UTF-8 that can be read.`, { cause })
  }
  try {
    const { scripts, styles } = inlineElements(html)
    return { scripts: hashesOf(scripts), styles: hashesOf(styles) }
  } catch (error) {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_HTML_UNDECIDED', `${String(file)}: ${(error as Error).message}`)
  }
}

function hashesOf (texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => hashOf(text))
}
