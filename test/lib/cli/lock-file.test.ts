import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { integrityOf } from '../../../lib/integrity/metadata.ts'
import type { Lock } from '../../../lib/integrity/lock.ts'
import { readLockFile, writeLockFile } from '../../../lib/cli/lock-file.ts'

const lock: Lock = { version: 1, assets: { 'https://cdn.test/a@1.2.3/a.js': { integrity: integrityOf(Buffer.from('a')), size: 1, date: '2026-11-25' } } }

t.test('what was written is read, and nothing else is left in the folder', async (t) => {
  const folder = t.testdir({ 'lock.json': 'old' })
  const file = join(folder, 'lock.json')
  writeLockFile(file, lock)
  t.same(readLockFile(file), lock)
  t.same(readdirSync(folder), ['lock.json'])
})

t.test('no file is no lock', async (t) => t.equal(readLockFile(join(t.testdir({}), 'none.json')), undefined))

t.test('a file that cannot be read, written or understood gives a sentence', async (t) => {
  const folder = t.testdir({ 'wrong.json': '{', folder: {} })
  t.throws(() => readLockFile(folder), { name: 'CommandError', message: /^The lock file cannot be read \(EISDIR/ })
  t.throws(() => readLockFile(join(folder, 'wrong.json')), { code: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID' })
  t.throws(() => writeLockFile(join(folder, 'nowhere/lock.json'), lock), { name: 'CommandError', message: /^The lock file cannot be written \(ENOENT/ })
  t.throws(() => writeLockFile(join(folder, 'folder'), lock), { name: 'CommandError', message: /^The lock file cannot be written/ })
  t.same(readdirSync(folder).sort(), ['folder', 'wrong.json'], 'no draft is left')
})

t.test('a draft that somebody else put there is not written through', async (t) => {
  const folder = t.testdir({ 'lock.json': 'old', 'other.txt': 'untouched' })
  writeFileSync(join(folder, `lock.json.${process.pid}.tmp`), 'theirs')
  t.throws(() => writeLockFile(join(folder, 'lock.json'), lock), { name: 'CommandError' })
  t.equal(readFileSync(join(folder, 'lock.json'), 'utf8'), 'old')
})
