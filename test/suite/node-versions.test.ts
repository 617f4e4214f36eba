import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

// The twin tests on each of them take minutes: `npm run compat` runs those as well, before a release.

const root = fileURLToPath(new URL('../../../', import.meta.url))
const isCI = !['', 'false', '0', undefined].includes(process.env['CI'])

t.test('Node 20, 22, 24 and 26 import and require every subpath, and an application of all plugins works on each', async (t) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['test/compat/run.mjs', '--consumers'], { cwd: root, encoding: 'utf8' })
  if (/could not be fetched/.test(stderr) && !isCI) {
    t.pass('the consumers work', { skip: 'the npm registry is out of reach' })
    return
  }
  t.equal(status, 0, [stdout, stderr].join('\n'))
  t.same([...stdout.matchAll(/^Node (\d+): 2 of 2 consumers work/gm)].map(([, major]) => major), ['20', '22', '24', '26'])
})
