import { spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync, statSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import t, { type Test } from 'tap'
import { scanRoots, stampOf, type ScanLimits } from '../../../lib/integrity/scan.ts'
import { folderWith, withClosed } from './folder.ts'

const LIMITS: ScanLimits = { extensions: ['.js', '.css'], maxFileSize: 100, maxFiles: 1000 }

function scan (folder: string, limits: Partial<ScanLimits> = {}, prefix = '/'): { urls: string[], skipped: string[] } {
  const { files, skipped } = scanRoots([{ folder, prefix }], { ...LIMITS, ...limits })
  return { urls: files.map(({ url }) => url), skipped: skipped.map(({ file, reason }) => `${relative(folder, file)} ${reason}`) }
}

t.test('every file below the root, in order, under its prefix', async (t) => {
  const folder = folderWith(t, { 'b.js': '', 'a/c/d.css': '', 'a/b.js': '', 'a.txt': '', 'UPPER.JS': '' })
  t.same(scan(folder, {}, '/public/'), { urls: ['/public/UPPER.JS', '/public/a/b.js', '/public/a/c/d.css', '/public/b.js'], skipped: [] })
  const [file] = scanRoots([{ folder, prefix: '/' }], LIMITS).files
  t.equal(file!.stamp, stampOf(statSync(file!.file)))
})

t.test('names are percent-encoded as a browser asks for them', async (t) => {
  const folder = folderWith(t, { 'ä ö/what?.js': '', '100%.js': '', 'a#b.js': '', '@scope/x.js': '' })
  t.same(scan(folder).urls.sort(), ['/%C3%A4%20%C3%B6/what%3F.js', '/100%25.js', '/@scope/x.js', '/a%23b.js'])
})

t.test('dotfiles are left out, folders and all', async (t) => {
  const folder = folderWith(t, { '.env.js': '', '.git/a.js': '', '.well-known/a.js': '', 'a.js': '' })
  t.same(scan(folder), { urls: ['/a.js'], skipped: [] })
})

t.test('the first root wins', async (t) => {
  const [one, two] = [folderWith(t, { 'a.js': 'one' }), folderWith(t, { 'a.js': 'two', 'b.js': 'two' })]
  const { files } = scanRoots([{ folder: one, prefix: '/' }, { folder: two, prefix: '/' }, { folder: two, prefix: '/two/' }], LIMITS)
  t.same(files.map(({ url, file }) => [url, file.startsWith(one)]), [['/a.js', true], ['/b.js', false], ['/two/a.js', false], ['/two/b.js', false]])
})

t.test('links: within the root they are followed, out of it they are skipped', async (t) => {
  const outside = folderWith(t, { 'secret.js': '', 'deep/a.js': '' })
  const folder = folderWith(t, { 'a.js': '', 'sub/b.js': '' })
  symlinkSync('a.js', join(folder, 'inside.js'))
  symlinkSync('sub', join(folder, 'again'))
  symlinkSync(join(outside, 'secret.js'), join(folder, 'outside.js'))
  symlinkSync(outside, join(folder, 'outside'))
  symlinkSync(join(outside, 'secret.js'), join(folder, 'unwanted.txt'))
  // A sibling whose name begins like that of the root.
  mkdirSync(`${folder}-sibling`)
  t.teardown(() => rmdirSync(`${folder}-sibling`))
  symlinkSync(`${folder}-sibling`, join(folder, 'sibling'))
  t.same(scan(folder), { urls: ['/a.js', '/again/b.js', '/inside.js', '/sub/b.js'], skipped: ['outside outside', 'outside.js outside', 'sibling outside'] })
})

t.test('links in a circle end', async (t) => {
  const folder = folderWith(t, { 'a/a.js': '', 'b/b.js': '' })
  symlinkSync('.', join(folder, 'self'))
  symlinkSync('../b', join(folder, 'a/b'))
  symlinkSync('../a', join(folder, 'b/a'))
  t.same(scan(folder).urls, ['/a/a.js', '/a/b/b.js', '/b/a/a.js', '/b/b.js'])
})

t.test('a root that is a link is what it leads to', async (t) => {
  const folder = folderWith(t, { 'real/a.js': '' })
  symlinkSync('real', join(folder, 'link'))
  t.same(scan(join(folder, 'link')), { urls: ['/a.js'], skipped: [] })
})

t.test('what is too large, hangs in the air or is no file', async (t) => {
  const folder = folderWith(t, { 'large.js': 'x'.repeat(101), 'fits.js': 'x'.repeat(100), 'large.txt': 'x'.repeat(101) })
  symlinkSync('nowhere', join(folder, 'dangling.js'))
  symlinkSync('nowhere', join(folder, 'dangling.txt'))
  symlinkSync('loop.js', join(folder, 'loop.js'))
  spawnSync('mkfifo', [join(folder, 'pipe.js')])
  mkdirSync(join(folder, 'folder.js'))
  t.same(scan(folder), { urls: ['/fits.js'], skipped: ['dangling.js unreadable', 'large.js too-large', 'loop.js unreadable'] })
})

const refuses = (t: Test, folder: string, limits: Partial<ScanLimits>, message: string | RegExp): unknown =>
  t.throws(() => scan(folder, limits), { code: 'BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE', message })

t.test('a root that is no folder, and one that holds too much', async (t) => {
  const folder = folderWith(t, { 'a.js': '', 'b/c.txt': '' })
  refuses(t, join(folder, 'nowhere'), {}, 'expected a folder')
  refuses(t, join(folder, 'a.js'), {}, 'expected a folder')
  refuses(t, folder, { maxFiles: 2 }, 'more than 2 entries')
  t.same(scan(folder, { maxFiles: 3 }).urls, ['/a.js'])
})

t.test('a folder that cannot be read is told of', async (t) => {
  const folder = folderWith(t, { 'closed/a.js': '', 'a.js': '' })
  t.same(withClosed(join(folder, 'closed'), () => scan(folder)), { urls: ['/a.js'], skipped: ['closed unreadable'] })
})
