import type { Upload } from '../files/upload.ts'

/** How deep the names of nested fields are followed by the compiler. */
type Less = [never, 0, 1, 2]

type Whole = string | number | boolean | bigint | null | undefined | Date | Upload

/**
 * The names of the fields of a form: `email`, `address.street`, and `items.*.name` for every member of a list. `string` where
 * nothing is known of the form.
 */
export type FieldPath<T, Depth extends number = 3> = unknown extends T ? string : T extends Whole ? never : Depth extends 0 ? never : T extends readonly (infer Member)[]
  ? '*' | (Member extends Whole ? never : `*.${FieldPath<Member, Less[Depth]>}`)
  : T extends object ? PathOfKey<T, keyof T & string, Depth> : never

type PathOfKey<T, Key extends keyof T & string, Depth extends number> = Key extends string ? Key | PathBelow<Key, NonNullable<T[Key]>, Depth> : never
type PathBelow<Key extends string, Value, Depth extends number> = unknown extends Value ? never : Value extends Whole ? never : `${Key}.${FieldPath<Value, Less[Depth]>}`

/** The names without lists: where one value is. */
export type SinglePath<T> = unknown extends T ? string : Exclude<FieldPath<T>, `${string}*${string}`>

/** A name as it is sent: a number in the place of each `*`. */
export type SentPath<Path extends string> = Path extends `${infer Start}*${infer Rest}` ? `${Start}${number}${SentPath<Rest>}` : Path

/** The type of the value under a name. */
export type ValueAt<T, Path extends string> = unknown extends T ? unknown : T extends unknown
  ? Path extends `${infer Key}.${infer Rest}` ? Key extends keyof T ? ValueAt<NonNullable<T[Key]>, Rest> : never : Path extends keyof T ? NonNullable<T[Path]> : never
  : never

/** The name with a `*` in the place of every number, under which labels and messages are given. */
export function patternOf (path: string): string {
  return path.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
}

/** The value under a name. */
export function valueAt (value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((outer, step) => typeof outer === 'object' && outer !== null && Object.hasOwn(outer, step) ? (outer as Record<string, unknown>)[step] : undefined, value)
}

/** A label for a field that was given none: `activation_key` becomes `Activation key`. */
export function labelOf (path: string): string {
  const words = (path.split('.').findLast((step) => !/^\d+$|^\*$/.test(step)) ?? '').replace(/[_-]+/g, ' ').replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').trim().toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
