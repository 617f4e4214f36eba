import { spawnSync } from 'node:child_process'
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AssetManifest } from '../../../lib/integrity/manifest.ts'
import { integrityOf } from '../../../lib/integrity/metadata.ts'
import { folderWith, withClosed } from './folder.ts'

const LIMITS = { extensions: ['.js'], maxFileSize: 100, maxFiles: 1000 }
const hash = (text: string): string => integrityOf(Buffer.from(text))

function make (t: Test, isFresh = false): { folder: string, manifest: AssetManifest, write: (name: string, text: string) => void } {
  const folder = folderWith(t, { 'a.js': 'one', 'ä.js': 'two', 'c.js': 'three' })
  return { folder, manifest: new AssetManifest([{ folder, prefix: '/p/' }], LIMITS, isFresh), write: (name, text) => writeFileSync(join(folder, name), text) }
}

t.test('every asset with the hash of its bytes, in whatever spelling it is asked for', async (t) => {
  const { manifest } = make(t)
  t.same(manifest.assets.map(({ url, integrity }) => [url, integrity]), [['/p/a.js', hash('one')], ['/p/c.js', hash('three')], ['/p/%C3%A4.js', hash('two')]])
  for (const url of ['/p/a.js', '/p/a.js?v=1', '/p/%61.js', '/p/./a.js', '/x/../p/a.js#b']) t.equal(manifest.find(url)?.integrity, hash('one'), url)
  for (const url of ['/p/ä.js', '/p/%C3%A4.js', '/p/%c3%a4.js?a']) t.equal(manifest.find(url)?.integrity, hash('two'), url)
  for (const url of ['/a.js', 'p/a.js', '/p/a.js/', '/p%2Fa.js', '/p/b.js', '//p/a.js', 'https://p/a.js', '', '/p/a.js%00', '/p//a.js', '__proto__']) t.equal(manifest.find(url), undefined, url)
})

t.test('in production it stays as it is, and a change is told of once', async (t) => {
  const { manifest, write, folder } = make(t)
  t.same(await manifest.changes(), [])
  write('a.js', 'altered')
  write('d.js', 'added')
  rmSync(join(folder, 'c.js'))
  t.equal(manifest.find('/p/a.js')?.integrity, hash('one'), 'the old hash is served on')
  t.equal(manifest.find('/p/d.js'), undefined, 'what was added is not known')
  t.same((await manifest.changes()).map(({ url }) => url), ['/p/a.js', '/p/c.js'])
  t.same(await manifest.changes(), [], 'once')
})

t.test('what was touched or written over by the same is no change', async (t) => {
  const { manifest, write, folder } = make(t)
  utimesSync(join(folder, 'a.js'), 1, 1)
  write('c.js', 'three')
  t.same(await manifest.changes(), [])
  t.same(await manifest.changes(), [], 'nor is it at the next look')
  write('c.js', 'other')
  t.same((await manifest.changes()).map(({ url }) => url), ['/p/c.js'])
})

t.test('what took the place of a file is not read when it is no file, or too large', async (t) => {
  const { manifest, write, folder } = make(t)
  write('a.js', 'x'.repeat(101))
  rmSync(join(folder, 'c.js'))
  // Whoever opened it would wait for ever.
  spawnSync('mkfifo', [join(folder, 'c.js')])
  t.same((await manifest.changes()).map(({ url }) => url), ['/p/a.js', '/p/c.js'])
})

t.test('in development files are looked at again', async (t) => {
  const { manifest, write, folder } = make(t, true)
  write('a.js', 'eno')
  t.equal(manifest.find('/p/a.js')?.integrity, hash('eno'), 'altered')
  const before = manifest.find('/p/c.js')
  t.equal(manifest.find('/p/c.js'), before, 'as it was')
  write('d.js', 'added')
  t.equal(manifest.find('/p/d.js')?.integrity, hash('added'), 'added')
  rmSync(join(folder, 'c.js'))
  t.equal(manifest.find('/p/c.js'), undefined, 'gone')
  t.same(manifest.assets.map(({ url }) => url), ['/p/a.js', '/p/d.js', '/p/%C3%A4.js'])
  t.same(await manifest.changes(), [])
})

t.test('what was skipped is told, a file that cannot be opened included', async (t) => {
  const folder = folderWith(t, { 'a.js': '', 'closed.js': '', 'large.js': 'x'.repeat(101) })
  const { assets, skipped } = withClosed(join(folder, 'closed.js'), () => new AssetManifest([{ folder, prefix: '/' }], LIMITS))
  t.same(assets.map(({ url }) => url), ['/a.js'])
  t.same(skipped.map(({ reason }) => reason), ['too-large', 'unreadable'])
})
