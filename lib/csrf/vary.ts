/** A Vary header (RFC 9110 §12.5.5) with `names` added, each once; `existing` is what a reply has of it so far. */
export function appendVary (existing: unknown, names: readonly string[]): string {
  // What nearly every reply has: nothing, or what stands there already.
  const wanted = names.join(', ')
  if (existing === undefined || existing === wanted) return wanted
  const present = [existing].flat().join(',').split(',').map((name) => name.trim()).filter((name) => name !== '')
  if (present.includes('*')) return '*'
  const known = new Set(present.map((name) => name.toLowerCase()))
  return [...present, ...names.filter((name) => !known.has(name.toLowerCase()))].join(', ')
}
