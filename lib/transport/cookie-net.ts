import type { OutgoingHttpHeaders } from 'node:http'

/** The part of a raw response that is taken hold of. Fastify, hijackers and Node itself (for implicit headers) end in `writeHead`. */
export interface RawResponse {
  writeHead (...args: unknown[]): unknown
  hasHeader (name: string): boolean
  removeHeader (name: string): void
}

const NAME = 'set-cookie'
const isCookie = (name: unknown): boolean => String(name).toLowerCase() === NAME

const kWithheld = Symbol('fastify-bulwark.transport.withheld')

/** The headers that `writeHead` was given, in each of the forms that Node takes, without the cookies; `undefined` where there are none. */
function withoutCookies (headers: unknown): unknown {
  if (Array.isArray(headers)) {
    // Pairs, or names and values in turn.
    if (Array.isArray(headers[0])) return headers.some(([name]) => isCookie(name)) ? headers.filter(([name]) => !isCookie(name)) : undefined
    return headers.some((name, index) => index % 2 === 0 && isCookie(name)) ? headers.filter((_, index) => !isCookie(headers[index - index % 2])) : undefined
  }
  if (typeof headers !== 'object' || headers === null || !Object.keys(headers).some(isCookie)) return undefined
  return Object.fromEntries(Object.entries(headers as OutgoingHttpHeaders).filter(([name]) => !isCookie(name)))
}

/**
 * Keeps every Set-Cookie of a response back, whoever sets it and however late: hooks behind this one, error handlers, plugins for
 * sessions, what writes to the raw response. There is no later place than `writeHead`, and no hook that is the last one on a 404.
 * `onWithheld` is told when there was one.
 */
export function withholdCookies (response: RawResponse, onWithheld: () => void): void {
  const marked = response as RawResponse & { [kWithheld]?: true }
  if (marked[kWithheld] === true) return
  marked[kWithheld] = true
  const { writeHead } = response
  response.writeHead = function (this: RawResponse, ...args: unknown[]): unknown {
    let isWithheld = false
    if (response.hasHeader(NAME)) {
      response.removeHeader(NAME)
      isWithheld = true
    }
    const kept = args.map((arg) => {
      const rest = withoutCookies(arg)
      if (rest === undefined) return arg
      isWithheld = true
      return rest
    })
    if (isWithheld) onWithheld()
    return writeHead.apply(response, kept)
  }
}
