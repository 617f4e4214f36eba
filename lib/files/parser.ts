import { SecurityError, type ErrorCode } from '../errors.ts'
import { kTornBody } from '../torn-body.ts'
import type { Draining } from './drain.ts'

/** A part of a body, as `@fastify/multipart` gives it. */
export interface Part {
  readonly type: 'file' | 'field'
  readonly fieldname?: string | undefined
  readonly mimetype?: string
  readonly filename?: string | undefined
  readonly file?: AsyncIterable<Buffer> & { destroy (error?: Error): unknown }
  readonly value?: unknown
  readonly valueTruncated?: boolean
}

/** The parts of a request that are used. */
export interface MultipartRequest {
  readonly raw: Draining & { unpipe (): unknown, off (event: 'data', listener: (chunk: Buffer) => void): unknown }
  readonly headers: Readonly<Record<string, unknown>>
  parts (options: object): AsyncIterator<Part>
}

const LIMITS: Readonly<Record<string, ErrorCode>> = {
  FST_PARTS_LIMIT: 'BULWARK_ERR_FILES_TOO_MANY',
  FST_FILES_LIMIT: 'BULWARK_ERR_FILES_TOO_MANY',
  FST_FIELDS_LIMIT: 'BULWARK_ERR_FILES_TOO_MANY'
}

/** What the parser objects to, as an error of ours; one that is ours already stays. */
export function errorOf (cause: unknown): SecurityError {
  return cause instanceof SecurityError ? cause : new SecurityError(LIMITS[(cause as { code?: string }).code ?? ''] ?? 'BULWARK_ERR_FILES_BODY_REFUSED', undefined, { cause })
}

/**
 * What is laid over the headers for `@fastify/multipart`, which writes them into the log at the level trace, cookies and all. The parser reads the media type
 * alone.
 */
export function silenced (headers: MultipartRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).filter((name) => name !== 'content-type').map((name) => [name, '']))
}

/**
 * Throws `SecurityError` where the body was read already: by a hook of the application, `BULWARK_ERR_FILES_MULTIPART_CONSUMED`, or because who looked into its
 * first part came to its end there, `BULWARK_ERR_FILES_BODY_REFUSED`, which is the doing of the client.
 */
export function requireUnread ({ raw, body }: { readonly raw: Pick<Draining, 'readableEnded'>, readonly body?: unknown }): void {
  if (kTornBody in raw) throw new SecurityError('BULWARK_ERR_FILES_BODY_REFUSED')
  if (raw.readableEnded || body !== undefined) throw new SecurityError('BULWARK_ERR_FILES_MULTIPART_CONSUMED')
}
