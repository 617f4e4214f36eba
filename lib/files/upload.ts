import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { SecurityError } from '../errors.ts'
import { BATCH } from './batches.ts'
import { streamFile } from './file-stream.ts'
import type { Sink } from './spool.ts'

/** What is known of a file before it is one that may be used. */
export type UploadFacts = Omit<Upload, 'path' | 'buffer' | 'stream' | 'sha256' | 'moveTo'>

/** A file that was sent, and found to be what the field admits. It is gone when the reply is sent, unless it was moved. */
export class Upload {
  /** The field of the form. */
  declare readonly field: string
  /** What the client called it, at most 1000 characters. Hostile: show it escaped, and never use it as a path. */
  declare readonly originalName: string
  /** The media type that the client claimed, at most 100 characters. As good as a rumour. */
  declare readonly claimedType: string
  /** The name through `safeFileName`: for people, and for `reply.download`. */
  declare readonly safeName: string
  /** Random, with the extension of the type: for storing. */
  declare readonly storedName: string
  /** The kind, from the bytes: one of the `types` of the field. */
  declare readonly type: string
  /** The media type that goes with it; not what the client said. */
  declare readonly mediaType: string
  /** Bytes. */
  declare readonly size: number
  readonly #sink: Sink
  #moved: string | undefined

  constructor (facts: UploadFacts, sink: Sink) {
    Object.assign(this, facts)
    this.#sink = sink
  }

  /** Where the file is for now, or where it was moved to; nothing under `store: 'memory'`. */
  get path (): string | undefined {
    return this.#moved ?? this.#sink.path
  }

  /** The bytes, under `store: 'memory'`. */
  get buffer (): Buffer | undefined {
    return this.#sink.buffer
  }

  /** The bytes. Fails as `sha256` throws. */
  stream (): Readable {
    return this.path === undefined ? Readable.from([this.buffer], { objectMode: false }) : streamFile(this.path, (cause) => this.#fault(cause), { highWaterMark: BATCH })
  }

  /**
   * SHA-256 of the bytes, in hexadecimal. Reads the file anew each time.
   * Throws `SecurityError`: `BULWARK_ERR_FILES_BODY_REFUSED` where the client went meanwhile, and its file with it; `BULWARK_ERR_FILES_STORE_FAILED` where the system
   * refuses, with its error as the `cause`.
   */
  async sha256 (): Promise<string> {
    return await this.#kept(async () => {
      const hash = createHash('sha256')
      for await (const chunk of this.stream()) hash.update(chunk)
      return hash.digest('hex')
    })
  }

  /**
   * Puts the file into a folder to stay, under its `storedName`, readable for its owner only, and gives the path. Never writes over another file.
   * Throws `SecurityError`: `BULWARK_ERR_FILES_BODY_REFUSED` where the client went meanwhile, and its file with it; `BULWARK_ERR_FILES_STORE_FAILED` where the system
   * refuses, with its error as the `cause`.
   */
  async moveTo (folder: string): Promise<string> {
    const target = join(folder, this.storedName)
    await this.#kept(async () => {
      const { path } = this
      if (path === undefined) return await writeNew(target, this.buffer!)
      // Another file system cannot have a second name for it. A copy keeps the mode.
      await link(path, target).catch(() => copyFile(path, target, constants.COPYFILE_EXCL))
      this.#moved = target
      // The client may have gone by now, and taken the other name away.
      await unlink(path).catch(() => {})
    })
    return target
  }

  async #kept<T> (work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw this.#fault(cause)
    }
  }

  /** The system names paths of the server in its errors. And that a client does not wait is no fault of the program, for which somebody would be woken. */
  #fault (cause: unknown): SecurityError {
    if (cause instanceof SecurityError) return cause
    const isGone = this.#moved === undefined && this.#sink.isRemoved
    return new SecurityError(isGone ? 'BULWARK_ERR_FILES_BODY_REFUSED' : 'BULWARK_ERR_FILES_STORE_FAILED', undefined, { cause })
  }
}

/** A file that is whole or not there: half of one would stand in the way of the next attempt. */
async function writeNew (path: string, bytes: Buffer): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') await rm(path, { force: true })
    throw error
  }
}
