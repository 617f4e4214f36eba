import t from 'tap'
import { ByteReader, Malformed } from '../../../lib/files/byte-reader.ts'
import { readZip } from '../../../lib/files/zip-directory.ts'
import { docm, docx, odt, pptx, xlsx, zip, type ZipEntry } from './samples.ts'

const limits = { maxEntries: 10, maxUnpacked: 10_000_000 }
const read = (bytes: Buffer) => readZip(ByteReader.of(bytes), limits)
const entry = (more: Partial<ZipEntry>) => zip([{ name: 'a.txt', ...more }])

const kinds = [
  ['an archive', zip([{ name: 'a/' }, { name: 'a/b.txt', data: 'hello' }]), 'zip'],
  ['an empty archive', zip([]), 'zip'],
  ['one with a comment', zip([{ name: 'a' }], { comment: 'PK\x05\x06 not the end' }), 'zip'],
  ['one whose sizes come later', entry({ flags: 8 }), 'zip'],
  ['a folder of Unix', entry({ mode: 0o040755 }), 'zip'],
  ['a file of Unix', entry({ mode: 0o100644 }), 'zip'],
  ['a text', docx, 'docx'],
  ['a sheet', xlsx, 'xlsx'],
  ['slides', pptx, 'pptx'],
  ['a text with macros', docm, 'macro'],
  ['a text with ActiveX', zip([{ name: '[Content_Types].xml' }, { name: 'word/document.xml' }, { name: 'word/activeX/activeX1.bin' }]), 'macro'],
  ['types of nothing known', zip([{ name: '[Content_Types].xml' }]), 'zip'],
  ['an open text', odt, 'odt'],
  ['an open text with macros', zip([{ name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', isStored: true }, { name: 'Basic/x.xml' }]), 'macro'],
  ['an open something', zip([{ name: 'mimetype', data: 'application/vnd.oasis.opendocument.other', isStored: true }]), 'zip'],
  ['a book', zip([{ name: 'mimetype', data: 'application/epub+zip', isStored: true }]), 'zip'],
  ['a mimetype that is packed', zip([{ name: 'mimetype', data: 'application/vnd.oasis.opendocument.text' }]), 'zip'],
  ['much of the same, but little', entry({ data: 'a'.repeat(500_000) }), 'zip']
] as const

for (const [what, bytes, expected] of kinds) t.test(`${what} is ${expected}`, async (t) => { t.equal(await read(bytes), expected) })

const poke = (bytes: Buffer, fromEnd: number, value: number, size = 2) => {
  const copy = Buffer.from(bytes)
  copy.writeUIntLE(value, copy.length - fromEnd, size)
  return copy
}
const two = zip([{ name: 'a.txt' }, { name: 'b.txt' }])
const names = ['../a', 'a/../../b', '/etc/passwd', 'a\\b', 'C:x', 'a\0b', '.', 'a/./b', '', 'x'.repeat(1001)]

const refused: ReadonlyArray<readonly [what: string, bytes: Buffer]> = [
  ...names.map((name) => [`the name ${JSON.stringify(name.slice(0, 20))}`, entry({ name })] as const),
  ['a link', entry({ mode: 0o120777 })],
  ['a device', entry({ mode: 0o060666 })],
  ['what is encrypted', entry({ flags: 1 })],
  ['what is encrypted otherwise', entry({ flags: 0x40 })],
  ['an unusual method', entry({ method: 12 })],
  ['a bomb', entry({ data: 'a'.repeat(5_000_000) })],
  ['more than may be unpacked', entry({ unpacked: 10_000_001 })],
  ['more together than may be unpacked', zip([{ name: 'a', unpacked: 6_000_000 }, { name: 'b', unpacked: 6_000_000 }])],
  ['too many entries', zip(Array.from({ length: 11 }, (_, index) => ({ name: `${index}` })))],
  ['a name twice', zip([{ name: 'a' }, { name: 'A' }])],
  ['a size that differs', entry({ localUnpacked: 5 })],
  ['a name that differs', entry({ localName: 'b.txt' })],
  ['entries on each other', zip([{ name: 'a' }, { name: 'b' }, { name: 'a', offset: 0 }].map((item, index) => ({ ...item, name: index === 2 ? 'c' : item.name })))],
  ['bytes before the first', zip([{ name: 'a' }], { before: 'GIF89a' })],
  ['an entry that is not there', entry({ offset: 1_000_000 })],
  ['bytes behind the end', Buffer.concat([docx, Buffer.from('<script>')])],
  ['no end', docx.subarray(0, -1)],
  ['too short', Buffer.from('PK\x03\x04')],
  ['several parts', poke(docx, 18, 1)],
  ['counts that differ', poke(docx, 14, 1)],
  ['zip64', poke(poke(docx, 12, 0xffff), 14, 0xffff)],
  ['a directory elsewhere', poke(docx, 6, 10, 4)],
  ['a directory with what is no entry', (() => { const copy = Buffer.from(two); copy[copy.lastIndexOf('PK\x01\x02')] = 0; return copy })()],
  ['a directory of fewer entries than it is long', poke(poke(two, 12, 1), 14, 1)],
  ['an entry that reaches into the directory', (() => { const copy = entry({ isStored: true, flags: 8 }); copy.writeUInt32LE(50, copy.indexOf('PK\x01\x02') + 20); return copy })()]
]

for (const [what, bytes] of refused) t.test(`${what}: refused`, (t) => t.rejects(read(bytes), Malformed))

t.test('cut anywhere, it is no archive', async (t) => {
  for (let size = 0; size < docx.length; size++) await t.rejects(read(docx.subarray(0, size)), Malformed, String(size))
})
