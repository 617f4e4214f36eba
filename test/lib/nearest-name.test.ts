import fc from 'fast-check'
import t from 'tap'
import { isNear, nearestName } from '../../lib/nearest-name.ts'

const names = ['script-src', 'style-src', 'maxAge', 'includeSubDomains', 'lint']

const cases: Array<[rule: string, given: string, names: readonly string[], nearest: string | undefined]> = [
  ['a letter too few', 'scrpt-src', names, 'script-src'],
  ['a letter too many', 'lintt', names, 'lint'],
  ['a wrong letter', 'style-scr', names, 'style-src'],
  ['neighbours swapped cost one edit', 'ab', ['abcd', 'ba'], 'ba'],
  ['neighbours swapped in the middle', 'acb', ['azb', 'abc'], 'azb'],
  ['letter case does not count', 'MAXAGE', names, 'maxAge'],
  ['hyphens do not count', 'scriptSrc', names, 'script-src'],
  ['camelCase with a slip', 'includeSubdomain', names, 'includeSubDomains'],
  ['nothing given: the shortest', '', names, 'lint'],
  ['of two as near the first', 'x', ['a', 'b'], 'a'],
  ['no names, no nearest', 'lint', [], undefined]
]

for (const [rule, given, among, nearest] of cases) {
  t.test(`nearest name: ${rule}`, async (t) => {
    t.equal(nearestName(given, among), nearest)
  })
}

const nearness: Array<[rule: string, given: string, name: string, near: boolean]> = [
  ['a slip', 'orgin', 'origin', true],
  ['letter case and hyphens do not count', 'SCRIPT-SRC', 'scriptSrc', true],
  ['a part of the name', 'trusted', 'trustedTypes', true],
  ['more than the name', 'allowedHosts', 'hosts', true],
  ['half of the letters are others', 'mod', 'xxd', false],
  ['another word', 'hsts', 'lint', false],
  ['nothing is near to nothing', '', 'lint', false]
]

for (const [rule, given, name, near] of nearness) {
  t.test(`whether a name may be a slip: ${rule}`, async (t) => {
    t.equal(isNear(given, name), near)
  })
}

t.test('a huge key costs no more than a long name', async (t) => {
  const start = process.hrtime.bigint()
  t.ok(names.includes(nearestName('x'.repeat(50_000_000), names)!))
  t.ok(process.hrtime.bigint() - start < 1_000_000_000n)
})

t.test('property: a known name is nearest to itself, and the answer is always a name', async () => {
  const name = fc.stringMatching(/^[a-z]{1,12}$/)
  fc.assert(fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.nat(), fc.string(), (among, pick, given) => {
    const known = among[pick % among.length]!
    return nearestName(known, among) === known && among.includes(nearestName(given, among)!)
  }))
})

t.test('property: a name with one edit is found among names that are far from it', async () => {
  const far = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']
  fc.assert(fc.property(fc.constantFrom(...far), fc.nat(9), fc.constantFrom('', 'x', 'xa'), (name, at, edit) =>
    nearestName(name.slice(0, at) + edit + name.slice(at + 1), far) === name))
})
