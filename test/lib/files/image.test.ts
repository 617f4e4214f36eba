import { imageSize } from 'image-size'
import t from 'tap'
import { ByteReader, Malformed } from '../../../lib/files/byte-reader.ts'
import { measureGif, measureJpeg, measurePng, measureWebp } from '../../../lib/files/image.ts'
import { gif, jpg, png, webp } from './samples.ts'

const tail = Buffer.from('<script>alert(1)</script>')
const joined = (...parts: Array<Buffer | string>) => Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')))
const change = (bytes: Buffer, at: number, ...values: number[]) => {
  const copy = Buffer.from(bytes)
  copy.set(values, at)
  return copy
}

const right = [
  ['png', measurePng, png(300, 200)],
  ['png with a comment', measurePng, png(300, 200, ['tEXt', tail])],
  ['gif', measureGif, gif(300, 200)],
  ['gif with a comment', measureGif, gif(300, 200, { comment: '<script>' })],
  ['jpg', measureJpeg, jpg(300, 200)],
  ['jpg with a preview behind it', measureJpeg, jpg(300, 200, 'preview')],
  ['webp, lossy', measureWebp, webp('VP8 ', 300, 200)],
  ['webp, lossless', measureWebp, webp('VP8L', 300, 200)],
  ['webp, extended', measureWebp, webp('VP8X', 300, 200)]
] as const

for (const [what, measure, bytes] of right) {
  t.test(`${what}: as image-size says`, async (t) => {
    const { width, height } = imageSize(bytes)
    t.same(await measure(ByteReader.of(bytes)), { width, height })
    t.same({ width, height }, { width: 300, height: 200 })
  })
  t.test(`${what}: cut anywhere, it is no picture`, async (t) => {
    const length = what.startsWith('jpg') ? bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) + 1 : bytes.length - 1
    for (let size = 0; size <= length; size++) await t.rejects(measure(ByteReader.of(bytes.subarray(0, size))), Malformed, String(size))
  })
}

t.same(await measureJpeg(ByteReader.of(change(joined(jpg().subarray(0, 2), Buffer.from([0xff]), jpg().subarray(2)), 2, 0xff))), { width: 1, height: 1 }, 'bytes may be filled in before a segment')
const far = jpg().subarray(0, -2)
t.same(await measureJpeg(ByteReader.of(joined(far, Buffer.alloc(65_532), Buffer.from([0xff, 0xd9])))), { width: 1, height: 1 }, 'the end may lie across a window')

const wrong = [
  ['a page behind a png', measurePng, joined(png(), tail)],
  ['a png of another signature', measurePng, change(png(), 0, 0x88)],
  ['a png whose first chunk is no IHDR', measurePng, change(png(), 12, 0x4a)],
  ['a png whose IHDR has another length', measurePng, change(png(), 11, 12)],
  ['a png with what is no chunk', measurePng, change(png(), 37, 0)],
  ['a png without pixels', measurePng, change(png(), 37, ...Buffer.from('tEXt'))],
  ['an archive behind a gif', measureGif, joined(gif(), 'PK\x03\x04')],
  ['a gif that is a script', measureGif, joined("GIF89a/*\0\0*/=1;alert(1)//'", Buffer.alloc(20))],
  ['a gif without a frame', measureGif, joined(gif().subarray(0, 19), ';')],
  ['a gif whose frame is wider than it', measureGif, gif(1, 1, { frame: [0, 0, 2, 1] })],
  ['a gif whose frame is higher', measureGif, gif(1, 1, { frame: [0, 1, 1, 1] })],
  ['a gif of another version', measureGif, change(gif(), 4, 0x38)],
  ['a jpg of another start', measureJpeg, change(jpg(), 1, 0xd9)],
  ['a jpg with what is no segment', measureJpeg, change(jpg(), 20, 0)],
  ['a jpg that ends before a scan', measureJpeg, change(jpg(), 21, 0xd9)],
  ['a jpg with a marker that is reserved', measureJpeg, change(jpg(), 21, 0x10)],
  ['a jpg whose segment is shorter than its length', measureJpeg, change(jpg(), 5, 1)],
  ['a jpg with two frames', measureJpeg, joined(jpg(60_000, 60_000).subarray(0, 33), jpg().subarray(20))],
  ['a jpg without a frame', measureJpeg, change(jpg(), 21, 0xe1)],
  ['a jpg without an end', measureJpeg, jpg().subarray(0, -1)],
  ['a page behind a webp', measureWebp, joined(webp('VP8X'), tail)],
  ['a webp of another kind', measureWebp, change(webp('VP8X'), 15, 0x59)],
  ['a webp that is a sound', measureWebp, change(webp('VP8X'), 8, 0x41)],
  ['a lossy webp without its mark', measureWebp, change(webp('VP8 '), 23, 0)],
  ['a lossless webp without its mark', measureWebp, change(webp('VP8L'), 20, 0)]
] as const

for (const [what, measure, bytes] of wrong) t.test(`${what} is refused`, (t) => t.rejects(measure(ByteReader.of(bytes)), Malformed))
