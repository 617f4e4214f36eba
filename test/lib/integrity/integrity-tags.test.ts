import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BoundedCache } from '../../../lib/bounded-cache.ts'
import { IntegrityTags, makeIntegrity, type NonceSource, type TagSources } from '../../../lib/integrity/integrity-tags.ts'
import { AssetManifest } from '../../../lib/integrity/manifest.ts'
import { BLOCKING_INTEGRITY, integrityOf } from '../../../lib/integrity/metadata.ts'
import { ViteManifest } from '../../../lib/integrity/vite-manifest.ts'
import { folderWith } from './folder.ts'

const REMOTE = 'https://cdn.test/lib@1.2.3.js'
const UNKNOWN = 'BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN'
const hash = (text: string): string => integrityOf(Buffer.from(text))
const [A, B, CSS, LOCKED] = ['a', 'b', 'css', 'locked'].map(hash) as [string, string, string, string]

function sources (t: Test, unknown: 'throw' | 'block' = 'throw', told: string[] = []): TagSources {
  const build = { 'src/main.ts': { file: 'a.js', imports: ['_b.js'], css: ['page.css'], dynamicImports: ['later'] }, '_b.js': { file: 'sub/b.js' }, later: { file: 'm.mjs' }, 'src/page.css': { file: 'page.css' } }
  const folder = folderWith(t, { 'a.js': 'a', 'sub/b.js': 'b', 'm.mjs': 'm', 'page.css': 'css', 'data.json': '{}', 'manifest.json': JSON.stringify(build) })
  return {
    manifest: new AssetManifest([{ folder, prefix: '/p/' }], { extensions: ['.js', '.mjs', '.css', '.json'], maxFileSize: 1000, maxFiles: 100 }),
    lock: { version: 1, assets: { [REMOTE]: { integrity: LOCKED, size: 6, date: '2026-11-25' } } },
    vite: new ViteManifest(join(folder, 'manifest.json'), '/p/'),
    unknown,
    heads: undefined,
    onUnknown: (url) => told.push(url)
  }
}

const tagsFor = (t: Test, nonces?: NonceSource): IntegrityTags => new IntegrityTags(sources(t), nonces)

t.test('metadata', async (t) => {
  const tags = tagsFor(t)
  t.equal(tags.of('/p/a.js?v=1'), A)
  t.equal(tags.of(REMOTE), LOCKED)
  t.equal(tags.of('HTTPS://cdn.test:443/lib@1.2.3.js#a'), LOCKED, 'in another spelling')
})

const tags: Array<[what: string, make: (tags: IntegrityTags) => string, html: string]> = [
  ['a script', (tags) => tags.scriptTag('/p/a.js?v="1"'), `<script src="/p/a.js?v=&quot;1&quot;" integrity="${A}" crossorigin="anonymous"></script>`],
  ['a script with attributes', (tags) => tags.scriptTag('/p/a.js', { type: 'module', async: true }), `<script src="/p/a.js" integrity="${A}" crossorigin="anonymous" type="module" async></script>`],
  ['a script of another site', (tags) => tags.scriptTag(REMOTE), `<script src="${REMOTE}" integrity="${LOCKED}" crossorigin="anonymous"></script>`],
  ['a stylesheet', (tags) => tags.stylesheetTag('/p/page.css', { media: 'print' }), `<link rel="stylesheet" href="/p/page.css" integrity="${CSS}" crossorigin="anonymous" media="print">`],
  ['a preload of a script', (tags) => tags.preloadTag('/p/a.js?a=.css'), `<link rel="preload" href="/p/a.js?a=.css" integrity="${A}" crossorigin="anonymous" as="script">`],
  ['a preload of a stylesheet', (tags) => tags.preloadTag('/p/page.css'), `<link rel="preload" href="/p/page.css" integrity="${CSS}" crossorigin="anonymous" as="style">`],
  ['a preload of something else', (tags) => tags.preloadTag('/p/data.json', { as: 'fetch' }), `<link rel="preload" href="/p/data.json" integrity="${hash('{}')}" crossorigin="anonymous" as="fetch">`],
  ['a preload of a module', (tags) => tags.modulePreloadTag('/p/m.mjs'), `<link rel="modulepreload" href="/p/m.mjs" integrity="${hash('m')}" crossorigin="anonymous">`],
  ['an import map', (tags) => tags.importMapTag({ imports: { a: '/p/a.js' } }), `<script type="importmap">{"imports":{"a":"/p/a.js"},"integrity":{"/p/a.js":"${A}"}}</script>`],
  ['a folder in an import map', (tags) => tags.importMap({ imports: { 'sub/': '/p/sub/' } }), `{"imports":{"sub/":"/p/sub/"},"integrity":{"/p/sub/b.js":"${B}"}}`],
  ['modules of an import map', (tags) => tags.importMap({ modules: ['/p/sub/b.js'] }), `{"integrity":{"/p/sub/b.js":"${B}"}}`],
  ['all modules', (tags) => tags.importMap({ modules: 'all' }), `{"integrity":{"/p/a.js":"${A}","/p/m.mjs":"${hash('m')}","/p/sub/b.js":"${B}"}}`],
  ['an entry in an import map', (tags) => tags.importMap({ entries: ['src/main.ts', 'src/page.css'] }), `{"integrity":{"/p/a.js":"${A}","/p/sub/b.js":"${B}","/p/m.mjs":"${hash('m')}"}}`],
  ['an entry', (tags) => tags.entry('src/main.ts'), [
    `<link rel="stylesheet" href="/p/page.css" integrity="${CSS}" crossorigin="anonymous">`,
    `<link rel="modulepreload" href="/p/sub/b.js" integrity="${B}" crossorigin="anonymous">`,
    `<script src="/p/a.js" integrity="${A}" crossorigin="anonymous" type="module"></script>`].join('\n')],
  ['an entry that is a stylesheet', (tags) => tags.entry('src/page.css'), `<link rel="stylesheet" href="/p/page.css" integrity="${CSS}" crossorigin="anonymous">`]
]
for (const [what, make, html] of tags) t.test(what, async (t) => t.equal(make(tagsFor(t)), html))

