import { SecurityError } from '../errors.ts'

/** What JSON holds, frozen. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** An object of JSON, frozen. */
export interface JsonObject { readonly [key: string]: JsonValue }

/** Levels of nesting: nobody keeps more in a cookie, and recursion must end. */
const DEEPEST = 32

/**
 * A frozen copy of an object, which comes back from the cookie as it went in.
 * Throws `SecurityError` `BULWARK_ERR_SESSION_VALUE_INVALID` for what JSON drops or changes without a word: `undefined`, functions, symbols, BigInt, NaN,
 * dates, maps and other instances, cycles, holes of arrays. The detail is in the `cause` and names the place, never the value.
 */
export function snapshot (value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(path, 'something that is no object')
  return copy(value, path, 0) as JsonObject
}

/** Freezes what the codec parsed, all the way down. */
export function freeze<Value> (value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

function copy (value: unknown, path: string, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  if (typeof value !== 'object') throw refusal(path, typeof value === 'undefined' ? 'undefined; delete the key instead' : `a ${typeof value}${typeof value === 'number' ? ' that is not finite' : ''}`)
  if (depth === DEEPEST) throw refusal(path, 'a cycle, or more than 32 levels')
  if (Array.isArray(value)) return Object.freeze(Array.from(value, (member: unknown, index) => copy(member, `${path}[${index}]`, depth + 1)))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw refusal(path, 'an instance of a class')
  const result: Record<string, JsonValue> = {}
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') throw refusal(path, 'a key that names the prototype')
    // What is further in may be keyed by what a visitor wrote, and the path goes to the log.
    result[key] = copy(member, `${path}.${depth === 0 ? key : '*'}`, depth + 1)
  }
  return Object.freeze(result)
}

function refusal (path: string, what: string): SecurityError {
  return new SecurityError('BULWARK_ERR_SESSION_VALUE_INVALID', undefined, { cause: new TypeError(`${path}: expected a value of JSON, received ${what}.`) })
}
