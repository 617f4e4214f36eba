import { join } from 'node:path'
import t, { type Test } from 'tap'
import { resolveOptions, type IntegrityOptions } from '../../../lib/integrity/settings.ts'
import { loadSources } from '../../../lib/integrity/sources.ts'
import { folderWith } from './folder.ts'

const BUILD = JSON.stringify({ 'main.ts': { file: 'main.js', css: ['main.css'], assets: ['logo.svg'] } })

function load (t: Test, files: Record<string, string>, options: (folder: string) => IntegrityOptions): ReturnType<typeof loadSources> {
  return loadSources(resolveOptions(options(folderWith(t, files)), ''), () => {})
}

t.test('the roots, the lock file and the build', async (t) => {
  const sources = load(t, { 'main.js': '', 'main.css': '', 'm.json': BUILD }, (folder) => ({ roots: [{ root: folder }], vite: { manifest: join(folder, 'm.json') }, extensions: ['.js', '.css'] }))
  t.same(sources.manifest.assets.map(({ url }) => url), ['/main.css', '/main.js'])
  t.equal(sources.vite?.entry('main.ts')?.url, '/main.js')
  t.equal(load(t, {}, () => ({})).vite, undefined)
})

t.test('a build on another site is held against the lock file', async (t) => {
  const asset = { integrity: `sha384-${'A'.repeat(64)}`, size: 1, date: '2026-11-25' }
  const lock = (names: string[]): string => JSON.stringify({ version: 1, assets: Object.fromEntries(names.map((name) => [`https://cdn.test/${name}`, asset])) })
  const options = (folder: string): IntegrityOptions => ({ lock: join(folder, 'lock.json'), vite: { manifest: join(folder, 'm.json'), base: 'https://cdn.test/' } })
  t.equal(load(t, { 'lock.json': lock(['main.js', 'main.css']), 'm.json': BUILD }, options).vite?.entry('main.ts')?.url, 'https://cdn.test/main.js')
  t.throws(() => load(t, { 'lock.json': lock(['main.js']), 'm.json': BUILD }, options), { code: 'BULWARK_ERR_INTEGRITY_VITE_INVALID', message: '"https://cdn.test/main.css"' })
})

t.test('a file of the build that is not served', async (t) => {
  t.throws(() => load(t, { 'main.js': '', 'm.json': BUILD }, (folder) => ({ roots: [{ root: folder }], vite: { manifest: join(folder, 'm.json') } })),
    { code: 'BULWARK_ERR_INTEGRITY_VITE_INVALID', message: 'nothing is known of "/main.css". Look at `roots`' })
})

t.test('what is not known is told once, and no more than a thousand times', async (t) => {
  const told: string[] = []
  const { onUnknown } = loadSources(resolveOptions({}, ''), (url) => told.push(url))
  for (let i = 0; i < 3000; i++) onUnknown(`/${i % 1500}`)
  t.equal(told.length, 1000)
  t.equal(new Set(told).size, 1000)
})
