/** A schema as it is walked here. */
interface Shape {
  readonly anyOf?: readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  /** Of a record, which has one pattern for all names. */
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

/**
 * A value without the keys that are `undefined`, wherever `schema` describes an object. The check takes such a key for one that is not there, while a spread over
 * the defaults takes it for a value: `{ mode: config.mode }` would switch off what it was to leave as it is.
 *
 * What was given is not changed, and is given back itself where nothing is to be left out. What the schema knows nothing of, such as a store, is never copied.
 */
export function withoutUndefined (schema: object, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const shapes = variantsOf(schema)
  const isList = Array.isArray(value)
  let copy: Record<string, unknown> | undefined
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined && (typeof member !== 'object' || member === null)) continue
    const inner = shapes.flatMap((shape) => memberOf(shape, name))
    if (inner.length === 0) continue
    const kept = withoutUndefined({ anyOf: inner }, member)
    if (kept !== undefined && kept === member) continue
    copy ??= (isList ? [...value] : { ...value }) as Record<string, unknown>
    if (kept === undefined) Reflect.deleteProperty(copy, name)
    else copy[name] = kept
  }
  return copy ?? value
}

function variantsOf (shape: Shape): readonly Shape[] {
  return shape.anyOf === undefined ? [shape] : shape.anyOf.flatMap(variantsOf)
}

/** What a shape says of a member: nothing where it does not name it. */
function memberOf ({ properties = {}, patternProperties = {}, items }: Shape, name: string): readonly Shape[] {
  if (Object.hasOwn(properties, name)) return [properties[name]!]
  return [...Object.values(patternProperties), ...items === undefined ? [] : [items]]
}
