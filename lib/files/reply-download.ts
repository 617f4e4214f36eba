import { join } from 'node:path'
import { Readable } from 'node:stream'
import { SecurityError } from '../errors.ts'
import { findWithin } from './contained-path.ts'
import { checkSource, downloadHeaders, isFileSource, type DownloadOptions, type DownloadSource, type FileSource } from './download-headers.ts'
import { streamFile } from './file-stream.ts'

/** Where a reply keeps the headers of its download. */
export const kDownload: unique symbol = Symbol('fastify-bulwark.files.download')

/** The parts of Fastify's reply that are used. `sendFile` is that of @fastify/static. */
export interface DownloadReply {
  readonly request: { readonly method: string }
  readonly statusCode: number
  hasHeader (name: string): boolean
  header (name: string, value: string | number): unknown
  headers (values: object): unknown
  send (payload: unknown): unknown
  sendFile? (path: string, root: string, options: object): unknown
  [kDownload]?: Readonly<Record<string, string>> | null
}

/** `reply.download`. Throws `SecurityError` `BULWARK_ERR_FILES_DOWNLOAD_INVALID`; what is not found is answered. */
export function download<Reply extends DownloadReply> (this: Reply, source: DownloadSource, options?: DownloadOptions): Reply {
  checkSource(source)
  const headers = downloadHeaders(source, options)
  if (!this.hasHeader('cache-control')) this.header('cache-control', 'private, no-cache')
  this[kDownload] = headers
  if (isFileSource(source)) sendFile(this, source).catch((error: unknown) => this.send(error))
  else this.send(source)
  return this
}

async function sendFile (reply: DownloadReply, { root, path }: FileSource): Promise<void> {
  // A folder that is not there, or a file that must not be read: the error of the system would tell the client where it is.
  const fault = (cause: unknown): SecurityError => new SecurityError('BULWARK_ERR_FILES_DOWNLOAD_INVALID', undefined, { cause })
  const found = await findWithin(root, path).catch((cause: unknown) => { throw fault(cause) })
  if (found === undefined) throw new SecurityError('BULWARK_ERR_FILES_NOT_FOUND')
  if (reply.sendFile !== undefined) {
    reply.sendFile(found.path, found.root, { cacheControl: false, contentType: false, index: false })
    return
  }
  reply.header('content-length', found.size)
  // To HEAD, Fastify reads a stream to its end and drops it: a large file would be read for whoever asks.
  reply.send(reply.request.method === 'HEAD' ? Readable.from([]) : streamFile(join(found.root, found.path), fault))
}

/** Writes the headers of a download over whatever was written before. An error page is no download. */
export function settleDownload (reply: DownloadReply): void {
  const headers = reply[kDownload]
  // There is none in a scope that was made before the plugin was registered.
  if (headers != null && reply.statusCode < 400) reply.headers(headers)
}
