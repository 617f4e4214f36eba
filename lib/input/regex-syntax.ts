/** Code points, as pairs of the first and the last one of each run, in order. */
export type CodePoints = ReadonlyArray<readonly [first: number, last: number]>

/** A regular expression, reduced to what its cost depends on. */
export type Syntax =
  | { readonly type: 'set', readonly points: CodePoints }
  | { readonly type: 'sequence' | 'choice', readonly parts: readonly Syntax[] }
  | { readonly type: 'repeat', readonly part: Syntax, readonly min: number, readonly max: number }
  | { readonly type: 'look', readonly part: Syntax }
  | { readonly type: 'start' | 'end' | 'empty' | 'reference' }

const LAST = 0x10ffff
/** Beyond it, every character is taken to have every property: what separates words stands before it. */
const PROPERTIES_END = 0x3000
const DIGITS: CodePoints = [[48, 57]]
const WORD: CodePoints = [[48, 57], [65, 90], [95, 95], [97, 122]]
const BLANK: CodePoints = [[9, 13], [32, 32], [160, 160], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff]]
const DOT: CodePoints = invert([[10, 10], [13, 13], [0x2028, 0x2029]])
const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 }

function invert (points: CodePoints): CodePoints {
  const sorted = [...points].sort(([a], [b]) => a - b)
  const result: Array<[number, number]> = []
  let next = 0
  for (const [first, last] of sorted) {
    if (first > next) result.push([next, first - 1])
    next = Math.max(next, last + 1)
  }
  if (next <= LAST) result.push([next, LAST])
  return result
}

function havingProperty (property: RegExp): CodePoints {
  const result: Array<[number, number]> = [[PROPERTIES_END, LAST]]
  for (let point = 0; point < PROPERTIES_END; point++) {
    if (!property.test(String.fromCodePoint(point))) continue
    const run = result.at(-1)!
    if (run[1] === point - 1) run[1] = point
    else result.push([point, point])
  }
  return result
}

/** Whether two sets have a code point in common. */
export function isShared (a: CodePoints, b: CodePoints): boolean {
  return a.some(([first, last]) => b.some(([start, end]) => first <= end && start <= last))
}

/** Reads a pattern that is known to compile with the flag `u`. */
export function parsePattern (pattern: string): Syntax {
  const points = Array.from(pattern)
  let at = 0

  function choice (): Syntax {
    const parts = [sequence()]
    while (points[at] === '|') {
      at++
      parts.push(sequence())
    }
    return parts.length === 1 ? parts[0]! : { type: 'choice', parts }
  }

  function sequence (): Syntax {
    const parts: Syntax[] = []
    while (at < points.length && points[at] !== '|' && points[at] !== ')') parts.push(quantified(atom()))
    return { type: 'sequence', parts }
  }

  function quantified (part: Syntax): Syntax {
    const counted = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(points.slice(at, at + 24).join(''))
    if (counted === null) return part
    at += counted[0].length
    if (points[at] === '?') at++
    const [sign, least, comma, most] = counted
    if (least === undefined) return { type: 'repeat', part, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
    return { type: 'repeat', part, min: Number(least), max: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) }
  }

  function atom (): Syntax {
    const point = points[at++]!
    if (point === '^') return { type: 'start' }
    if (point === '$') return { type: 'end' }
    if (point === '.') return { type: 'set', points: DOT }
    if (point === '[') return { type: 'set', points: set() }
    if (point === '(') return group()
    if (point !== '\\') return { type: 'set', points: [[point.codePointAt(0)!, point.codePointAt(0)!]] }
    if (/[bB]/.test(points[at]!)) {
      at++
      return { type: 'empty' }
    }
    if (/[1-9k]/.test(points[at]!)) {
      const name = points[at] === 'k' ? points.indexOf('>', at) : at
      at = name + 1
      while (/\d/.test(points[at] ?? '')) at++
      return { type: 'reference' }
    }
    return { type: 'set', points: escape() }
  }

  function group (): Syntax {
    const opening = /^\?(?:[:=!]|<[=!]|<[^>]*>)/.exec(points.slice(at, at + 200).join(''))?.[0] ?? ''
    at += Array.from(opening).length
    const part = choice()
    at++
    return /^\?<?[=!]$/.test(opening) ? { type: 'look', part } : part
  }

  /** What stands behind a backslash. */
  function escape (): CodePoints {
    const letter = points[at++]!
    if (letter === 'd' || letter === 'D') return letter === 'd' ? DIGITS : invert(DIGITS)
    if (letter === 'w' || letter === 'W') return letter === 'w' ? WORD : invert(WORD)
    if (letter === 's' || letter === 'S') return letter === 's' ? BLANK : invert(BLANK)
    if (letter === 'p' || letter === 'P') {
      const end = points.indexOf('}', at) + 1
      const name = points.slice(at, end).join('')
      at = end
      return havingProperty(new RegExp(`\\${letter}${name}`, 'u'))
    }
    if (letter === 'c') {
      const code = points[at++]!.codePointAt(0)! % 32
      return [[code, code]]
    }
    const hex = letter === 'x' || letter === 'u' ? /^(?:\{([\da-f]+)\}|([\da-f]{4})|([\da-f]{2}))/i.exec(points.slice(at, at + 10).join('')) : null
    if (hex !== null) {
      const [digits, ...codes] = hex
      const taken = letter === 'x' ? digits.slice(0, 2) : digits
      at += taken.length
      const code = parseInt(letter === 'x' ? taken : codes.find((each) => each !== undefined)!, 16)
      return [[code, code]]
    }
    const code = ESCAPES[letter] ?? letter.codePointAt(0)!
    return [[code, code]]
  }

  function set (): CodePoints {
    const isInverted = points[at] === '^'
    if (isInverted) at++
    const result: Array<readonly [number, number]> = []
    while (points[at] !== ']') {
      const [first, ...others] = member()
      if (points[at] === '-' && points[at + 1] !== ']' && others.length === 0 && first![0] === first![1]) {
        at++
        result.push([first![0], member()[0]![1]])
      } else {
        result.push(first!, ...others)
      }
    }
    at++
    return isInverted ? invert(result) : result
  }

  function member (): CodePoints {
    const point = points[at++]!
    if (point !== '\\') return [[point.codePointAt(0)!, point.codePointAt(0)!]]
    if (points[at] === 'b') {
      at++
      return [[8, 8]]
    }
    return escape()
  }

  return choice()
}

/** Whether a pattern speaks of the whole value: every way through it begins with `^` and ends with `$`. */
export function isAnchored (syntax: Syntax): boolean {
  return isBound(syntax, 'start') && isBound(syntax, 'end')
}

function isBound (syntax: Syntax, side: 'start' | 'end'): boolean {
  if (syntax.type === side) return true
  if (syntax.type === 'choice') return syntax.parts.every((part) => isBound(part, side))
  if (syntax.type !== 'sequence') return false
  const parts = syntax.parts.filter(({ type }) => type !== 'look' && type !== 'empty')
  const outer = side === 'start' ? parts[0] : parts.at(-1)
  return outer !== undefined && isBound(outer, side)
}
