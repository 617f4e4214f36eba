/**
 * What a string from outside may hold, whatever field it is for: Unicode in normal form C, no control characters, no half of a
 * surrogate pair. Control characters forge lines in logs and headers (CWE-117, CWE-93), and what is not well formed is another
 * string after the next encoder.
 */

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_IN_LINES = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/
/**
 * More marks on one letter than any language has (UAX 15, Stream-Safe Text Format): to sort them takes the square of their number. They are
 * counted from the first one only: from each of 30 takes 16 times as long.
 */
const PILED_MARKS = /(?<!\p{M})\p{M}{31}/u
/** Half of a surrogate pair: with the flag `u`, whole pairs are other characters. */
const LONE_SURROGATE = /\p{Cs}/u

/** A text in normal form C, its ends of line as one line feed each; nothing for one that no field may hold. Lines and tabs are for fields of several lines. */
export function cleanText (text: string, hasLines: boolean): string | undefined {
  if (isPlain(text)) return text
  if ((hasLines ? CONTROL_IN_LINES : CONTROL).test(text) || LONE_SURROGATE.test(text) || PILED_MARKS.test(text)) return undefined
  const normal = text.normalize('NFC')
  return hasLines ? normal.replace(/\r\n?/g, '\n') : normal
}

/** Most strings: nothing to look at twice. A loop, since texts are short and an expression costs more to enter. */
function isPlain (text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit > 0x7e) return false
  }
  return true
}

/** Whether a text has no half of a surrogate pair: what has one is another text after the next encoder, and so is a secret. */
export function isWellFormed (text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/** The length in code points, as JSON Schema counts it (JSON Schema Validation, section 6.3). */
export function codePoints (text: string): number {
  let length = text.length
  for (let index = 0; index < text.length - 1; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      length--
      index++
    }
  }
  return length
}

/** What a decoder puts in the place of bytes that were no UTF-8. */
export const REPLACEMENT = '\ufffd'
