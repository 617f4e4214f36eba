import t from 'tap'
import { behind } from '../../lib/route-hooks.ts'

const [first, second, last] = [() => 1, () => 2, () => 3]

const cases: Array<[rule: string, hooks: (() => number) | Array<() => number> | null | undefined, expected: Array<() => number>]> = [
  ['alone where there is none', undefined, [last]],
  ['alone where there is null', null, [last]],
  ['alone where the list is empty', [], [last]],
  ['behind one', first, [first, last]],
  ['behind a list', [first, second], [first, second, last]]
]

for (const [rule, hooks, expected] of cases) {
  t.test(`the hook of a plugin stands ${rule}`, async (t) => t.strictSame(behind(hooks, last), expected))
}

t.test('the list of the caller is not written to, and no two routes share one', async (t) => {
  const hooks = Object.freeze([first])
  t.strictSame(behind(hooks, last), [first, last])
  t.not(behind(undefined, last), behind(undefined, last))
})
