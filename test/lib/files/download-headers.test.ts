import { Readable } from 'node:stream'
import t from 'tap'
import { checkSource, downloadHeaders, isFileSource } from '../../../lib/files/download-headers.ts'

const cases: ReadonlyArray<readonly [what: string, options: object | undefined, type: string, disposition: string]> = [
  ['nothing is said', undefined, 'application/octet-stream', 'attachment; filename="file"'],
  ['a name that came twice', { name: ['a.png', 'b.png'] }, 'application/octet-stream', 'attachment; filename="file"'],
  ['a kind', { name: 'a.png', type: 'png' }, 'image/png', 'attachment; filename="a.png"'],
  ['a media type, shown', { name: 'a.jpg', type: 'Image/JPEG', inline: true }, 'image/jpeg', 'inline; filename="a.jpg"'],
  ['a text', { type: 'txt' }, 'text/plain; charset=utf-8', 'attachment; filename="file"'],
  ['a table', { type: 'csv', inline: true }, 'application/octet-stream', 'attachment; filename="file"'],
  ['a PDF', { type: 'pdf', inline: true }, 'application/octet-stream', 'attachment; filename="file"'],
  ['a page', { type: 'html', inline: true }, 'application/octet-stream', 'attachment; filename="file"'],
  ['a multipart that replaces', { type: 'multipart/x-mixed-replace', inline: true }, 'application/octet-stream', 'attachment; filename="file"'],
  ['a type with parameters', { type: 'image/png; x=y', inline: true }, 'image/png', 'inline; filename="file"']
]

for (const [what, options, type, disposition] of cases) {
  t.same(downloadHeaders(Buffer.alloc(0), options), {
    'content-type': type,
    'content-disposition': disposition,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin'
  }, what)
}

t.equal(downloadHeaders({ root: '/x', path: 'sub/ä.txt' }, {})['content-disposition'], "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt")
t.equal(downloadHeaders(Object.assign(Readable.from([]), { path: Buffer.from('x') }), {})['content-disposition'], 'attachment; filename="file"', 'the path of a stream may be bytes')
t.throws(() => downloadHeaders(Buffer.alloc(0), { inlin: true }), { code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })

for (const source of [Buffer.alloc(0), new Uint8Array(), Readable.from([]), { root: '/x', path: '' }, { root: '/x', path: ['a', 'b'] }, { root: '/x', path: undefined }]) t.doesNotThrow(() => checkSource(source))
for (const source of ['a.txt', undefined, null, 1, {}, { root: '/x' }, { root: '', path: 'a' }]) t.throws(() => checkSource(source), { code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })
t.notOk(isFileSource(Buffer.alloc(0)))
