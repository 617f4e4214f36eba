/** The parts of a request that are read here. */
export interface MaybeSession {
  readonly server: { hasDecorator (name: string): boolean, hasRequestDecorator (name: string): boolean }
  readonly session?: unknown
}

/**
 * The id of the visitor's session, `undefined` while there is none. Only the session of this suite counts, which the decorator `app.sessions`
 * tells from those of other packages: what they call an id may be known to others, or be the same before a login and after it.
 *
 * To read it is to decode its cookie, so it is asked for only where a token is made or checked.
 */
export function sessionIdOf (request: MaybeSession): string | undefined {
  const { server } = request
  if (!server.hasDecorator('sessions') || !server.hasRequestDecorator('session')) return undefined
  const { id } = (request.session ?? {}) as { id?: unknown }
  return typeof id === 'string' ? id : undefined
}
