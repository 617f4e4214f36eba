import { setImmediate } from 'node:timers/promises'
import type { FileMessageKey } from '../form-files.ts'

/** The bytes are not what they say that they are, or hold what is not admitted. The reason is for the log, the key for who sent them. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
  readonly key: MalformedKey

  constructor (reason: string, key: MalformedKey = 'fileDamaged') {
    super(reason)
    this.key = key
  }
}

/** What is said of such a file. */
export type MalformedKey = Extract<FileMessageKey, 'fileDamaged' | 'filePixels' | 'fileArchive' | 'fileText'>

const WINDOW = 65_536
/** After so many steps others get their turn. */
const PACE = 5_000
const MOST_STEPS = 1_000_000

/** Reads here and there in a file, without holding it. */
export class ByteReader {
  readonly size: number
  readonly #load: (offset: number, length: number) => Promise<Buffer>
  #window: Buffer = Buffer.alloc(0)
  #start = 0
  #steps = 0

  /** `load` gives the bytes from an offset on: as many as asked for, or up to the end. */
  constructor (size: number, load: (offset: number, length: number) => Promise<Buffer>) {
    this.size = size
    this.#load = load
  }

  /** The reader of what is in memory. */
  static of (bytes: Buffer): ByteReader {
    return new ByteReader(bytes.length, async (offset, length) => bytes.subarray(offset, offset + length))
  }

  /** Throws `Malformed` where the file ends before, and after more steps than an honest file takes. */
  async read (offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) throw new Malformed('truncated')
    if (++this.#steps > MOST_STEPS) throw new Malformed('too many parts')
    if (this.#steps % PACE === 0) await setImmediate()
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      this.#window = await this.#load(offset, Math.max(WINDOW, length))
      this.#start = offset
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length)
  }

  /** All bytes from an offset on, in pieces. */
  async * pieces (from = 0): AsyncGenerator<Buffer> {
    for (let offset = from; offset < this.size; offset += WINDOW) yield await this.read(offset, Math.min(WINDOW, this.size - offset))
  }
}
