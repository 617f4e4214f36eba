/** Where the status and the headers of a Response go. */
export interface ResponseTarget {
  code (status: number): unknown
  header (name: string, value: string): unknown
}

/**
 * What is to be sent of a payload. Fastify takes a Response (Fetch §5.5) apart behind every hook. What its type, its caching and its Location say
 * has to be known in a hook, and what a hook says of caching must not be overwritten by it, so it is taken apart there. One that was read already is left for Fastify to refuse.
 */
export function unpackResponse (target: ResponseTarget, payload: unknown): unknown {
  if (typeof payload !== 'object' || !isResponse(payload) || payload.bodyUsed) return payload
  target.code(payload.status)
  for (const [name, value] of payload.headers) target.header(name, value)
  return payload.body
}

/** By its tag, as Fastify does: the class of a package is not that of Node. */
function isResponse (payload: object | null): payload is Response {
  return Object.prototype.toString.call(payload) === '[object Response]'
}
