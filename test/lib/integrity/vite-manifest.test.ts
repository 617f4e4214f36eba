import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ViteManifest } from '../../../lib/integrity/vite-manifest.ts'
import { folderWith } from './folder.ts'

const BUILD = {
  '_shared-1.js': { file: 'assets/shared-1.js', name: 'shared', css: ['assets/shared-2.css'], imports: ['_base-3.js'] },
  '_base-3.js': { file: 'assets/base-3.js', imports: ['_shared-1.js'], css: ['assets/shared-2.css'] },
  'src/main.ts': {
    file: 'assets/main-4.js', name: 'main', src: 'src/main.ts', isEntry: true, imports: ['_shared-1.js'], dynamicImports: ['src/later.ts'], css: ['assets/main-5.css'], assets: ['assets/logo-6.svg']
  },
  'src/later.ts': { file: 'assets/später 7.js', src: 'src/later.ts', isDynamicEntry: true, imports: ['_shared-1.js', '_last-8.js'], dynamicImports: ['src/main.ts'], css: ['assets/later-9.css'] },
  '_last-8.js': { file: 'assets/last-8.js' },
  'src/page.css': { file: 'assets/page-10.css', src: 'src/page.css', isEntry: true },
  'src/logo.svg': { file: 'assets/logo-6.svg', src: 'src/logo.svg' }
}

function write (t: Test, content: unknown): string {
  return join(folderWith(t, { 'manifest.json': typeof content === 'string' ? content : JSON.stringify(content) }), 'manifest.json')
}

t.test('an entry and everything that it needs', async (t) => {
  const manifest = new ViteManifest(write(t, BUILD), '/')
  t.same(manifest.entry('src/main.ts'), {
    url: '/assets/main-4.js',
    styles: ['/assets/main-5.css', '/assets/shared-2.css'],
    imports: ['/assets/shared-1.js', '/assets/base-3.js'],
    dynamicImports: ['/assets/sp%C3%A4ter%207.js', '/assets/last-8.js']
  })
  t.equal(manifest.entry('src/main.ts'), manifest.entry('src/main.ts'), 'worked out once')
  t.same(manifest.entry('src/page.css'), { url: '/assets/page-10.css', styles: [], imports: [], dynamicImports: [] })
  for (const name of ['src/main', 'toString', '__proto__', '']) t.equal(manifest.entry(name), undefined, name)
  t.same(manifest.names, Object.keys(BUILD))
  t.same(manifest.urls, [
    '/assets/shared-1.js', '/assets/shared-2.css', '/assets/base-3.js', '/assets/main-4.js', '/assets/main-5.css', '/assets/sp%C3%A4ter%207.js', '/assets/later-9.css', '/assets/last-8.js',
    '/assets/page-10.css'
  ], 'scripts and stylesheets, each once')
})

t.test('a base', async (t) => {
  const file = write(t, BUILD)
  for (const [base, url] of [['/app', '/app/assets/page-10.css'], ['/app/', '/app/assets/page-10.css'], ['https://cdn.test/', 'https://cdn.test/assets/page-10.css']] as const) {
    t.equal(new ViteManifest(file, base).entry('src/page.css')?.url, url)
  }
})

const refused: Array<[what: string, content: unknown, message: string | RegExp]> = [
  ['no JSON', '{', 'a file with JSON'],
  ['a list', [], 'a plain object'],
  ['a chunk without its file', { a: { css: [] } }, 'integrity.vite.manifest.a.file'],
  ['a chunk without a name for its file', { a: { file: '' } }, 'integrity.vite.manifest.a.file'],
  ['imports that are no list', { a: { file: 'a.js', imports: 'b' } }, 'integrity.vite.manifest.a.imports'],
  ['an import that is no chunk', { a: { file: 'a.js', imports: ['b'] } }, '"a" imports "b"'],
  ['a dynamic import that is none', { a: { file: 'a.js', dynamicImports: ['toString'] } }, '"a" imports "toString"'],
  ['the manifest of something else', { name: 'app', start_url: '/' }, 'integrity.vite.manifest.name']
]
for (const [what, content, message] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => new ViteManifest(write(t, content), '/'), { code: 'BULWARK_ERR_INTEGRITY_VITE_INVALID', message }))
}

t.test('a file that is not there', async (t) => {
  t.throws(() => new ViteManifest(join(folderWith(t, {}), 'manifest.json'), '/'), { code: 'BULWARK_ERR_INTEGRITY_VITE_INVALID', cause: { code: 'ENOENT' } })
})

t.test('in development it is read again when it was written', async (t) => {
  const file = write(t, { 'a.ts': { file: 'a-1.js' } })
  const fresh = new ViteManifest(file, '/', true)
  const once = new ViteManifest(file, '/')
  t.equal(fresh.entry('a.ts')?.url, '/a-1.js')
  writeFileSync(file, JSON.stringify({ 'a.ts': { file: 'a-22.js' } }))
  t.equal(fresh.entry('a.ts')?.url, '/a-22.js')
  t.equal(once.entry('a.ts')?.url, '/a-1.js')
  rmSync(file)
  t.throws(() => fresh.entry('a.ts'), { code: 'BULWARK_ERR_INTEGRITY_VITE_INVALID' }, 'while the build is being made anew there may be none')
  t.equal(once.entry('a.ts')?.url, '/a-1.js')
})
