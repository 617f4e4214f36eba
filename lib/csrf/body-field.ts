/**
 * Takes a field out of a parsed body and gives its value, `undefined` where there is none. A schema that refuses what it does not name must
 * not see it, and a handler has no use for it.
 */
export function takeField (body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined
  const value = (body as Record<string, unknown>)[name]
  Reflect.deleteProperty(body, name)
  return value
}
