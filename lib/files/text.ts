import { Malformed, type ByteReader } from './byte-reader.ts'

/** What no text has. A form feed is a page of an old listing. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]/
const HEAD = 1024

/** What a browser that sniffs takes for a page (MIME Sniffing Standard, section 7.1). */
const PAGE = /^<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)(?:[\s>]|$)/i

/**
 * What a text is: `html`, `svg` or `xml` by its beginning, and `text` otherwise.
 * Throws `Malformed` for what is not UTF-8, or has control characters.
 */
export async function readText (reader: ByteReader): Promise<'text' | 'html' | 'svg' | 'xml'> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let head = ''
  try {
    for await (const piece of reader.pieces()) {
      const text = decoder.decode(piece, { stream: true })
      if (CONTROL.test(text)) throw new Malformed('text: a control character', 'fileText')
      if (head.length < HEAD) head += text.slice(0, HEAD)
    }
    decoder.decode()
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed('text: no UTF-8', 'fileText')
  }
  return markupOf(head)
}

function markupOf (head: string): 'text' | 'html' | 'svg' | 'xml' {
  const start = head.trimStart()
  // What comes first in a file of XML may be a declaration, a comment, or the type of the document.
  if (/^<(?:svg|!doctype svg)(?:[\s>/]|$)/i.test(start)) return 'svg'
  if (/^<[?!]/.test(start) && /<(?:\w{1,20}:)?svg[\s>]/i.test(start)) return 'svg'
  if (PAGE.test(start) || (/^<[?!]/.test(start) && /<(?:!doctype\s+)?html[\s>]/i.test(start))) return 'html'
  return /^<[?!]/.test(start) ? 'xml' : 'text'
}
