// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyContextConfig } from 'fastify'
import integrityByDefault, {
  checkLock, formatLock, hashesOfFile, integrity, integrityDefaults, lockAssets, parseLock,
  type AssetRoot, type Drift, type ImportMap, type InlineHashes, type Integrity, type IntegrityOptions, type IntegrityPolicy, type IntegritySettings, type IntegrityTags,
  type Lock, type LockedAsset, type Locking, type RemoteOptions, type TagAttributes
} from 'fastify-bulwark/integrity'

const root: AssetRoot = { root: new URL('public/', import.meta.url), prefix: '/public/' }
const policy: IntegrityPolicy = { blockedDestinations: ['script'], endpoints: ['a'] }

export const options: IntegrityOptions = {
  roots: [root, { root: 'public' }],
  mode: 'development',
  unknown: 'throw',
  extensions: ['.js'],
  maxFileSize: 1,
  maxFiles: 1,
  checkInterval: 0,
  lock: 'sri-lock.json',
  vite: { manifest: 'dist/.vite/manifest.json', base: '/' },
  integrityPolicy: policy,
  integrityPolicyReportOnly: false
}
/** What is frozen or constant is as good. */
export const readonlyOptions: IntegrityOptions = { roots: [{ root: 'public' }] } as const
export const defaults: Readonly<IntegrityOptions> = integrityDefaults
export const setting: IntegritySettings = { integrityPolicy: false }

const app = Fastify()
app.register(integrity)
app.register(integrity, options)
app.register(integrityByDefault, { lock: false, vite: false })
app.register(integrity, () => ({ mode: 'production' as const }))
await app.register(integrity, {})

const attributes: TagAttributes = { type: 'module', defer: true, tabindex: 1, title: undefined }
const map: ImportMap = { imports: { a: '/a.js', b: null }, scopes: { '/old/': { a: '/old.js' } }, modules: 'all', entries: ['src/main.ts'] }

app.get('/', { config: { security: { integrity: { integrityPolicy: {} } } } }, async (request) => {
  const whole: Integrity = app.integrity
  const tags: IntegrityTags = whole.for(request)
  const texts: string[] = [
    app.integrity('/a.js'), app.integrity.of('/a.js'), tags.of('/a.js'), tags.scriptTag('/a.js'), tags.scriptTag('/a.js', attributes), tags.stylesheetTag('/a.css', { media: 'print' }),
    tags.preloadTag('/a.woff2', { as: 'font' }), tags.modulePreloadTag('/a.js'), tags.importMap(map), tags.importMapTag({ modules: ['/a.js'] }), tags.entry('src/main.ts')
  ]
  // @ts-expect-error: the tags of a request are no function
  tags('/a.js')
  // @ts-expect-error: the decorator is read, never written
  app.integrity = whole
  // @ts-expect-error: attributes have values
  tags.scriptTag('/a.js', ['defer'])
  // @ts-expect-error: an attribute is no object
  tags.scriptTag('/a.js', { style: { color: 'red' } })
  // @ts-expect-error: 'all' or a list
  tags.importMap({ modules: 'some' })
  // @ts-expect-error: the metadata of a number
  app.integrity(1)
  return texts
})
app.get('/off', { config: { security: { integrity: false } } }, () => '')

export const configs: FastifyContextConfig[] = [
  { security: { integrity: { integrityPolicyReportOnly: {} } } },
  // @ts-expect-error: a route is switched off by false alone
  { security: { integrity: true } },
  // @ts-expect-error: roots are for the application
  { security: { integrity: { roots: [] } } }
]

const hashes: InlineHashes = hashesOfFile('public/index.html')
export const sources: readonly string[] = [...hashes.scripts, ...hashes.styles]

const remote: RemoteOptions = { timeout: 1, maxSize: 1, allowUnversioned: true, date: '2026-11-25', onProgress: (done: number, total: number) => done / total, fetch }
const locking: Locking = await lockAssets(['https://a.test/a@1.2.3.js'], remote)
const lock: Lock = parseLock(formatLock(locking.lock), 'sri-lock.json')
export const asset: LockedAsset | undefined = lock.assets['https://a.test/a@1.2.3.js']
const drifts: Drift[] = await checkLock(lock)
export const state: 'unchanged' | 'changed' | 'unavailable' | undefined = drifts[0]?.state

export const misspelt: IntegrityOptions[] = [
  // @ts-expect-error: roots
  { root: 'public' },
  // @ts-expect-error: a list of objects
  { roots: ['public'] },
  // @ts-expect-error: a root has a folder
  { roots: [{ prefix: '/' }] },
  // @ts-expect-error: 'production' or 'development'
  { mode: 'prod' },
  // @ts-expect-error: nothing lets the unknown pass
  { unknown: 'allow' },
  // @ts-expect-error: the name of an option, not that of the header
  { 'integrity-policy': {} },
  // @ts-expect-error: 'script' or 'style'
  { integrityPolicy: { blockedDestinations: ['scripts'] } },
  // @ts-expect-error: false switches it off; true is no value
  { integrityPolicy: true },
  // @ts-expect-error: a build has a manifest
  { vite: { base: '/' } },
  // @ts-expect-error: a path or false
  { lock: true },
  // @ts-expect-error: what is absent is left out, not undefined
  { lock: undefined }
]

// @ts-expect-error: the defaults are not to be changed
integrityDefaults.mode = 'development'

// HTTP/2, secure or not, is no different.
const http2 = Fastify({ http2: true })
http2.register(integrity, { mode: 'production' })
http2.get('/', (request) => http2.integrity.for(request).scriptTag('/a.js'))
