import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { integrityDefaults, resolveOptions, resolveSetting } from '../../../lib/integrity/settings.ts'
import { folderWith } from './folder.ts'

const LOCK = { version: 1, assets: { 'https://cdn.test/a.js': { integrity: `sha384-${'A'.repeat(64)}`, size: 1, date: '2026-11-25' } } }

t.test('nothing given', async (t) => {
  const { roots, limits, isFresh, unknown, checkInterval, lock, vite, headers } = resolveOptions({}, '')
  t.same({ roots, limits, isFresh, unknown, checkInterval, lock, vite, headers }, {
    roots: [],
    limits: { extensions: ['.css', '.js', '.json', '.mjs', '.wasm'], maxFileSize: 16_777_216, maxFiles: 20_000 },
    isFresh: false,
    unknown: 'block',
    checkInterval: 60,
    lock: { version: 1, assets: {} },
    vite: undefined,
    headers: []
  })
  t.same(resolveOptions(integrityDefaults, ''), resolveOptions({}, ''), 'to give the defaults is to give nothing')
  t.ok(Object.isFrozen(integrityDefaults))
  t.same(resolveOptions(Object.fromEntries([...Object.keys(integrityDefaults), 'unknown'].map((name) => [name, undefined])), ''), resolveOptions({}, ''), 'what is undefined is left out')
  const policies = { integrityPolicy: { blockedDestinations: ['script'] } } as const
  t.same(resolveSetting({ integrityPolicy: undefined }, policies), resolveSetting({}, policies), 'for a route, too')
})

t.test('development', async (t) => {
  t.match(resolveOptions({ mode: 'development' }, ''), { isFresh: true, unknown: 'throw', checkInterval: 0 })
  t.match(resolveOptions({ mode: 'development', unknown: 'block' }, ''), { unknown: 'block' })
  t.match(resolveOptions({ unknown: 'throw' }, ''), { isFresh: false, unknown: 'throw' })
})

t.test('roots are folders, prefixes are those of the scope and of the root', async (t) => {
  const cases: Array<[scope: string, prefix: string | undefined, whole: string]> = [
    ['', undefined, '/'], ['', '/public', '/public/'], ['', '/public/', '/public/'], ['/admin', undefined, '/admin/'], ['/admin', '/public/', '/admin/public/'], ['/', '/public/', '/public/'], ['/admin/', '/', '/admin/']
  ]
  for (const [scope, prefix, whole] of cases) {
    t.equal(resolveOptions({ roots: [{ root: '/srv', ...prefix !== undefined && { prefix } }] }, scope).roots[0]!.prefix, whole)
  }
  const { roots } = resolveOptions({ roots: [{ root: 'public' }, { root: pathToFileURL('/srv/a b/') }] }, '')
  t.same(roots.map(({ folder }) => folder), [join(process.cwd(), 'public'), '/srv/a b/'])
})

t.test('extensions in any case', async (t) => t.same(resolveOptions({ extensions: ['.JS'] }, '').limits.extensions, ['.js']))

t.test('a lock file and a build', async (t) => {
  const folder = folderWith(t, { 'lock.json': JSON.stringify(LOCK) })
  t.same(resolveOptions({ lock: join(folder, 'lock.json') }, '').lock, LOCK)
  t.same(resolveOptions({ lock: pathToFileURL(join(folder, 'lock.json')) }, '').lock, LOCK)
  t.same(resolveOptions({ vite: { manifest: '/a/manifest.json' } }, '/scope').vite, { manifest: '/a/manifest.json', base: '/' })
  t.equal(resolveOptions({ vite: { manifest: '/a', base: 'https://cdn.test/app/' } }, '').vite?.base, 'https://cdn.test/app/')
})

t.test('the setting of a route is laid over the policies of the application', async (t) => {
  const policies = { integrityPolicy: { blockedDestinations: ['script'] }, integrityPolicyReportOnly: false } as const
  t.same(resolveSetting(false, policies), [])
  t.same(resolveSetting({}, policies), [['integrity-policy', 'blocked-destinations=(script)']])
  t.same(resolveSetting({ integrityPolicy: false }, policies), [])
  t.same(resolveSetting({ integrityPolicyReportOnly: {} }, policies), [['integrity-policy', 'blocked-destinations=(script)'], ['integrity-policy-report-only', 'blocked-destinations=(script)']])
})
