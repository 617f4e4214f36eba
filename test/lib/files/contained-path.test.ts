import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findWithin } from '../../../lib/files/contained-path.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-path-')))
t.teardown(() => rmSync(base, { recursive: true }))
const root = join(base, 'served')
mkdirSync(join(root, 'sub'), { recursive: true })
writeFileSync(join(root, 'a.txt'), 'hello')
writeFileSync(join(root, 'sub', 'b.txt'), 'b')
writeFileSync(join(root, '.env'), 'secret')
mkdirSync(join(base, 'served-beside'))
writeFileSync(join(base, 'served-beside', 'c.txt'), 'c')
symlinkSync('a.txt', join(root, 'inner'))
symlinkSync('../served-beside', join(root, 'outer'))
symlinkSync('..', join(root, 'up'))
symlinkSync('.env', join(root, 'to-hidden'))
symlinkSync('loop', join(root, 'loop'))
symlinkSync(root, join(base, 'alias'))

const found: ReadonlyArray<readonly [path: string, expected: object]> = [
  ['a.txt', { root, path: 'a.txt', size: 5 }],
  ['sub/b.txt', { root, path: 'sub/b.txt', size: 1 }],
  ['sub//b.txt', { root, path: 'sub/b.txt', size: 1 }],
  ['inner', { root, path: 'a.txt', size: 5 }],
  ['up/served/a.txt', { root, path: 'a.txt', size: 5 }]
]

for (const [path, expected] of found) t.test(`${path} is there`, async (t) => { t.same(await findWithin(root, path), expected) })
t.test('the folder may be a link', async (t) => { t.same(await findWithin(join(base, 'alias'), 'a.txt'), { root, path: 'a.txt', size: 5 }) })

const paths = ['', '.', '..', '../served-beside/c.txt', 'sub/../a.txt', 'sub', 'none', '.env', 'sub/.env', 'outer/c.txt', 'up', 'to-hidden', 'loop', '/etc/passwd', `${root}/a.txt`, 'a.txt\0', 'sub\\b.txt', 'a.txt/', 'x'.repeat(5000), undefined, null, 1, ['a.txt'], { toString: () => 'a.txt' }]

for (const path of paths) t.test(`${String(JSON.stringify(path)).slice(0, 40)} is not`, async (t) => { t.equal(await findWithin(root, path), undefined) })
t.test('a folder that is not there is an error', (t) => t.rejects(findWithin(join(base, 'none'), 'a.txt'), { code: 'ENOENT' }))
