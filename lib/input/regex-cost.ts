import { isShared, type CodePoints, type Syntax } from './regex-syntax.ts'

/**
 * How the time of a backtracking matcher grows with the length of a text that does not match: with it, with a power of it, or
 * doubling with every character.
 *
 * A matcher tries every way through a pattern, so what counts is in how many ways it can read one text (A. Weber and H. Seidl, "On
 * the degree of ambiguity of finite automata", 1991): exponential when one loop can read the same text in two ways, polynomial when
 * one loop can hand over to another at any of many places.
 */
export interface Cost {
  readonly growth: 'linear' | 'polynomial' | 'exponential'
  /** How many loops there are: the power is no greater. */
  readonly loops: number
}

/** Repetitions that lie in each other, multiplied: what is repeated more often, or between 0 and more than 3 times, is a loop. */
const FEW = 10
const FEW_OPTIONAL = 3
/** Beyond these sizes the search itself would cost too much, and the pattern is judged as if it were ambiguous. */
const MOST_STATES = 300
const MOST_STEPS = 50_000

/** The automaton of positions (Glushkov): one state for each set of characters, and which may follow which. */
interface Automaton {
  readonly sets: CodePoints[]
  readonly follow: Array<Set<number>>
  /** Steps that can be taken in two ways, as of `(a*)*`. */
  readonly doubled: Array<readonly [number, number]>
  loops: number
}

interface Part { readonly isEmpty: boolean, readonly first: readonly number[], readonly last: readonly number[] }

const NOTHING: Part = { isEmpty: true, first: [], last: [] }

/** A look-ahead or look-behind, and whether a loop comes before it or around it: then it is looked again at each of its places. */
interface Look { readonly part: Syntax, readonly isRepeated: boolean }

/** What a pattern costs. Its look-aheads and look-behinds are judged like patterns of their own. */
export function costOf (syntax: Syntax): Cost {
  const looks: Look[] = []
  if (hasReference(syntax)) return { growth: 'exponential', loops: 1 }
  const automaton = build(syntax, looks)
  const costs = [judge(automaton), ...looks.map(({ part, isRepeated }): Cost => {
    const cost = costOf(part)
    return isRepeated && cost.loops > 0 ? { growth: cost.growth === 'linear' ? 'polynomial' : cost.growth, loops: cost.loops + automaton.loops } : cost
  })]
  const loops = costs.reduce((most, cost) => Math.max(most, cost.loops), 0)
  const growth = (['exponential', 'polynomial', 'linear'] as const).find((growth) => costs.some((cost) => cost.growth === growth))!
  return { growth, loops }
}

/** What refers back to a group within a loop cannot be judged without the text. */
function hasReference (syntax: Syntax): boolean {
  if (syntax.type === 'reference') return true
  if ('parts' in syntax) return syntax.parts.some(hasReference)
  return 'part' in syntax && hasReference(syntax.part)
}

function build (syntax: Syntax, looks: Look[]): Automaton {
  const automaton: Automaton = { sets: [], follow: [], doubled: [], loops: 0 }

  function connect (from: readonly number[], to: readonly number[]): void {
    for (const state of from) {
      for (const next of to) {
        const follow = automaton.follow[state]!
        if (follow.has(next)) automaton.doubled.push([state, next])
        follow.add(next)
      }
    }
  }

  function sequence (parts: readonly Part[]): Part {
    return parts.reduce((left, right) => {
      connect(left.last, right.first)
      return {
        isEmpty: left.isEmpty && right.isEmpty,
        first: left.isEmpty ? [...left.first, ...right.first] : left.first,
        last: right.isEmpty ? [...left.last, ...right.last] : right.last
      }
    }, NOTHING)
  }

  function walk (node: Syntax, times: number): Part {
    switch (node.type) {
      case 'set':
        automaton.sets.push(node.points)
        automaton.follow.push(new Set())
        return { isEmpty: false, first: [automaton.sets.length - 1], last: [automaton.sets.length - 1] }
      case 'sequence': return sequence(node.parts.map((part) => walk(part, times)))
      case 'choice': {
        const parts = node.parts.map((part) => walk(part, times))
        return { isEmpty: parts.some(({ isEmpty }) => isEmpty), first: parts.flatMap(({ first }) => first), last: parts.flatMap(({ last }) => last) }
      }
      case 'repeat': return repeat(node, times)
      case 'look':
        looks.push({ part: node.part, isRepeated: automaton.loops > 0 })
        return NOTHING
      default: return NOTHING
    }
  }

  function repeat ({ part, min, max }: Syntax & { type: 'repeat' }, times: number): Part {
    if (max === 0) return NOTHING
    if (max * times <= FEW && (min === max || max <= FEW_OPTIONAL)) {
      // All copies: `(a{0,2})*` can read two letters in one turn or in two, and `(a{3}b|aaab)*` every turn in two ways. One that need not be there
      // lies within the one before it: there is one way to read a single letter by `a{0,2}`.
      const copies = Array.from({ length: max }, () => walk(part, times * max))
      const optional = copies.slice(min).reduceRight<Part>((inner, copy) => ({ ...sequence([copy, inner]), isEmpty: true }), NOTHING)
      return sequence([...copies.slice(0, min), optional])
    }
    automaton.loops++
    const loop = walk(part, times)
    connect(loop.last, loop.first)
    return min === 0 ? { ...loop, isEmpty: true } : loop
  }

  walk(syntax, 1)
  return automaton
}

