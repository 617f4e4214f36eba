import { Malformed, type ByteReader } from './byte-reader.ts'
import type { Detected } from './kinds.ts'

/** What an archive may hold. */
export interface ZipLimits {
  readonly maxEntries: number
  /** Bytes of all entries together, unpacked. */
  readonly maxUnpacked: number
}

interface Entry { readonly name: Buffer, readonly method: number, readonly packed: number, readonly unpacked: number, readonly offset: number }

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const LONGEST_COMMENT = 65_535
const MOST_RATIO = 200
/** Below this the ratio says nothing: a page of blanks is packed a thousandfold. */
const HARMLESS = 1_048_576
/** A local header without its name, and what may follow the data. */
const LOCAL_SIZE = 30

/**
 * Looks at an archive through its central directory (APPNOTE 4.3.12) and unpacks nothing. Gives the kind of document that it is, or `zip`.
 * Throws `Malformed` for one that would hurt who unpacks it: names that lead out of the folder, links, entries that lie on each other, sizes that
 * differ between directory and entry, what is encrypted, and what is over the limits.
 */
export async function readZip (reader: ByteReader, limits: ZipLimits): Promise<Detected> {
  const end = await findEnd(reader)
  const count = end.readUInt16LE(10)
  const size = end.readUInt32LE(12)
  const start = end.readUInt32LE(16)
  if (end.readUInt16LE(4) !== 0 || end.readUInt16LE(8) !== count) throw new Malformed('zip: in several parts')
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) throw new Malformed('zip: zip64')
  if (count > limits.maxEntries) throw new Malformed('zip: too many entries', 'fileArchive')
  if (start + size + end.length !== reader.size) throw new Malformed('zip: the directory is not where it should be')
  const entries: Entry[] = []
  let offset = start
  for (let left = count; left > 0; left--) {
    const head = await reader.read(offset, 46)
    if (head.readUInt32LE(0) !== CENTRAL) throw new Malformed('zip: no entry in the directory')
    const length = head.readUInt16LE(28)
    entries.push(readEntry(Buffer.from(head), Buffer.from(await reader.read(offset + 46, length))))
    offset += 46 + length + head.readUInt16LE(30) + head.readUInt16LE(32)
  }
  if (offset !== start + size) throw new Malformed('zip: the directory is longer or shorter than it says')
  checkSizes(entries, reader.size, limits)
  await checkPlaces(reader, entries, start)
  return kindOf(reader, entries)
}

async function findEnd (reader: ByteReader): Promise<Buffer> {
  if (reader.size < 22) throw new Malformed('zip: no directory')
  const from = Math.max(0, reader.size - 22 - LONGEST_COMMENT)
  const tail = Buffer.from(await reader.read(from, reader.size - from))
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return tail.subarray(at)
  }
  throw new Malformed('zip: no directory')
}

function readEntry (head: Buffer, name: Buffer): Entry {
  const flags = head.readUInt16LE(8)
  const method = head.readUInt16LE(10)
  if ((flags & 0x2041) !== 0) throw new Malformed('zip: encrypted', 'fileArchive')
  if (method !== 0 && method !== 8) throw new Malformed('zip: an unusual method')
  // The upper half holds the mode of Unix: links, devices and the like are neither files (8) nor folders (4).
  const mode = head.readUInt16LE(40) >>> 12
  if (mode !== 0 && mode !== 8 && mode !== 4) throw new Malformed('zip: a link', 'fileArchive')
  checkName(name.toString('latin1'))
  return { name, method, packed: head.readUInt32LE(20), unpacked: head.readUInt32LE(24), offset: head.readUInt32LE(42) }
}

function checkName (name: string): void {
  // eslint-disable-next-line no-control-regex -- they are what is refused
  if (name === '' || name.length > 1000 || /[\0-\x1f\\:]/.test(name) || name.startsWith('/') || /(?:^|\/)\.\.?(?:\/|$)/.test(name)) throw new Malformed('zip: a name that leads elsewhere', 'fileArchive')
}

function checkSizes (entries: readonly Entry[], size: number, { maxUnpacked }: ZipLimits): void {
  const names = new Set(entries.map(({ name }) => name.toString('utf8').normalize('NFC').toLowerCase()))
  if (names.size !== entries.length) throw new Malformed('zip: a name twice', 'fileArchive')
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0)
  if (unpacked > maxUnpacked || (unpacked > HARMLESS && unpacked > size * MOST_RATIO)) throw new Malformed('zip: too much inside', 'fileArchive')
}

/** Entries lie one behind the other. Those that share bytes unpack to far more than the sizes tell ("A better zip bomb", Fifield 2019). */
async function checkPlaces (reader: ByteReader, entries: readonly Entry[], start: number): Promise<void> {
  let free = 0
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (entry.offset < free || (free === 0 && entry.offset !== 0)) throw new Malformed('zip: entries on each other, or bytes before the first')
    const head = Buffer.from(await reader.read(entry.offset, LOCAL_SIZE))
    const length = head.readUInt16LE(26)
    const name = await reader.read(entry.offset + LOCAL_SIZE, length)
    const isLate = (head.readUInt16LE(6) & 8) !== 0
    if (head.readUInt32LE(0) !== LOCAL || !name.equals(entry.name) || head.readUInt16LE(8) !== entry.method ||
      (!isLate && (head.readUInt32LE(18) !== entry.packed || head.readUInt32LE(22) !== entry.unpacked))) throw new Malformed('zip: directory and entry differ')
    free = entry.offset + LOCAL_SIZE + length + head.readUInt16LE(28) + entry.packed
  }
  if (free > start) throw new Malformed('zip: entries in the directory')
}

const OFFICE: Readonly<Record<string, Detected>> = { 'word/document.xml': 'docx', 'xl/workbook.xml': 'xlsx', 'ppt/presentation.xml': 'pptx' }
const OPEN: Readonly<Record<string, Detected>> = { text: 'odt', spreadsheet: 'ods', presentation: 'odp' }

async function kindOf (reader: ByteReader, entries: readonly Entry[]): Promise<Detected> {
  const names = entries.map(({ name }) => name.toString('latin1'))
  if (names.includes('[Content_Types].xml')) {
    if (names.some((name) => /vba(?:project|data)/i.test(name) || /\bactivex\b/i.test(name))) return 'macro'
    return names.map((name) => OFFICE[name]).find((kind) => kind !== undefined) ?? 'zip'
  }
  const [first] = entries
  if (first === undefined || names[0] !== 'mimetype' || first.method !== 0 || first.unpacked > 100 || first.packed !== first.unpacked) return 'zip'
  const head = await reader.read(first.offset, LOCAL_SIZE)
  const type = await reader.read(first.offset + LOCAL_SIZE + head.readUInt16LE(26) + head.readUInt16LE(28), first.packed)
  const kind = OPEN[/^application\/vnd\.oasis\.opendocument\.(\w+)$/.exec(type.toString('latin1'))?.[1] ?? '']
  if (kind === undefined) return 'zip'
  return names.some((name) => /^(?:basic|scripts)\//i.test(name)) ? 'macro' : kind
}
