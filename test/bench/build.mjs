import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

function newest (folder) {
  const files = readdirSync(join(root, folder), { recursive: true }).map(file => join(root, folder, file))
  return Math.max(...files.map(file => statSync(file).mtimeMs))
}

/** The rows that use this package measure dist/, as an application would. */
export function ensureBuilt (rows) {
  const outputs = rows
    .flatMap(row => [row.plugin ?? [], row.modules ?? []].flat())
    .filter(name => name.startsWith('fastify-bulwark'))
    .map(name => fileURLToPath(import.meta.resolve(name)))
  if (outputs.length === 0) return
  if (!outputs.every(existsSync)) {
    console.error('Building dist/ ...')
    const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.json'], { cwd: root, stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error('The build failed, so there is nothing to measure.')
  } else if (Math.max(newest('plugins'), newest('lib')) > newest('dist')) {
    // Not rebuilt unasked: an older build may be just what is to be measured.
    console.error('Note: dist/ is older than the sources; `npm run build` brings it up to date.')
  }
}
