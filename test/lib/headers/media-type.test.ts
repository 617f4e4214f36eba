import t from 'tap'
import { isDocument } from '../../../lib/headers/media-type.ts'

const table: Array<[what: string, contentType: unknown, document: boolean]> = [
  ['HTML is a document', 'text/html', true],
  ['parameters do not matter', 'text/html; charset=utf-8', true],
  ['letter case does not matter', 'Text/HTML;Charset=utf-8', true],
  ['white space around the type does not matter', ' text/html ;charset=utf-8', true],
  ['XHTML is a document', 'application/xhtml+xml', true],
  ['SVG is a document', 'image/svg+xml', true],
  ['PDF is a document', 'application/pdf', true],
  ['JSON is none', 'application/json; charset=utf-8', false],
  ['plain text is none', 'text/plain', false],
  ['server-sent events are none', 'text/event-stream', false],
  ['a type that only begins like HTML is none', 'text/html5', false],
  ['a type that only ends like HTML is none', 'xtext/html', false],
  ['HTML in a parameter is none', 'application/json; x=text/html', false],
  ['a list of types is malformed, and none', 'text/html, application/json', false],
  ['an empty type is none', '', false],
  ['no type is none', undefined, false],
  ['an array is none', ['text/html'], false],
  ['a number is none', 7, false]
]
for (const [what, contentType, document] of table) {
  t.test(what, async (t) => t.equal(isDocument(contentType), document))
}
