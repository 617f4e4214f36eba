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

/**
 * An opening tag: the attributes of its own, then those of the caller, of which `crossorigin`, `nonce`, `as` and `type` replace its own.
 * Throws `SecurityError` `BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID` for a name that is none, a handler, or one of `src href rel integrity`.
 */
export function openingTag (name: string, own: Readonly<Record<string, string>>, attributes: TagAttributes = {}): string {
  let tag = `<${name}`
  for (const key in own) if (!(key in attributes)) tag += attribute(key, own[key]!)
  for (const [key, value] of Object.entries(attributes)) {
    if (!NAME.test(key) || DECIDED.has(key)) throw new SecurityError('BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID')
    // Without it, the browser would have no right to look at the bytes, and could not check them.
    if (key === 'crossorigin' && value !== 'anonymous' && value !== 'use-credentials') throw new SecurityError('BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID')
    if (value !== undefined && value !== false) tag += value === true ? ` ${key}` : attribute(key, String(value))
  }
  return `${tag}>`
}

function attribute (name: string, value: string): string {
  return ` ${name}="${escapeAttribute(value)}"`
}