t.test('the nonces of a request: each kind has its own, read only where it is needed', async (t) => {
  const read: string[] = []
  const request = {
    get cspNonce () {
      read.push('script')
      return 'N"1'
    },
    // As templates have it.
    get cspStyleNonce () {
      read.push('style')
      return { toString: () => 'S' }
    }
  }
  const tags = tagsFor(t, request)
  const cases: Array<[html: string, nonce: string, read: string[]]> = [
    [tags.scriptTag('/p/a.js'), 'N&quot;1', ['script']],
    [tags.stylesheetTag('/p/page.css'), 'S', ['style']],
    [tags.preloadTag('/p/a.js'), 'N&quot;1', ['script']],
    [tags.preloadTag('/p/page.css'), 'S', ['style']],
    [tags.modulePreloadTag('/p/a.js'), 'N&quot;1', ['script']],
    [tags.importMapTag({}), 'N&quot;1', ['script']]
  ]
  for (const [html, nonce] of cases) t.match(html, ` nonce="${nonce}"`)
  t.same(read, cases.flatMap(([, , read]) => read))
  read.length = 0
  t.notMatch(tags.preloadTag('/p/data.json', { as: 'fetch' }), 'nonce')
  tags.of('/p/a.js')
  t.same(read, [], 'what needs no nonce reads none')
  t.notMatch(tagsFor(t, { cspNonce: null }).scriptTag('/p/a.js'), 'nonce')
  t.match(tagsFor(t).scriptTag('/p/a.js', { nonce: 'mine' }), ' nonce="mine"')
})

t.test('credentials', async (t) => {
  t.equal(tagsFor(t).scriptTag('/p/a.js', { crossorigin: 'use-credentials' }), `<script src="/p/a.js" integrity="${A}" crossorigin="use-credentials"></script>`)
})

t.test('what is remembered gives the same tags, and is bounded by number and by length', async (t) => {
  const cache = (): BoundedCache<string> => new BoundedCache(10)
  const heads = { script: cache(), stylesheet: cache(), preload: cache(), modulepreload: cache() }
  const all = { ...sources(t), heads }
  for (const nonces of [undefined, { cspNonce: 'n', cspStyleNonce: 's' }]) {
    const [remembering, plain] = [new IntegrityTags(all, nonces), tagsFor(t, nonces)]
    for (let i = 0; i < 2; i++) {
      for (const attributes of [undefined, { title: 'x' }, { crossorigin: 'use-credentials', nonce: 'mine' }]) {
        for (const method of ['scriptTag', 'stylesheetTag', 'preloadTag', 'modulePreloadTag'] as const) t.equal(remembering[method]('/p/a.js', attributes), plain[method]('/p/a.js', attributes), method)
      }
    }
  }
  const tags = new IntegrityTags(all)
  for (let i = 0; i < 100; i++) tags.scriptTag(`/p/a.js?v=${i}`)
  t.ok(heads.script.size <= 10)
  t.ok(heads.script.size >= 5)
  for (let i = 0; i < 100; i++) t.match(tags.stylesheetTag(`/p/page.css?v=${i}${'x'.repeat(300)}`), CSS)
  t.equal(heads.stylesheet.size, 1)
  t.throws(() => tags.modulePreloadTag('/p/nowhere.js'), { code: UNKNOWN })
  t.throws(() => tags.modulePreloadTag('/p/nowhere.js'), { code: UNKNOWN }, 'an error is not remembered')
})

