import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Planner } from './planner.ts'

interface FrameworkReply {
  code (status: number): unknown
  headers (values: Record<string, string>): unknown
  send (payload: unknown): unknown
}

/** What `secureServerOptions` gives: the two functions that answer where no hook of Fastify runs. */
export interface SecureServerOptions {
  frameworkErrors: (error: Error & { code?: string, statusCode?: number }, request: { readonly protocol: string }, reply: FrameworkReply) => void
  clientErrorHandler: (error: Error & { code?: string }, socket: Duplex & { encrypted?: boolean }) => void
}

/** Node's codes for what it refuses while reading a request, and the status that they mean. */
const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431
}

/**
 * Options to spread into `Fastify({ ...secureServerOptions() })`, so that refusals made before there is a request carry the headers of
 * a reply that is no document: the malformed URL (400), the over-long parameter (414), and what Node's parser refuses (400, 408, 413, 431).
 * `options` are those of the headers plugin; throws `SecurityError` as it does.
 */
export function secureServerOptions (options: unknown = {}): SecureServerOptions {
  const { nonDocument } = new Planner(options).plan
  const replies = { http: Object.fromEntries(nonDocument.http.pairs), https: Object.fromEntries(nonDocument.https.pairs) }
  return {
    frameworkErrors (error, request, reply) {
      const statusCode = error.statusCode ?? 500
      reply.code(statusCode)
      reply.headers(request.protocol === 'https' ? replies.https : replies.http)
      reply.send({ statusCode, code: error.code, error: STATUS_CODES[statusCode], message: 'The address of the request was refused.' })
    },
    clientErrorHandler (error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) return
      const statusCode = CLIENT_ERRORS[error.code ?? ''] ?? 400
      const body = JSON.stringify({ statusCode, error: STATUS_CODES[statusCode], message: 'The request could not be read.' })
      const headers = { ...(socket.encrypted === true ? replies.https : replies.http), 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
      socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
    }
  }
}