function judge (automaton: Automaton): Cost {
  const { sets, follow, doubled, loops } = automaton
  if (loops === 0) return { growth: 'linear', loops }
  if (sets.length > MOST_STATES) return { growth: 'exponential', loops }
  const component = components(sets.length, (state) => follow[state]!)
  if (doubled.some(([from, to]) => component[from] === component[to]) || isExponential(automaton, component)) return { growth: 'exponential', loops }
  return { growth: isPolynomial(automaton, component) ? 'polynomial' : 'linear', loops }
}

/** The number of the strongly connected component of each node (Tarjan, without recursion). */
function components (size: number, next: (node: number) => Iterable<number>): number[] {
  const index: number[] = []
  const low: number[] = []
  const result = new Array<number>(size).fill(-1)
  const stack: number[] = []
  let count = 0
  for (let root = 0; root < size; root++) {
    if (index[root] !== undefined) continue
    const open = [{ node: root, rest: next(root)[Symbol.iterator]() }]
    index[root] = low[root] = count++
    stack.push(root)
    while (open.length > 0) {
      const { node, rest } = open.at(-1)!
      const step = rest.next()
      if (!step.done) {
        const target = step.value
        if (index[target] === undefined) {
          index[target] = low[target] = count++
          stack.push(target)
          open.push({ node: target, rest: next(target)[Symbol.iterator]() })
        } else if (result[target] === -1) {
          low[node] = Math.min(low[node]!, index[target])
        }
        continue
      }
      open.pop()
      const outer = open.at(-1)
      if (outer !== undefined) low[outer.node] = Math.min(low[outer.node]!, low[node]!)
      if (low[node] !== index[node]) continue
      for (let member = -1; member !== node;) {
        member = stack.pop()!
        result[member] = node
      }
    }
  }
  return result
}

/** Two ways around: a pair of the same state reaches a pair of different ones, and comes back. */
function isExponential ({ sets, follow }: Automaton, component: readonly number[]): boolean {
  const size = sets.length
  function * next (pair: number): Iterable<number> {
    const left = Math.floor(pair / size)
    const right = pair % size
    for (const a of follow[left]!) {
      if (component[a] !== component[left]) continue
      for (const b of follow[right]!) {
        if (component[b] === component[right] && component[a] === component[b] && isShared(sets[a]!, sets[b]!)) yield a * size + b
      }
    }
  }
  const pairs = components(size * size, (pair) => component[Math.floor(pair / size)] === component[pair % size] ? next(pair) : [])
  const diagonal = new Set(sets.map((_, state) => pairs[state * size + state]!))
  return pairs.some((number, pair) => Math.floor(pair / size) !== pair % size && diagonal.has(number))
}

/** One loop hands over to another at any of many places: on one text, from the first to itself, from the first to the second, and from the second to itself. */
function isPolynomial ({ sets, follow }: Automaton, component: readonly number[]): boolean {
  let steps = 0
  const size = sets.length
  const inLoop = sets.map((_, state) => [...follow[state]!].some((next) => component[next] === component[state]))
  for (let first = 0; first < size; first++) {
    for (let second = 0; second < size; second++) {
      if (first === second || !inLoop[first] || !inLoop[second] || component[first] === component[second]) continue
      const goal = (first * size + second) * size + second
      const seen = new Set<number>()
      const open = [(first * size + first) * size + second]
      while (open.length > 0) {
        const triple = open.pop()!
        const [a, b, c] = [Math.floor(triple / size / size), Math.floor(triple / size) % size, triple % size]
        for (const x of follow[a]!) {
          if (component[x] !== component[a]) continue
          for (const y of follow[b]!) {
            if (!isShared(sets[x]!, sets[y]!)) continue
            for (const z of follow[c]!) {
              if (++steps > MOST_STEPS) return true
              if (component[z] !== component[c] || !isShared(sets[y]!, sets[z]!) || !isShared(sets[x]!, sets[z]!)) continue
              const target = (x * size + y) * size + z
              if (target === goal) return true
              if (!seen.has(target)) {
                seen.add(target)
                open.push(target)
              }
            }
          }
        }
      }
    }
  }
  return false
}
