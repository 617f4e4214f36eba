import { constants, createReadStream } from 'node:fs'
import { copyFile, link, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Sink } from './spool.ts'

/** What is known of a file that was sent. */
export interface UploadFacts {
  /** The field of the form. */
  readonly field: string
  /** What the client called it, at most 1000 characters. Hostile: show it escaped, and never use it as a path. */
  readonly originalName: string
  /** The media type that the client claimed, at most 100 characters. As good as a rumour. */
  readonly claimedType: string
  /** The name through `safeFileName`: for people, and for `reply.download`. */
  readonly safeName: string
  /** Random, with the extension of the type: for storing. */
  readonly storedName: string
  /** The kind, from the bytes: one of the `types` of the field. */
  readonly type: string
  /** The media type that goes with it; not what the client said. */
  readonly mediaType: string
  /** Bytes. */
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** A file that was sent, and found to be what the field admits. It is gone when the reply is sent, unless it was moved. */
export class Upload implements UploadFacts {
  readonly field: string
  readonly originalName: string
  readonly claimedType: string
  readonly safeName: string
  readonly storedName: string
  readonly type: string
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
  readonly #sink: Sink

  constructor (facts: UploadFacts, sink: Sink) {
    this.field = facts.field
    this.originalName = facts.originalName
    this.claimedType = facts.claimedType
    this.safeName = facts.safeName
    this.storedName = facts.storedName
    this.type = facts.type
    this.mediaType = facts.mediaType
    this.size = facts.size
    this.sha256 = facts.sha256
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
