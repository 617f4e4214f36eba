import { deflateRawSync } from 'node:zlib'

// Small files of every kind, and what builds them so that a test can break them.

function chunk (type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, data, Buffer.alloc(4)])
}

export function png (width = 1, height = 1, ...more: Array<readonly [type: string, data: Buffer]>): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 6], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), ...more.map(([type, data]) => chunk(type, data)), chunk('IDAT', Buffer.alloc(10)), chunk('IEND', Buffer.alloc(0))])
}

export function gif (width = 1, height = 1, { frame = [0, 0, width, height], comment = '' }: { frame?: number[], comment?: string } = {}): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1')
  head.writeUInt16LE(width, 6)
  head.writeUInt16LE(height, 8)
  const image = Buffer.alloc(10)
  image[0] = 0x2c
  frame.forEach((value, index) => image.writeUInt16LE(value, 1 + 2 * index))
  const extension = comment === '' ? Buffer.alloc(0) : Buffer.from(`\x21\xfe${String.fromCharCode(comment.length)}${comment}\0`, 'latin1')
  return Buffer.concat([head, extension, image, Buffer.from([2, 2, 0x4c, 1, 0]), Buffer.from([0x3b])])
}

export function jpg (width = 1, height = 1, tail = ''): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'), frame, Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0, 0xff, 0xd9]), Buffer.from(tail)])
}

export function webp (format: 'VP8 ' | 'VP8L' | 'VP8X', width = 1, height = 1): Buffer {
  const data = Buffer.alloc(20)
  if (format === 'VP8X') {
    data.writeUIntLE(width - 1, 4, 3)
    data.writeUIntLE(height - 1, 7, 3)
  } else if (format === 'VP8L') {
    data[0] = 0x2f
    data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1)
  } else {
    data.writeUIntBE(0x9d012a, 3, 3)
    data.writeUInt16LE(width, 6)
    data.writeUInt16LE(height, 8)
  }
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + 8 + data.length, 4)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return Buffer.concat([head, Buffer.from(format), size, data])
}

export const pdf: Buffer = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')

/** One entry of an archive, and what it lies about. */
export interface ZipEntry {
  readonly name: string
  readonly data?: string | Buffer
  readonly isStored?: boolean
  readonly flags?: number
  readonly method?: number
  readonly mode?: number
  readonly localName?: string
  readonly unpacked?: number
  readonly localUnpacked?: number
  readonly offset?: number
}

export function zip (entries: readonly ZipEntry[], { comment = '', before = '' }: { comment?: string, before?: string } = {}): Buffer {
  const locals: Buffer[] = [Buffer.from(before)]
  const directory: Buffer[] = []
  let offset = before.length
  for (const { name, data = 'x', isStored = false, flags = 0, method = isStored ? 0 : 8, mode = 0, localName = name, unpacked, localUnpacked, offset: place } of entries) {
    const bytes = Buffer.from(data)
    const packed = isStored ? bytes : deflateRawSync(bytes)
    const size = unpacked ?? bytes.length
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt32LE((flags & 8) === 0 ? packed.length : 0, 18)
    local.writeUInt32LE((flags & 8) === 0 ? localUnpacked ?? size : 0, 22)
    local.writeUInt16LE(Buffer.byteLength(localName), 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50)
    central.writeUInt16LE(flags, 8)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(packed.length, 20)
    central.writeUInt32LE(size, 24)
    central.writeUInt16LE(Buffer.byteLength(name), 28)
    central.writeUInt32LE((mode << 16) >>> 0, 38)
    central.writeUInt32LE(place ?? offset, 42)
    locals.push(local, Buffer.from(localName), packed)
    directory.push(central, Buffer.from(name))
    offset += 30 + Buffer.byteLength(localName) + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...locals, central, end, Buffer.from(comment)])
}

export const docx: Buffer = zip([{ name: '[Content_Types].xml' }, { name: 'word/document.xml' }])
export const xlsx: Buffer = zip([{ name: '[Content_Types].xml' }, { name: 'xl/workbook.xml' }])
export const pptx: Buffer = zip([{ name: '[Content_Types].xml' }, { name: 'ppt/presentation.xml' }])
export const docm: Buffer = zip([{ name: '[Content_Types].xml' }, { name: 'word/document.xml' }, { name: 'word/vbaProject.bin' }])
export const odt: Buffer = zip([{ name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', isStored: true }, { name: 'content.xml' }])
export const svg: Buffer = Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
export const html: Buffer = Buffer.from('<!doctype html><script>alert(1)</script>')
