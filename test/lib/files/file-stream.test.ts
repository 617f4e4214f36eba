import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { streamFile } from '../../../lib/files/file-stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulwark-stream-'))
t.teardown(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'a'), 'hello')

t.test('a file is read, by pieces of the size that is asked for', async (t) => {
  const never = (): never => { throw new Error('nothing is wrong') }
  t.equal(await text(streamFile(join(folder, 'a'), never)), 'hello')
  const pieces: string[] = []
  for await (const piece of streamFile(join(folder, 'a'), never, { highWaterMark: 2 })) pieces.push(String(piece))
  t.same(pieces, ['he', 'll', 'o'])
})

t.test('one that cannot be opened fails with what is made of the error', async (t) => {
  await t.rejects(text(streamFile(join(folder, 'b'), (cause) => new Error('not there', { cause }))), { message: 'not there', cause: { code: 'ENOENT' } })
})
