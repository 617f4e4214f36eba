import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Planner } from './planner.ts'
import type { HeadersOptions } from './settings.ts'

interface FrameworkReply {
  code (status: number): unknown
  headers (values: Record<string, string>): unknown
  // Fastify derives what may be sent from the types of a route, of which there is none here.
  send: (...payload: never) => unknown
}

/** What `secureServerOptions` gives: the two functions that answer where no hook of Fastify runs. */
export interface SecureServerOptions {
  frameworkErrors: (error: Error & { code?: string, statusCode?: number }, request: { readonly protocol: string }, reply: FrameworkReply) => void
  clientErrorHandler: (error: Error & { code?: string }, socket: ClientSocket) => void
}

/** What Node adds to a socket: whether it speaks TLS, and the reply that is under way on it. */
type ClientSocket = Duplex & { encrypted?: boolean, _httpMessage?: { readonly headersSent: boolean } | null }

/** Node's codes for what it refuses while reading a request, and the status that they mean. */
const CLIENT_ERRORS: ReadonlyMap<string | undefined, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['HPE_HEADER_OVERFLOW', 431]
])

/**
 * Options to spread into `Fastify({ ...secureServerOptions() })`, so that refusals made before there is a request carry the headers of
 * a reply that is no document: the malformed URL (400), the over-long parameter (414), and what Node's parser refuses (400, 408, 413, 431).
 * `options` are those of the headers plugin; throws `SecurityError` as it does.
 */
export function secureServerOptions (options: HeadersOptions = {}): SecureServerOptions {
  const { nonDocument } = new Planner(options).plan
  const replies = { http: Object.fromEntries(nonDocument.http.pairs), https: Object.fromEntries(nonDocument.https.pairs) }
  return {
    frameworkErrors (error, request, reply) {
      const statusCode = error.statusCode ?? 500
      reply.code(statusCode)
      reply.headers(request.protocol === 'https' ? replies.https : replies.http)
      ;(reply as { send (payload: object): unknown }).send({ statusCode, code: error.code, error: STATUS_CODES[statusCode], message: 'The address of the request was refused.' })
    },
    clientErrorHandler (error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) return
      // As Node does: in the midst of a reply, another one would pass for the rest of its body.
      if (socket._httpMessage?.headersSent === true) {
        socket.destroy()
        return
      }
      const statusCode = CLIENT_ERRORS.get(error.code) ?? 400
      const body = JSON.stringify({ statusCode, error: STATUS_CODES[statusCode], message: 'The request could not be read.' })
      const headers = { ...(socket.encrypted === true ? replies.https : replies.http), 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
      socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`, () => socket.destroy())
    }
  }
}
