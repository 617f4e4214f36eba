import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { MemorySink, Spool } from '../../../lib/files/spool.ts'
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
    await t.rejects(upload.moveTo(base), { code: 'EEXIST' })
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
