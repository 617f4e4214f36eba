/** The hooks of a route, which Fastify takes as one or as a list, with another behind them. */
export function behind<Hook extends object> (hooks: Hook | readonly Hook[] | null | undefined, last: Hook): Hook[] {
  // Most routes have none, and each is asked at start.
  if (hooks === undefined || hooks === null) return [last]
  return Array.isArray(hooks) ? [...hooks as readonly Hook[], last] : [hooks as Hook, last]
}
