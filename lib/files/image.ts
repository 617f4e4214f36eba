import { Malformed, type ByteReader } from './byte-reader.ts'

/** What the header of a picture says. Nothing is decoded. */
export interface Dimensions {
  readonly width: number
  readonly height: number
}

/** PNG (third edition), sections 5 and 11: chunks from IHDR to IEND, and nothing behind. */
export async function measurePng (reader: ByteReader): Promise<Dimensions> {
  const head = await reader.read(0, 33)
  if (!head.subarray(0, 8).equals(PNG) || head.readUInt32BE(8) !== 13 || head.toString('latin1', 12, 16) !== 'IHDR') throw new Malformed('png: no IHDR')
  const dimensions = { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
  let offset = 33
  let hasPixels = false
  for (let type = ''; type !== 'IEND';) {
    const chunk = await reader.read(offset, 8)
    type = chunk.toString('latin1', 4)
    if (!/^[A-Za-z]{4}$/.test(type)) throw new Malformed('png: no chunk')
    offset += 12 + chunk.readUInt32BE(0)
    if (type === 'IDAT') hasPixels = true
  }
  if (!hasPixels || offset !== reader.size) throw new Malformed(hasPixels ? 'png: bytes behind the end' : 'png: no pixels')
  return dimensions
}

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** GIF89a: blocks up to the trailer, and nothing behind. The frames lie within the picture. */
export async function measureGif (reader: ByteReader): Promise<Dimensions> {
  const head = await reader.read(0, 13)
  if (!/^GIF8[79]a$/.test(head.toString('latin1', 0, 6))) throw new Malformed('gif: no signature')
  const dimensions = { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
  let offset = 13 + colours(head[10]!)
  let frames = 0
  for (let [kind] = await reader.read(offset, 1); kind !== TRAILER; [kind] = await reader.read(offset, 1)) {
    if (kind === 0x21) {
      offset += 2
    } else if (kind === 0x2c) {
      const frame = await reader.read(offset, 10)
      if (frame.readUInt16LE(1) + frame.readUInt16LE(5) > dimensions.width || frame.readUInt16LE(3) + frame.readUInt16LE(7) > dimensions.height) throw new Malformed('gif: a frame outside the picture')
      frames++
      offset += 11 + colours(frame[9]!)
    } else {
      throw new Malformed('gif: no block')
    }
    for (let size = 1; size > 0; offset += 1 + size) size = (await reader.read(offset, 1))[0]!
  }
  if (frames === 0 || offset + 1 !== reader.size) throw new Malformed(frames === 0 ? 'gif: no pixels' : 'gif: bytes behind the end')
  return dimensions
}

const TRAILER = 0x3b

/** Bytes of a table of colours, by the flags in front of it. */
function colours (flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

/**
 * JPEG (T.81, annex B): segments up to the first scan, and an end somewhere behind. What follows the end is let be: telephones put previews, depth
 * and moving pictures there.
 */
export async function measureJpeg (reader: ByteReader): Promise<Dimensions> {
  if ((await reader.read(0, 2)).readUInt16BE(0) !== 0xffd8) throw new Malformed('jpg: no start')
  let dimensions: Dimensions | undefined
  let offset = 2
  for (let marker = 0; marker !== SCAN;) {
    const head = await reader.read(offset, 2)
    marker = head[1]!
    if (head[0] !== 0xff) throw new Malformed('jpg: no segment')
    if (marker === 0xff) {
      offset += 1
      continue
    }
    const length = (await reader.read(offset + 2, 2)).readUInt16BE(0)
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9) || length < 2) throw new Malformed('jpg: no segment')
    if (marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      // Which of two would count depends on who decodes.
      if (dimensions !== undefined) throw new Malformed('jpg: two frames')
      const frame = await reader.read(offset + 5, 4)
      dimensions = { width: frame.readUInt16BE(2), height: frame.readUInt16BE(0) }
    }
    offset += 2 + length
  }
  if (dimensions === undefined || !await hasEnd(reader, offset)) throw new Malformed(dimensions === undefined ? 'jpg: no frame' : 'jpg: no end')
  return dimensions
}

const SCAN = 0xda

/** Within a scan, 0xff is followed by 0 or by the number of a restart. */
async function hasEnd (reader: ByteReader, from: number): Promise<boolean> {
  let last = -1
  for await (const piece of reader.pieces(from)) {
    if ((last === 0xff && piece[0] === 0xd9) || piece.includes('\xff\xd9', 0, 'latin1')) return true
    last = piece.at(-1)!
  }
  return false
}

/** WebP (RFC 9649): one RIFF chunk as long as the file. */
export async function measureWebp (reader: ByteReader): Promise<Dimensions> {
  const head = await reader.read(0, 30)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WEBP') throw new Malformed('webp: no signature')
  if (head.readUInt32LE(4) + 8 !== reader.size) throw new Malformed('webp: bytes behind the end, or too few')
  const format = head.toString('latin1', 12, 16)
  if (format === 'VP8X') return { width: 1 + head.readUIntLE(24, 3), height: 1 + head.readUIntLE(27, 3) }
  if (format === 'VP8 ' && head.readUIntBE(23, 3) === 0x9d012a) return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff }
  if (format === 'VP8L' && head[20] === 0x2f) {
    const bits = head.readUInt32LE(21)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  throw new Malformed('webp: no picture')
}
