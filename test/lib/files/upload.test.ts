import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ByteReader } from '../../../lib/files/byte-reader.ts'
import { MemorySink, Spool, type Sink } from '../../../lib/files/spool.ts'
import { Upload } from '../../../lib/files/upload.ts'

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const base = mkdtempSync(join(tmpdir(), 'bulwark-upload-'))
const other = mkdtempSync(join(base, 'other-'))
t.teardown(() => rmSync(base, { recursive: true }))
const facts = { field: 'file', originalName: '../a.txt', claimedType: 'text/html', safeName: 'a.txt', type: 'txt', mediaType: 'text/plain', size: 5 }

for (const store of ['disk', 'memory'] as const) {
  t.test(`${store}: read and moved, never over another file`, async (t) => {
    const spool = await Spool.in(base)
    const sink = store === 'disk' ? await spool.create() : new MemorySink()
    await sink.write([Buffer.from('hello')])
    await sink.finish('b.txt')
    const upload = new Upload({ ...facts, storedName: `${store}.txt` }, sink)
    t.match(upload, { ...facts, storedName: `${store}.txt` })
    t.equal(await text(upload.stream()), 'hello')
    t.equal(await upload.sha256(), HELLO)
    t.equal(upload.buffer?.toString(), store === 'disk' ? undefined : 'hello')
    writeFileSync(join(base, `${store}.txt`), 'other')
    const error = await upload.moveTo(base).catch((error: unknown) => error)
    t.match(error, { code: 'BULWARK_ERR_FILES_STORE_FAILED', statusCode: 500, cause: { code: 'EEXIST' } })
    t.notMatch((error as Error).message, base, 'no path of the server gets to a client')
    t.equal(readFileSync(join(base, `${store}.txt`), 'utf8'), 'other')
    rmSync(join(base, `${store}.txt`))
    const { path } = upload
    t.equal(await upload.moveTo(base), join(base, `${store}.txt`))
    t.equal(readFileSync(join(base, `${store}.txt`), 'utf8'), 'hello')
    t.notOk(path !== undefined && existsSync(path))
    t.equal(upload.path, store === 'disk' ? join(base, 'disk.txt') : undefined, 'its path is the new one')
    t.equal(await upload.sha256(), HELLO, 'and it is read there')
    t.notMatch(JSON.stringify(upload), 'fastify-bulwark-', 'where it lies is not for a log')
    await sink.remove()
    t.equal(readFileSync(join(base, `${store}.txt`), 'utf8'), 'hello', 'what was moved stays')
    await spool.close()
    await upload.moveTo(other)
    t.equal(readFileSync(join(other, `${store}.txt`), 'utf8'), 'hello', 'and can be moved on')
    t.equal(existsSync(join(base, `${store}.txt`)), store === 'memory')
  })
}

t.test('a file that its client took along is no fault of the program', async (t) => {
  const spool = await Spool.in(base)
  t.teardown(() => spool.close())
  const gone = async (): Promise<Upload> => {
    const sink = await spool.create()
    await sink.finish('gone.txt')
    const upload = new Upload({ ...facts, storedName: 'gone.txt' }, sink)
    await sink.remove()
    return upload
  }
  await t.rejects((await gone()).moveTo(base), { code: 'BULWARK_ERR_FILES_BODY_REFUSED', statusCode: 400, cause: { code: 'ENOENT' } })
  await t.rejects((await gone()).sha256(), { code: 'BULWARK_ERR_FILES_BODY_REFUSED', statusCode: 400, cause: { code: 'ENOENT' } })
  const error = await text((await gone()).stream()).catch((error: unknown) => error)
  t.match(error, { code: 'BULWARK_ERR_FILES_BODY_REFUSED', statusCode: 400, cause: { code: 'ENOENT' } })
  t.notMatch((error as Error).message, base, 'no path of the server gets to a client')
  t.notOk(existsSync(join(base, 'gone.txt')))
})

t.test('a file that is taken away while it is moved is moved', async (t) => {
  const spool = await Spool.in(base)
  t.teardown(() => spool.close())
  for (let round = 0; round < 20; round++) {
    const sink = await spool.create()
    await sink.write([Buffer.from('hello')])
    await sink.finish(`race${round}.txt`)
    const upload = new Upload({ ...facts, storedName: `race${round}.txt` }, sink)
    const moving = upload.moveTo(base)
    await sink.remove()
    // Whichever came first: it was moved, or it is gone and said to be.
    const target = await moving.catch((error: { code: string }) => error.code)
    t.equal(target, existsSync(join(base, `race${round}.txt`)) ? join(base, `race${round}.txt`) : 'BULWARK_ERR_FILES_BODY_REFUSED')
  }
})

t.test('what could be written in part only is not left behind', async (t) => {
  const folder = join(base, 'full')
  mkdirSync(folder)
  // As on a full disk: the file is there, a part of the bytes is in it, and the rest fails.
  async function * half (): AsyncGenerator<Buffer> {
    yield Buffer.from('hel')
    t.strictSame(readdirSync(folder), ['half.txt'])
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  const sink: Sink = { ...new MemorySink(), write: async () => {}, reader: () => ByteReader.of(Buffer.alloc(0)), finish: async () => {}, remove: async () => {}, buffer: half() as unknown as Buffer }
  await t.rejects(new Upload({ ...facts, storedName: 'half.txt' }, sink).moveTo(folder), { code: 'BULWARK_ERR_FILES_STORE_FAILED', cause: { code: 'ENOSPC' } })
  t.strictSame(readdirSync(folder), [])
})
