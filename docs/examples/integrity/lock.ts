import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { checkLock, formatLock, lockAssets, parseLock } from 'fastify-bulwark/integrity'

// node lock.js sri-lock.json https://…    writes the lock file
// node lock.js sri-lock.json              fails when something differs from it
const [file = 'sri-lock.json', ...urls] = process.argv.slice(2)
const previous = existsSync(file) ? parseLock(readFileSync(file, 'utf8'), file) : undefined

if (urls.length > 0) {
  const { lock, problems } = await lockAssets(urls, {}, previous)
  for (const { url, problem } of problems) console.error(`${problem}: ${url}`)
  writeFileSync(file, formatLock(lock))
  process.exitCode = problems.length > 0 ? 1 : 0
} else {
  const drifts = (await checkLock(previous ?? { version: 1, assets: {} })).filter(({ state }) => state !== 'unchanged')
  for (const { url, state, problem } of drifts) console.error(`${state}${problem === undefined ? '' : ` (${problem})`}: ${url}`)
  process.exitCode = drifts.length > 0 ? 1 : 0
}
