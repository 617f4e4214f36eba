import { close, createReadStream, open, read, type ReadStream } from 'node:fs'

/** A file as a stream. One that cannot be opened fails with what `fault` makes of it: the error of the system names the path, and may become the answer to a client. */
export function streamFile (path: string, fault: (cause: Error) => Error, options: { readonly highWaterMark?: number } = {}): ReadStream {
  const openFile = (path: string, flags: string, mode: number, done: (error: Error | null, descriptor: number) => void): void => {
    open(path, flags, mode, (error, descriptor) => done(error && fault(error), descriptor))
  }
  return createReadStream(path, { ...options, fs: { open: openFile as typeof open, read, close } })
}
