import { EventEmitter, once } from 'node:events'
import { mkdtempSync, ReadStream, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { DownloadOptions, DownloadSource } from '../../../lib/files/download-headers.ts'
import { download, kDownload, settleDownload, type DownloadReply } from '../../../lib/files/reply-download.ts'

const root = mkdtempSync(join(tmpdir(), 'bulwark-send-'))
t.teardown(() => rmSync(root, { recursive: true }))
writeFileSync(join(root, 'a.txt'), 'hello')

class Reply extends EventEmitter implements DownloadReply {
  [kDownload]: Readonly<Record<string, string>> | null = null
  request = { method: 'GET' }
  statusCode = 200
  readonly written = new Map<string, unknown>()
  readonly download: (source: DownloadSource, options?: DownloadOptions) => Reply = download
  hasHeader (name: string): boolean { return this.written.has(name) }
  header (name: string, value: unknown): void { this.written.set(name, value) }
  headers (values: object): void { for (const [name, value] of Object.entries(values)) this.header(name, value) }
  send (payload: unknown): void { this.emit('sent', payload) }
}

const sent = async (reply: Reply, ask: () => unknown) => {
  const promise = once(reply, 'sent')
  ask()
  return (await promise)[0] as unknown
}

t.test('bytes are sent as they are, and the headers with them', async (t) => {
  const reply = new Reply()
  const bytes = Buffer.from('x')
  t.equal(await sent(reply, () => t.equal(reply.download(bytes), reply)), bytes)
  t.same([...reply.written.keys()], ['cache-control'])
  settleDownload(reply)
  t.equal(reply.written.get('content-disposition'), 'attachment; filename="file"')
})

t.test('a file is a stream of known length', async (t) => {
  const reply = new Reply()
  const stream = await sent(reply, () => reply.download({ root, path: 'a.txt' }))
  t.equal((await buffer(stream as AsyncIterable<Buffer>)).toString(), 'hello')
  t.equal(reply.written.get('content-length'), 5)
})

t.test('to HEAD nothing is read, and the length is told', async (t) => {
  const reply = new Reply()
  reply.request.method = 'HEAD'
  const stream = await sent(reply, () => reply.download({ root, path: 'a.txt' }))
  t.notOk(stream instanceof ReadStream)
  t.equal((await buffer(stream as AsyncIterable<Buffer>)).length, 0)
  t.equal(reply.written.get('content-length'), 5)
})

t.test('what is not found is an error, and no download', async (t) => {
  const reply = new Reply()
  t.match(await sent(reply, () => reply.download({ root, path: '../x' })), { code: 'BULWARK_ERR_FILES_NOT_FOUND' })
  reply.statusCode = 404
  settleDownload(reply)
  t.notOk(reply.written.has('content-disposition'))
})

t.test('a folder that is not there is the fault of the program, and the client does not hear where it should be', async (t) => {
  const reply = new Reply()
  const error = await sent(reply, () => reply.download({ root: join(root, 'none'), path: 'a.txt' })) as Error
  t.match(error, { code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID', statusCode: 500, cause: { code: 'ENOENT' } })
  t.notMatch(error.message, root)
})

t.test('a reply that is no download is left alone', async (t) => {
  const reply = new Reply()
  settleDownload(reply)
  t.equal(reply.written.size, 0)
})

t.test('@fastify/static sends files where it is registered', async (t) => {
  const reply = Object.assign(new Reply(), { sendFile (path: string, root: string) { reply.send([path, root]) } })
  t.match(await sent(reply, () => reply.download({ root, path: 'a.txt' })), ['a.txt', String])
})
