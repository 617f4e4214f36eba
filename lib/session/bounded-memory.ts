/** Notes something in a map that forgets its oldest entry. */
export function remember<Value> (map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key)
  if (map.size >= limit) map.delete(map.keys().next().value!)
  map.set(key, value)
}
