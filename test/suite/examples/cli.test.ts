import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { examplesOf } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('cli')
const program = fileURLToPath(new URL('../../../../bin/fastify-bulwark.mjs', import.meta.url))

show('app.ts', async (t) => {
  const { stdout, status } = spawnSync(process.execPath, [program, 'check', compiled('app.js'), '--json'], { encoding: 'utf8' })
  t.equal(status, 1, 'the exemption of a page is a finding of high severity')
  const { routes } = JSON.parse(stdout) as { routes: ReadonlyArray<{ url: string, findings: ReadonlyArray<{ severity: string }> }> }
  t.same(routes.filter(({ findings }) => findings.some(({ severity }) => severity === 'high')).map(({ url }) => url), ['/widget'])
})

nothingLeftOut()
