import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { writeWhole } from '../../../lib/files/write-whole.ts'

const base = mkdtempSync(join(tmpdir(), 'bulwark-write-'))
t.teardown(() => rmSync(base, { recursive: true }))
async function opened (t: Test, path: string): Promise<FileHandle> {
  const handle = await open(path, 'wx')
  t.teardown(() => handle.close())
  return handle
}

const batch = ['hel', '', 'lo ', 'world'].map((text) => Buffer.from(text))

t.test('one batch behind the other', async (t) => {
  const path = join(base, 'whole')
  const handle = await opened(t, path)
  await writeWhole(handle, batch)
  await writeWhole(handle, [Buffer.from('!')])
  t.equal(readFileSync(path, 'utf8'), 'hello world!')
})

for (const taken of [0, 1, 3, 5, 10]) {
  t.test(`a system that takes ${taken} bytes at first gets the rest`, async (t) => {
    const path = join(base, String(taken))
    const handle = await opened(t, path)
    await writeWhole({
      writev: async (buffers) => ({ bytesWritten: (await handle.write(Buffer.concat(batch), 0, taken)).bytesWritten, buffers }),
      writeFile: async (rest) => await handle.writeFile(rest)
    }, batch)
    t.equal(readFileSync(path, 'utf8'), 'hello world')
  })
}

t.test('a file that was closed', async (t) => {
  const handle = await open(join(base, 'closed'), 'wx')
  await handle.close()
  await t.rejects(writeWhole(handle, batch), { code: 'EBADF' })
})
