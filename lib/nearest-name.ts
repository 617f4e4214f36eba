/**
 * The name of `names` that takes the fewest edits to reach from `given`, letter case and hyphens ignored; `undefined` for no names.
 *
 * An edit is an insertion, a deletion, a substitution or a swap of neighbours (optimal string alignment distance).
 * Our own thirty lines, since the owner's list of packages has none for it and a dependency is a larger risk than this.
 */
export function nearestName (given: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const name of names) {
    const distance = editDistance(fold(given), fold(name))
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

/** Whether `given` may well be a slip of `name`: less than half of the longer one is other letters, or one is a part of the other. */
export function isNear (given: string, name: string): boolean {
  const [from, to] = [fold(given), fold(name)]
  return editDistance(from, to) * 2 < Math.max(from.length, to.length) || (from !== '' && (from.includes(to) || to.includes(from)))
}

/** Names are short: what lies beyond is cut, so that a huge key costs no more than a long name. */
const LONGEST = 64

function fold (name: string): string {
  return name.slice(0, LONGEST).toLowerCase().replaceAll('-', '')
}

function editDistance (from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        edits = Math.min(edits, beforeLast[column - 2]! + 1)
      }
      current.push(edits)
    }
    beforeLast = last
    last = current
  }
  return last[to.length]!
}
