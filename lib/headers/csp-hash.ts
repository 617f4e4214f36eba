import { createHash } from 'node:crypto'

/**
 * The hash source of an inline script or style, for a policy: `'sha384-…'` (CSP3 §2.3.1).
 *
 * `text` is exactly what stands between the tags, line breaks included, as UTF-8. Hash what you wrote; never what a template
 * rendered, which may hold what an attacker wrote.
 */
export function hashOf (text: string, algorithm: 'sha256' | 'sha384' | 'sha512' = 'sha384'): string {
  return `'${algorithm}-${createHash(algorithm).update(text, 'utf8').digest('base64')}'`
}