t.test('a preload whose kind cannot be told', async (t) => {
  t.throws(() => tagsFor(t).preloadTag('/p/data.json'), { code: 'BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID' })
})

t.test('what is no text names no asset, whatever a query holds', async (t) => {
  const hostile = [undefined, null, 5, true, ['/p/a.js'], ['/p/a.js', '/p/b.js'], {}, Object.create(null), Symbol('x')] as unknown[] as string[]
  const blocked = new IntegrityTags(sources(t, 'block'))
  const strict = tagsFor(t)
  for (const given of hostile) {
    t.equal(blocked.of(given), BLOCKING_INTEGRITY)
    t.equal(blocked.scriptTag(given), `<script src="" integrity="${BLOCKING_INTEGRITY}" crossorigin="anonymous"></script>`)
    t.equal(blocked.entry(given), '')
    t.throws(() => blocked.preloadTag(given), { code: 'BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID' }, 'its kind is not known, either')
    for (const method of ['of', 'scriptTag', 'stylesheetTag', 'modulePreloadTag', 'entry'] as const) t.throws(() => strict[method](given), { code: UNKNOWN }, method)
  }
})

const unknown: Array<[what: string, url: string, shown: string, nearest: string]> = [
  ['a typing error', '/p/aa.js', '/p/aa.js', '/p/a.js'],
  ['a secret in the query', '/p/aa.js?token=swordfish', '/p/aa.js', '/p/a.js'],
  ['an asset of another site that is not locked', 'https://cdn.test/lib@1.2.4.js', 'https://cdn.test/lib@1.2.4.js', REMOTE],
  ['a locked one with a query', `${REMOTE}?a`, REMOTE, REMOTE],
  ['a path that depends on the page', 'p/a.js', 'p/a.js', '/p/a.js'],
  ['a member of every object', 'constructor', 'constructor', ''],
  ['something huge', `/${'x'.repeat(10_000)}`, `/${'x'.repeat(199)}`, '']
]
for (const [what, url, shown, nearest] of unknown) {
  t.test(`not known: ${what}`, async (t) => {
    t.throws(() => tagsFor(t).scriptTag(url), { code: UNKNOWN, statusCode: 500, message: 'Integrity metadata were asked for of an asset that is not known.', cause: { message: `There is no asset "${shown}". Did you mean "${nearest}` } })
    const told: string[] = []
    const blocking = new IntegrityTags(sources(t, 'block', told))
    t.match(blocking.scriptTag(url), ` integrity="${BLOCKING_INTEGRITY}" crossorigin="anonymous"`)
    t.equal(blocking.of(url), BLOCKING_INTEGRITY)
    t.match(blocking.importMap({ modules: [url] }), BLOCKING_INTEGRITY)
    t.same(told, [shown, shown, shown])
  })
}

t.test('an entry that is not known', async (t) => {
  t.throws(() => tagsFor(t).entry('src/mian.ts'), { code: UNKNOWN, cause: { message: 'There is no asset "src/mian.ts". Did you mean "src/main.ts"?' } })
  t.throws(() => new IntegrityTags({ ...sources(t), vite: undefined }).entry('src/main.ts'), { code: UNKNOWN, cause: { message: 'There is no asset "src/main.ts".' } })
  const told: string[] = []
  const blocking = new IntegrityTags(sources(t, 'block', told))
  t.equal(blocking.entry('src/mian.ts'), '', 'there is no address to write')
  t.equal(blocking.importMap({ entries: ['src/mian.ts'] }), '{"integrity":{}}')
  t.same(told, ['src/mian.ts', 'src/mian.ts'])
})

t.test('a function with the tags as its methods', async (t) => {
  const integrity = makeIntegrity(sources(t))
  const tags = tagsFor(t)
  t.equal(integrity('/p/a.js'), A)
  t.equal(integrity.of('/p/a.js'), A)
  for (const method of ['scriptTag', 'stylesheetTag', 'preloadTag', 'modulePreloadTag'] as const) {
    t.equal(integrity[method]('/p/a.js', { title: 'x' }), tags[method]('/p/a.js', { title: 'x' }), method)
  }
  t.equal(integrity.importMap({ modules: 'all' }), tags.importMap({ modules: 'all' }))
  t.equal(integrity.importMapTag({ modules: 'all' }, { id: 'map' }), tags.importMapTag({ modules: 'all' }, { id: 'map' }))
  t.equal(integrity.entry('src/main.ts'), tags.entry('src/main.ts'))
  t.match(integrity.for({ cspNonce: 'n' }).scriptTag('/p/a.js'), 'nonce="n"')
})
