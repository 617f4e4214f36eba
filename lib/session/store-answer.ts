import type { Admission, Rotation } from './store.ts'

// What a store answers is believed where it is what was asked for. Whatever else comes (`undefined` from a method that forgot its `return`, `QUEUED` from a
// pipeline) counts as no answer, so that `onStoreError` decides: read as `false`, it would say that every session that ended lives.

function refuse (method: string): never {
  throw new TypeError(`The store gave no answer to \`${method}\` that is one.`)
}

/** The answer of `isRevoked`. Throws `TypeError` for what is none. */
export function verdictOf (answer: unknown): boolean {
  return typeof answer === 'boolean' ? answer : refuse('isRevoked')
}

/** The answer of `admit`. Throws `TypeError` for what is none. */
export function admissionOf (answer: unknown): Admission {
  const { ok, evicted } = (answer ?? {}) as { ok?: unknown, evicted?: unknown }
  const isSound = ok === false || (ok === true && Array.isArray(evicted) && evicted.every((sid) => typeof sid === 'string'))
  return isSound ? answer as Admission : refuse('admit')
}

/** The answer of `remember.rotate`. Throws `TypeError` for what is none. */
export function rotationOf (answer: unknown): Rotation {
  const { kind, userId, label, generation, gap } = (answer ?? {}) as Record<string, unknown>
  if (kind === 'none') return { kind }
  const isUser = typeof userId === 'string' && userId !== ''
  const isSound = (kind === 'ok' && typeof label === 'string' && Number.isSafeInteger(generation)) || (kind === 'replay' && Number.isSafeInteger(gap))
  return isUser && isSound ? answer as Rotation : refuse('remember.rotate')
}

/** The answer of `list`, of sessions or of devices. Throws `TypeError` for what is none. */
export function rowsOf<Row> (answer: readonly Row[]): readonly Row[] {
  return Array.isArray(answer) ? answer : refuse('list')
}

/** The answer of `count`. Throws `TypeError` for what is none. */
export function countOf (answer: unknown): number {
  return Number.isSafeInteger(answer) ? answer as number : refuse('count')
}
