import t from 'tap'
import { SEVERITIES } from '../../../lib/headers/finding.ts'
import { paintFor, plain, SEVERITY_STYLE } from '../../../lib/cli/paint.ts'

const cases: Array<[what: string, isTTY: boolean | undefined, env: NodeJS.ProcessEnv, isColoured: boolean]> = [
  ['a terminal gets colours', true, {}, true],
  ['a pipe gets none', undefined, {}, false],
  ['NO_COLOR forbids them', true, { NO_COLOR: '1' }, false],
  ['NO_COLOR with any value', true, { NO_COLOR: '0' }, false],
  ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, true],
  ['a dumb terminal gets none', true, { TERM: 'dumb' }, false]
]
for (const [what, isTTY, env, isColoured] of cases) {
  t.test(what, async (t) => {
    const painted = paintFor(isTTY === undefined ? {} : { isTTY }, env)('red', 'text')
    t.equal(painted, isColoured ? '\x1b[31mtext\x1b[39m' : 'text')
  })
}

t.test('every severity has a colour, and without colours the text stays', async (t) => {
  t.same(Object.keys(SEVERITY_STYLE).sort(), [...SEVERITIES].sort())
  t.equal(plain('red', 'text'), 'text')
})
