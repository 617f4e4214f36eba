import fc from 'fast-check'
import t from 'tap'
import { isAnchored, isShared, parsePattern, type Syntax } from '../../../lib/input/regex-syntax.ts'

function matchesOne (syntax: Syntax, point: number): boolean {
  const set = syntax.type === 'sequence' ? syntax.parts[0]! : syntax
  return set.type === 'set' && isShared(set.points, [[point, point]])
}

t.test('a set has the characters that the engine says', async (t) => {
  const patterns = [
    'a', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '[abc]', '[^abc]', '[a-z]', '[a-z0-9._-]', '[^\\s]', '[\\w.-]', '[\\d-]', '[-a]', '[\\b]', '\\t', '\\n', '\\v', '\\f', '\\r', '\\0',
    '\\x41', '\\u0041', '\\u{41}', '\\cA', '\\.', '\\/', '[\\x41-\\x43]', '[\\u{41}-\\u{43}]', '\\p{L}', '\\P{L}', '[\\p{Lu}\\d]', '[^\\p{L}]', '😀', '[😀-😂]', '[\\-a]', '[]', '[^]'
  ]
  for (const pattern of patterns) {
    const expression = new RegExp(`^${pattern}$`, 'u')
    const syntax = parsePattern(pattern)
    const wrong = Array.from({ length: 0x300 }, (_, point) => point).filter((point) => matchesOne(syntax, point) !== expression.test(String.fromCodePoint(point)))
    t.same(wrong, [], pattern)
  }
})

t.test('the parts of a pattern', async (t) => {
  const types = (pattern: string): string[] => (parsePattern(pattern) as Syntax & { type: 'sequence' }).parts.map(({ type }) => type)
  t.same(types('^a$'), ['start', 'set', 'end'])
  t.same(types('\\ba\\B'), ['empty', 'set', 'empty'])
  t.same(types('(a)\\1(?<n>b)\\k<n>\\12'), ['sequence', 'reference', 'sequence', 'reference', 'reference'])
  t.same(types('(?=a)(?!a)(?<=a)(?<!a)(?:a)(?<x>a)'), ['look', 'look', 'look', 'look', 'sequence', 'sequence'])
  t.same(types('a|b'), ['sequence', 'sequence'])
  const counts = (pattern: string): unknown => ((parsePattern(pattern) as Syntax & { type: 'sequence' }).parts[0] as { min?: number, max?: number })
  t.match(counts('a*'), { min: 0, max: Infinity })
  t.match(counts('a+?'), { min: 1, max: Infinity })
  t.match(counts('a?'), { min: 0, max: 1 })
  t.match(counts('a{3}'), { min: 3, max: 3 })
  t.match(counts('a{3,}'), { min: 3, max: Infinity })
  t.match(counts('a{3,5}?'), { min: 3, max: 5 })
})

t.test('a pattern for the whole value', async (t) => {
  for (const pattern of ['^a$', '^(?:a|b)$', '^a$|^b$', '(?:^a|^b)$', '(?=x)^a$', '^$', '(^a$)']) t.ok(isAnchored(parsePattern(pattern)), pattern)
  for (const pattern of ['a', '^a', 'a$', '^a|b$', 'a|^b$', '', '^a$|b', '(?:^)?a$', 'a^$']) t.notOk(isAnchored(parsePattern(pattern)), pattern)
})

t.test('sets', async (t) => {
  t.ok(isShared([[1, 5]], [[5, 9]]))
  t.notOk(isShared([[1, 5]], [[6, 9]]))
  t.notOk(isShared([], [[6, 9]]))
})

t.test('every pattern that compiles is read', async (t) => {
  fc.assert(fc.property(fc.stringMatching(/^[\^$.*+?()[\]{}|\\abdwp,:=!<>03-]{0,20}$/), (pattern) => {
    try {
      RegExp(pattern, 'u')
    } catch {
      return
    }
    parsePattern(pattern)
  }), { numRuns: 5000 })
  t.pass()
})
