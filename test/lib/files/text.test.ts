import t from 'tap'
import { ByteReader, Malformed } from '../../../lib/files/byte-reader.ts'
import { readText } from '../../../lib/files/text.ts'

const cases: ReadonlyArray<readonly [what: string, text: string | Buffer, expected: string]> = [
  ['nothing', '', 'text'],
  ['a letter', 'Grüße', 'text'],
  ['a table', 'a;b\r\n1;2\f\t', 'text'],
  ['a mark of the order of bytes', '\ufeffa', 'text'],
  ['a bracket', '<3', 'text'],
  ['an address in brackets', '<a.b@example.org>', 'text'],
  ['a character across two pieces', Buffer.concat([Buffer.alloc(65_535, 0x61), Buffer.from('ü')]), 'text'],
  ['a page', '<!DOCTYPE html><p>', 'html'],
  ['a page behind a mark', '\ufeff\n <html>', 'html'],
  ['a script', '<script>alert(1)</script>', 'html'],
  ['a comment, as browsers sniff it', '<!-- x -->', 'html'],
  ['a page of XML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', 'html'],
  ['a drawing', '<svg onload="alert(1)">', 'svg'],
  ['a drawing with a declaration', '<?xml version="1.0"?><!-- x --><svg>', 'svg'],
  ['a drawing with a prefix', '<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg">', 'svg'],
  ['a drawing with a type', '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg>', 'svg'],
  ['a drawing behind a comment', '<!--x--><svg>', 'svg'],
  ['other XML', '<?xml version="1.0"?><feed>', 'xml'],
  ['a style sheet for XML', '<?xml-stylesheet href="x"?><a/>', 'xml']
]

for (const [what, text, expected] of cases) {
  t.test(`${what} is ${expected}`, async (t) => {
    t.equal(await readText(ByteReader.of(Buffer.from(text as string))), expected)
  })
}

const refused: ReadonlyArray<readonly [what: string, bytes: Buffer]> = [
  ['NUL', Buffer.from('a\0b')],
  ['an escape', Buffer.from('a\x1b[31m')],
  ['UTF-16', Buffer.from('\ufeffhello', 'utf16le')],
  ['Latin 1', Buffer.from('Grüße', 'latin1')],
  ['half a character at the end', Buffer.from([0x61, 0xc3])],
  ['a slash of two bytes', Buffer.from([0xc0, 0xaf])],
  ['half of a pair', Buffer.from([0xed, 0xa0, 0x80])],
  ['a program', Buffer.from('MZ\x90\0', 'latin1')]
]

for (const [what, bytes] of refused) t.test(`${what} is no text`, (t) => t.rejects(readText(ByteReader.of(bytes)), Malformed))
