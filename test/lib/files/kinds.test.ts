import { fileTypeFromBuffer } from 'file-type'
import t from 'tap'
import { extensionsOf, isKind, KINDS, type KindName } from '../../../lib/files/kinds.ts'
import { docx, gif, jpg, odt, pdf, png, pptx, webp, xlsx, zip } from './samples.ts'

t.test('file-type agrees about kind and media type', async (t) => {
  const samples: ReadonlyArray<readonly [KindName, Buffer]> = [
    ['png', png()], ['jpg', jpg()], ['gif', gif()], ['webp', webp('VP8L')], ['pdf', pdf], ['zip', zip([{ name: 'a', isStored: true }])], ['odt', odt]
  ]
  for (const [name, bytes] of samples) t.match(await fileTypeFromBuffer(bytes), { ext: name, mime: KINDS[name].mediaType }, name)
  for (const bytes of [docx, xlsx, pptx]) t.ok(await fileTypeFromBuffer(bytes), 'it looks into what is packed there, so that names alone do not do')
})

t.test('no ending is that of two kinds, and none is missing', async (t) => {
  const endings = Object.values(KINDS).flatMap(({ extensions }) => [...extensions])
  t.equal(new Set(endings).size, endings.length)
  for (const [name, { extensions }] of Object.entries(KINDS)) t.equal(extensions[0], name)
})

for (const [type, expected] of [['txt', ['txt', 'text', 'log']], ['mp3', ['mp3']], ['constructor', ['constructor']]] as const) t.same(extensionsOf(type), expected, type)

for (const [name, expected] of [['png', true], ['exe', false], ['constructor', false]] as const) t.equal(isKind(name), expected, name)
