import type { Readable } from 'node:stream'
import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, expectation } from '../options.ts'
import { formatDisposition } from './content-disposition.ts'
import { isKind, KINDS } from './kinds.ts'

/** A file within a folder. The path may come from a client: what leads outside of the folder is not found, and what is no text, as of a field that was sent twice. */
export interface FileSource {
  readonly root: string
  readonly path: string
}

/** What can be sent: bytes, a stream, or a file within a folder. */
export type DownloadSource = Uint8Array | Readable | FileSource

/** How it is sent. */
export interface DownloadOptions {
  /**
   * The name under which it is saved. It goes through `safeFileName`. What is no text, such as a field of the query that came twice, is no name.
   * Default: the last part of the path, or `file`.
   */
  readonly name?: string
  /** A media type, or a kind such as `png`. What is not known to be harmless in a browser is sent as `application/octet-stream`. */
  readonly type?: string
  /** Shows it in the browser, if the type is harmless; everything else is saved. Default `false`. */
  readonly inline?: boolean
}

/**
 * What a browser shows and does not run. No HTML, SVG or XML, which have scripts; no PDF, which no browser shows in a sandbox; nothing with a
 * charset but plain text.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  'image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif',
  'audio/mpeg', 'audio/ogg', 'audio/wav', 'video/mp4', 'video/webm', 'text/plain'
])

const check = compileOptions<Omit<DownloadOptions, 'name'> & { readonly name?: unknown }>(Type.Object({
  // A client may have given it, and what a client gives is no fault of the program.
  name: Type.Optional(Type.Unknown()),
  type: Type.Optional(Type.String()),
  inline: Type.Optional(Type.Boolean())
}, { additionalProperties: false }), { unknown: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID', invalid: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })

/** Throws `SecurityError` `BULWARK_ERR_FILES_DOWNLOAD_INVALID` for what is no source. */
export function checkSource (source: unknown): asserts source is DownloadSource {
  if (source instanceof Uint8Array || typeof (source as Partial<Readable> | null)?.pipe === 'function' || isFileSource(source)) return
  throw new SecurityError('BULWARK_ERR_FILES_DOWNLOAD_INVALID', expectation('reply.download source', 'bytes, a stream, or `{ root, path }`', source, 'The method of the same name of @fastify/static, which takes a path alone, is replaced by this one.'))
}

/** Whether a source is a file within a folder. */
export function isFileSource (source: unknown): source is FileSource {
  const { root } = (source ?? {}) as Partial<FileSource>
  return typeof root === 'string' && root !== '' && 'path' in (source as object)
}

/**
 * The headers of a download: no sniffing, no script even where a browser shows it, nothing for other sites.
 * Throws `SecurityError` `BULWARK_ERR_FILES_DOWNLOAD_INVALID` for options that are wrong.
 */
export function downloadHeaders (source: DownloadSource, given: unknown): Readonly<Record<string, string>> {
  const { name, type = '', inline = false } = check(given ?? {}, 'reply.download options')
  const mediaType = (isKind(type) ? KINDS[type].mediaType : type).split(';', 1)[0]!.trim().toLowerCase()
  const isHarmless = HARMLESS.has(mediaType)
  return {
    'content-type': mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : isHarmless ? mediaType : 'application/octet-stream',
    'content-disposition': formatDisposition(inline && isHarmless ? 'inline' : 'attachment', [name, (source as { readonly path?: unknown }).path].find((text) => typeof text === 'string') ?? 'file'),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin'
  }
}
