/**
 * The names that a form sent, by their steps: below `items` lie `0`, `1` and so on, each with the whole names that begin so. Grouped where and
 * when it is asked for, since to look through all names for every list takes the square of their number.
 */
export class FormNames {
  readonly #top: ReadonlyMap<string, readonly string[]>
  readonly #groups = new Map<string, ReadonlyMap<string, readonly string[]>>()

  constructor (names: readonly string[]) {
    this.#top = group(names.filter((name) => name.includes('.')), 0)
  }

  /** The steps that follow a name, each with the whole names that have it there. */
  below (name: string): ReadonlyMap<string, readonly string[]> {
    let steps = this.#groups.get(name)
    if (steps === undefined) {
      const at = name.lastIndexOf('.')
      const names = at < 0 ? this.#top.get(name) : this.below(name.slice(0, at)).get(name.slice(at + 1))
      steps = group((names ?? []).filter((full) => full.length > name.length), name.length + 1)
      this.#groups.set(name, steps)
    }
    return steps
  }
}

function group (names: readonly string[], start: number): ReadonlyMap<string, readonly string[]> {
  const steps = new Map<string, string[]>()
  for (const name of names) {
    const end = name.indexOf('.', start)
    const step = name.slice(start, end < 0 ? undefined : end)
    const others = steps.get(step)
    if (others === undefined) steps.set(step, [name])
    else others.push(name)
  }
  return steps
}
