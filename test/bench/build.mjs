import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '../../.ci/build.mjs'
import { root } from '../../.ci/install.mjs'

function newest (folder) {
  const files = readdirSync(join(root, folder), { recursive: true }).map(file => join(root, folder, file))
  return Math.max(...files.map(file => statSync(file).mtimeMs))
}

/** The rows that use this package measure dist/, as an application would. */
export async function ensureBuilt (rows) {
  const outputs = rows
    .flatMap(row => [row.plugin ?? [], row.modules ?? []].flat())
    .filter(name => name.startsWith('fastify-bulwark'))
    .map(name => fileURLToPath(import.meta.resolve(name)))
  if (outputs.length === 0) return
  if (!outputs.every(existsSync)) {
    console.error('Building dist/ ...')
    if (!await build()) throw new Error('The build failed, so there is nothing to measure.')
  } else if (Math.max(newest('plugins'), newest('lib')) > newest('dist')) {
    // Not rebuilt unasked: an older build may be just what is to be measured.
    console.error('Note: dist/ is older than the sources; `npm run build` brings it up to date.')
  }
}
