import { SecurityError } from '../errors.ts'

/** Attributes of an element: `true` writes the name alone, `false` and `undefined` nothing. */
export type TagAttributes = Readonly<Record<string, string | number | boolean | undefined>>

const CHARACTERS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const SPECIAL = /[&<>"']/
const EVERY_SPECIAL = /[&<>"']/g

/** A text as the value of an attribute in double quotes. */
export function escapeAttribute (text: string): string {
  return SPECIAL.test(text) ? text.replace(EVERY_SPECIAL, (character) => CHARACTERS[character]!) : text
}

// No handler: `onerror` and the like are what a Content-Security-Policy forbids.
const NAME = /^(?!on)[a-z][a-z0-9-]*$/

/** Those whose value this plugin decides. */
const DECIDED: ReadonlySet<string> = new Set(['src', 'href', 'rel', 'integrity'])

/** One attribute, with a space before it. */
export function formatAttribute (name: string, value: string): string {
  return ` ${name}="${escapeAttribute(value)}"`
}

/**
 * Completes an opening tag: behind `head` comes the nonce, unless the caller's attributes have one, and then those.
 * Throws `SecurityError` `BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID` for a name that is none, a handler, or one of `src href rel integrity`.
 */
export function completeTag (head: string, nonce: unknown, attributes: TagAttributes = {}): string {
  let tag = head
  if (nonce !== undefined && nonce !== null && !('nonce' in attributes)) tag += formatAttribute('nonce', String(nonce))
  for (const key in attributes) {
    const value = attributes[key]
    if (!NAME.test(key) || DECIDED.has(key)) throw new SecurityError('BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID')
    // Without it, the browser would have no right to look at the bytes, and could not check them.
    if (key === 'crossorigin' && value !== 'anonymous' && value !== 'use-credentials') throw new SecurityError('BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID')
    if (value !== undefined && value !== false) tag += value === true ? ` ${key}` : formatAttribute(key, String(value))
  }
  return `${tag}>`
}
