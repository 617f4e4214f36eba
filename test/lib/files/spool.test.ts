import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { MemorySink, randomName, Spool } from '../../../lib/files/spool.ts'

const base = mkdtempSync(join(tmpdir(), 'bulwark-spool-'))
t.teardown(() => rmSync(base, { recursive: true }))
const left = () => readdirSync(base, { recursive: true }).length

t.test('a file on disk: written, read, named, taken away', async (t) => {
  const spool = await Spool.in(base)
  const sink = await spool.create()
  await sink.write([Buffer.from('hel'), Buffer.from('lo ')])
  await sink.write([Buffer.from('world')])
  t.equal((await sink.reader().read(4, 3)).toString(), 'o w')
  await sink.finish('a.txt')
  t.match(sink.path, /a\.txt$/)
  t.equal(sink.buffer, undefined)
  t.equal(readFileSync(sink.path!, 'utf8'), 'hello world')
  await sink.remove()
  await sink.remove()
  t.equal(left(), 1, 'the folder is left')
  await spool.create().then((open) => open.remove())
  const unfinished = await spool.create()
  await spool.close()
  await t.rejects(unfinished.write([Buffer.from('more')]), { code: 'EBADF' }, 'what was still open is closed')
  await spool.close()
  t.equal(left(), 0)
})

t.test('a folder that is not there', async (t) => {
  await t.rejects(Spool.in(join(base, 'none')), { code: 'BULWARK_ERR_FILES_OPTION_INVALID' })
  const spool = await Spool.in()
  await spool.close()
})

t.test('a file in memory', async (t) => {
  const sink = new MemorySink()
  t.equal(sink.buffer.length, 0)
  await sink.write([Buffer.from('a')])
  await sink.write([Buffer.from('b')])
  t.equal((await sink.reader().read(0, 2)).toString(), 'ab')
  await sink.finish()
  t.equal(sink.buffer.toString(), 'ab')
  t.equal(sink.path, undefined)
  await sink.remove()
  t.equal(sink.buffer.toString(), 'ab', 'whoever has it may go on')
})

t.test('a file in memory is kept in as many pieces as there were batches, however small the chunks were', async (t) => {
  const connection = Buffer.alloc(65_536, 'x')
  const sink = new MemorySink()
  await sink.write(Array.from({ length: 64 }, (_, index) => connection.subarray(index, index + 1)))
  t.equal(sink.buffer.toString(), 'x'.repeat(64))
  t.not(sink.buffer.buffer, connection.buffer, 'what came along with them is not kept alive')
})

t.match(randomName('png'), /^[0-9a-f]{32}\.png$/)
t.match(randomName(''), /^[0-9a-f]{32}$/)
t.not(randomName(''), randomName(''))
