import fc from 'fast-check'
import t from 'tap'
import { isDocument } from '../../../lib/headers/document-type.ts'

const documents = ['text/html', 'TEXT/HTML', 'text/html; charset=utf-8', 'text/html;charset=utf-8', ' text/html ; charset=utf-8', 'application/xhtml+xml', 'image/svg+xml', 'Image/SVG+xml; a=b', 'application/pdf', 'text/html;']
const others = ['application/json', 'text/plain', 'text/htm', 'text/html5', 'text/html, text/plain', 'text/html charset=utf-8', 'text', 'html', '', ';', ';text/html', 'text/html\0', 'application/xml', 'text/xml', 'image/png', 'application/octet-stream',
  'constructor', undefined, null, 0, true, ['text/html'], { toString: () => 'text/html' }]

t.test('a type that browsers show as a page of its own is a document', async (t) => {
  for (const type of documents) t.equal(isDocument(type), true, type)
})

t.test('what is anything else, malformed or absent is none, and gets the stricter policy', async (t) => {
  for (const type of others) t.equal(isDocument(type), false, JSON.stringify(type))
})

t.test('property: parameters do not count', async () => {
  fc.assert(fc.property(fc.constantFrom('text/html', 'image/png'), fc.string(), (type, parameters) => isDocument(`${type};${parameters}`) === isDocument(type)))
})
