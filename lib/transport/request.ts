/** The headers of a request, as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What is read of a request; Fastify's fits. */
export interface TransportRequest {
  readonly method: string
  /** The request target as it was sent, before any rewriting. */
  readonly originalUrl: string
  /** What Fastify believes, by `trustProxy`: for want of a check of its own, any text. */
  readonly protocol: string
  /** What Fastify believes, by `trustProxy`: for want of a check of its own, any text. */
  readonly host: string
  readonly headers: RequestHeaders
  readonly raw: {
    /** Names and values in turn, as they came, duplicates included. */
    readonly rawHeaders: readonly string[]
    readonly headers: RequestHeaders
    /** `1.0`, `1.1` or `2.0`. */
    readonly httpVersion: string
  }
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** The host that the request was sent with: its Host header, or the `:authority` of HTTP/2. */
export function sentHost ({ raw: { headers } }: Pick<TransportRequest, 'raw'>): string | undefined {
  const host = headers['host'] ?? headers[':authority']
  return host === undefined ? undefined : String(host)
}
