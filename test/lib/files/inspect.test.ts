import t from 'tap'
import { ByteReader } from '../../../lib/files/byte-reader.ts'
import { inspect, type Detector } from '../../../lib/files/inspect.ts'
import { gif, png, zip } from './samples.ts'

const rules = { types: ['png', 'txt', 'ogg'], maxPixels: 100, maxEntries: 10, maxUnpacked: 1000 }
const ogg: Detector = async (head) => head[0] === 0xff ? { ext: 'ogg', mime: 'audio/ogg' } : undefined
const run = (bytes: Buffer, name: string, detect?: Detector) => inspect(ByteReader.of(bytes), name, rules, detect)
const sound = Buffer.from([0xff, 0, 1])

const cases: ReadonlyArray<readonly [what: string, bytes: Buffer, name: string, detect: Detector | undefined, expected: object]> = [
  ['what fits', png(10, 10), 'a.png', undefined, { ok: true, type: 'png', mediaType: 'image/png', extension: 'png' }],
  ['another ending of the kind', Buffer.from('x'), 'a.log', undefined, { ok: true, type: 'txt', extension: 'txt' }],
  ['one pixel too many', png(101, 1), 'a.png', undefined, { ok: false, code: 'BULWARK_ERR_FILES_CONTENT_REFUSED', key: 'filePixels', params: { max: 100 } }],
  ['no pixels at all', png(0, 1), 'a.png', undefined, { ok: false, key: 'fileDamaged', params: {} }],
  ['a cut picture', png().subarray(0, -1), 'a.png', undefined, { ok: false, key: 'fileDamaged' }],
  ['a picture as a text', png(), 'a.txt', undefined, { ok: false, key: 'fileExtension' }],
  ['a text as a picture', Buffer.from('x'), 'a.png', undefined, { ok: false, key: 'fileExtension', params: { values: rules.types } }],
  ['a program as a picture', Buffer.from('MZ\0'), 'a.png', undefined, { ok: false, key: 'fileType' }],
  ['a program as a text', Buffer.from('MZ\0'), 'a.txt', undefined, { ok: false, key: 'fileText' }],
  ['Latin 1 as a text', Buffer.from('\xfc', 'latin1'), 'a.log', undefined, { ok: false, key: 'fileText' }],
  ['an archive that leads elsewhere', zip([{ name: '../a' }]), 'a.zip', undefined, { ok: false, key: 'fileArchive' }],
  ['an archive that is cut', zip([{ name: 'a' }]).subarray(0, -1), 'a.zip', undefined, { ok: false, key: 'fileDamaged' }],
  ['a kind that is not admitted', gif(), 'a.gif', undefined, { ok: false, code: 'BULWARK_ERR_FILES_TYPE_REFUSED', reason: 'the bytes say gif, and the name says gif', key: 'fileType', params: { values: rules.types } }],
  ['no ending', png(), 'a', undefined, { ok: false, reason: 'the bytes say png, and the name says nothing' }],
  ['what a detector knows', sound, 'a.ogg', ogg, { ok: true, type: 'ogg', mediaType: 'audio/ogg', extension: 'ogg' }],
  ['the same without it', sound, 'a.ogg', undefined, { ok: false, code: 'BULWARK_ERR_FILES_CONTENT_REFUSED' }],
  ['the same under another name', sound, 'a.mp3', ogg, { ok: false }],
  ['the same as a kind of ours', sound, 'a.png', ogg, { ok: false }],
  ['what the detector does not know', Buffer.from('text'), 'a.ogg', ogg, { ok: false, code: 'BULWARK_ERR_FILES_TYPE_REFUSED' }],
  ['a detector that throws', sound, 'a.ogg', async () => { throw new Error('broken') }, { ok: false }]
]

for (const [what, bytes, name, detect, expected] of cases) t.test(what, async (t) => { t.match(await run(bytes, name, detect), expected) })

t.test('a disk that fails is no fault of the file', async (t) => {
  const broken = (from: number) => new ByteReader(100_000, async (offset) => {
    if (offset >= from) throw new Error('EIO')
    return Buffer.concat([png(1, 1, ['tEXt', Buffer.alloc(90_000)]), Buffer.alloc(100_000)]).subarray(offset, offset + 65_536)
  })
  await t.rejects(inspect(broken(0), 'a.png', rules, undefined), { message: 'EIO' })
  await t.rejects(inspect(broken(1), 'a.png', rules, undefined), { message: 'EIO' })
})
