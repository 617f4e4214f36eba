import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { sizeOf } from './batches.ts'
import { ByteReader } from './byte-reader.ts'
import { writeWhole } from './write-whole.ts'

/** A name that nobody can foresee, so that nobody can be there before. */
export function randomName (extension: string): string {
  return `${randomBytes(16).toString('hex')}${extension === '' ? '' : `.${extension}`}`
}

/** Where a file is until it is known what becomes of it. */
export interface Sink {
  write (batch: readonly Buffer[]): Promise<void>
  reader (): ByteReader
  /** Nothing more is written. */
  finish (name: string): Promise<void>
  /** Nothing of it is left. May be called at any time, and again. */
  remove (): Promise<void>
  /** True when it was taken away, or is about to be. */
  readonly isRemoved: boolean
  readonly path: string | undefined
  readonly buffer: Buffer | undefined
}

/** A private folder for temporary files. Whoever closes it takes them away. */
export class Spool {
  readonly #folder: string
  readonly #handles = new Set<FileHandle>()

  private constructor (folder: string) {
    this.#folder = folder
  }

  /** Makes the folder (0700). Throws `SecurityError` `BULWARK_ERR_FILES_OPTION_INVALID` where it cannot be made. */
  static async in (base: string = tmpdir()): Promise<Spool> {
    try {
      return new Spool(await mkdtemp(join(base, 'fastify-bulwark-')))
    } catch (cause) {
      throw new SecurityError('BULWARK_ERR_FILES_OPTION_INVALID', expectation('files.folder', 'a folder that can be written to', base), { cause })
    }
  }

  /** A new file (0600), which must not be there before. */
  async create (): Promise<Sink> {
    const path = join(this.#folder, randomName(''))
    const handle = await open(path, 'wx+', 0o600)
    this.#handles.add(handle)
    return new DiskSink(this.#folder, path, handle, this.#handles)
  }

  /** What is still open is closed: since Node 26 a handle that is left to the garbage collector ends the process. */
  async close (): Promise<void> {
    await Promise.all([...this.#handles].map((handle) => handle.close()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

class DiskSink implements Sink {
  path: string
  isRemoved = false
  readonly buffer = undefined
  readonly #folder: string
  readonly #handle: FileHandle
  /** Those of the spool that are open. */
  readonly #handles: Set<FileHandle>
  #size = 0

  constructor (folder: string, path: string, handle: FileHandle, handles: Set<FileHandle>) {
    this.#folder = folder
    this.path = path
    this.#handle = handle
    this.#handles = handles
  }

  async write (batch: readonly Buffer[]): Promise<void> {
    this.#size += sizeOf(batch)
    await writeWhole(this.#handle, batch)
  }

  reader (): ByteReader {
    return new ByteReader(this.#size, async (offset, length) => {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, offset)
      return buffer.subarray(0, bytesRead)
    })
  }

  async finish (name: string): Promise<void> {
    await this.#close()
    const next = join(this.#folder, name)
    await rename(this.path, next)
    this.path = next
  }

  async remove (): Promise<void> {
    this.isRemoved = true
    await this.#close()
    await unlink(this.path).catch(() => {})
  }

  async #close (): Promise<void> {
    await this.#handle.close()
    this.#handles.delete(this.#handle)
  }
}

/** A file that is kept in memory. */
export class MemorySink implements Sink {
  readonly path = undefined
  readonly isRemoved = false
  #chunks: Buffer[] = []

  get buffer (): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!
  }

  /** A batch becomes one piece: what is around each chunk takes a hundred times the room of the one byte that a client may have put into it. */
  async write (batch: readonly Buffer[]): Promise<void> {
    this.#chunks.push(Buffer.concat(batch))
  }

  reader (): ByteReader {
    return ByteReader.of(this.buffer)
  }

  async finish (): Promise<void> {}

  /** Memory is given back by itself; a handler that still works with the file must not find it empty. */
  async remove (): Promise<void> {}
}
