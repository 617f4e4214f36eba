/** What is known of the process and the server. */
export interface Surroundings {
  readonly isProduction: boolean
  readonly isHttps: boolean
  readonly trustsProxy: boolean
}

/** Where a session is used: in production, over https, behind a proxy. */
export function surroundingsOf (app: object): Surroundings {
  const { https, trustProxy } = (internal(app, 'fastify.options') ?? {}) as { https?: unknown, trustProxy?: unknown }
  return { isProduction: process.env['NODE_ENV'] === 'production', isHttps: Boolean(https), trustsProxy: Boolean(trustProxy) }
}

/**
 * Whether @fastify/cookie, which the application registered, reads cookies in `onRequest`. In a later hook, everything that asks for cookies before it gets none, the guards
 * of a session first of all.
 */
export function readsCookiesEarly (app: object): boolean {
  const lists = internal(app, 'fastify.hooks') as Readonly<Record<string, unknown>> | undefined
  // Where it cannot be seen, nobody is accused.
  return lists === undefined || (lists['onRequest'] as Function[]).some(({ name }) => name === 'fastifyCookieHandler')
}

/** What Fastify keeps under a symbol of its own, on the server or on the one around it. */
function internal (app: object, description: string): unknown {
  for (let holder: object | null = app; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const symbol = Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description)
    if (symbol !== undefined) return (holder as Record<symbol, unknown>)[symbol]
  }
  return undefined
}
