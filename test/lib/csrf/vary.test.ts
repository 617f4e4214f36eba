import t from 'tap'
import { appendVary } from '../../../lib/csrf/vary.ts'

const cases: Array<[existing: unknown, names: string[], expected: string]> = [
  [undefined, ['Cookie'], 'Cookie'],
  ['', ['Cookie'], 'Cookie'],
  ['Accept', ['Cookie', 'Origin'], 'Accept, Cookie, Origin'],
  ['accept,COOKIE', ['Cookie', 'Origin'], 'accept, COOKIE, Origin'],
  [['Accept', 'Origin, A'], ['Origin', 'B'], 'Accept, Origin, A, B'],
  ['*', ['Cookie'], '*'],
  ['Accept, *', ['Cookie'], '*'],
  ['Accept-Cookie', ['Cookie'], 'Accept-Cookie, Cookie']
]
for (const [existing, names, expected] of cases) {
  t.test(`${JSON.stringify(existing) ?? 'nothing'} with ${names.join()}`, async (t) => t.equal(appendVary(existing, names), expected))
}
