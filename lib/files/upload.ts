import { constants, createReadStream } from 'node:fs'
import { copyFile, link, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Sink } from './spool.ts'

/** What is known of a file before it is one that may be used. */
export type UploadFacts = Omit<Upload, 'path' | 'buffer' | 'stream' | 'moveTo'>

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
  /** In hexadecimal. */
  declare readonly sha256: string
  readonly #sink: Sink

  constructor (facts: UploadFacts, sink: Sink) {
    Object.assign(this, facts)
    this.#sink = sink
  }

  /** Where the file is for now; nothing under `store: 'memory'`. */
  get path (): string | undefined {
    return this.#sink.path
  }

  /** The bytes, under `store: 'memory'`. */
  get buffer (): Buffer | undefined {
    return this.#sink.buffer
  }

  stream (): Readable {
    const { path, buffer } = this.#sink
    return path === undefined ? Readable.from([buffer], { objectMode: false }) : createReadStream(path)
  }

  /** Puts the file into a folder to stay, under its `storedName`, readable for its owner only, and gives the path. Never writes over another file. */
  async moveTo (folder: string): Promise<string> {
    const target = join(folder, this.storedName)
    const { path, buffer } = this.#sink
    if (path === undefined) {
      await writeFile(target, buffer!, { flag: 'wx', mode: 0o600 })
      return target
    }
    // Another file system cannot have a second name for it. A copy keeps the mode.
    await link(path, target).catch(() => copyFile(path, target, constants.COPYFILE_EXCL))
    await unlink(path)
    return target
  }
}
