import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { fileTypeFromBuffer } from 'file-type'
import t, { type Test } from 'tap'
import { files, filesDefaults, safeFileName, type DownloadOptions, type DownloadSource, type FileField, type FilesOptions } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'
import { docm, docx, gif, html, jpg, pdf, png, svg, webp } from '../lib/files/samples.ts'

/** A folder of its own, so that a test sees what is left. */
function folder (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'bulwark-test-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

const ready = async (app: { ready (): PromiseLike<unknown> }): Promise<void> => { await app.ready() }
const left = (path: string) => readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

/** Files are taken away behind the reply, which may be read before: nothing is left for a while, and so it stays. */
async function nothingLeft (t: Test, path: string): Promise<void> {
  for (let calm = 0, tries = 0; calm < 5 && tries < 1000; tries++) {
    calm = left(path).length === 0 && openIn(path).length === 0 ? calm + 1 : 0
    await sleep(10)
  }
  t.same(left(path), [])
  t.same(openIn(path), [])
}

interface Setup { readonly options?: FilesOptions, readonly fields?: Record<string, FileField>, readonly limits?: FilesOptions['limits'] }

const summary = (request: FastifyRequest) => ({
  fields: request.body ?? null,
  files: request.uploads.all().map(({ field, originalName, claimedType, safeName, type, mediaType, size, sha256 }) => ({ field, originalName, claimedType, safeName, type, mediaType, size, sha256 }))
})

async function build (t: Test, { options = {}, fields = { file: { types: ['txt'] } }, limits }: Setup = {}, handler: (request: FastifyRequest, reply: FastifyReply) => unknown = summary): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(files, options)
  app.post('/', { form: { files: fields }, ...limits && { config: { security: { files: { limits } } } } }, async (request, reply) => await handler(request, reply))
  return app
}

const send = (app: FastifyInstance, ...parts: FormPart[]) => app.inject({ method: 'POST', url: '/', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(...parts) })
const text = (data: string | Buffer = 'hello', filename = 'a.txt', name = 'file'): FormPart => ({ name, filename, data, type: 'text/html' })

t.test('a file is what its bytes and its name say, whatever the client calls it', async (t) => {
  const app = await build(t)
  const reply = await send(app, text(), { name: 'title', data: 'Grüße' }, { name: 'tag', data: 'a' }, { name: 'tag', data: 'b' }, { name: 'tag', data: 'c' })
  t.same(reply.json(), {
    fields: { title: 'Grüße', tag: ['a', 'b', 'c'] },
    files: [{ field: 'file', originalName: 'a.txt', claimedType: 'text/html', safeName: 'a.txt', type: 'txt', mediaType: 'text/plain', size: 5, sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' }]
  })
})

const kinds: ReadonlyArray<readonly [type: string, name: string, bytes: Buffer]> = [
  ['png', 'a.png', png()], ['jpg', 'a.JPEG', jpg()], ['gif', 'a.gif', gif()], ['webp', 'a.webp', webp('VP8L')], ['pdf', 'a.pdf', pdf], ['docx', 'a.docx', docx],
  ['zip', 'a.zip', docx], ['txt', 'a.txt', Buffer.from('hi')], ['csv', 'a.csv', Buffer.from('a,b')], ['json', 'a.json', Buffer.from('{}')], ['svg', 'a.svg', svg], ['html', 'a.html', html]
]

for (const [type, name, bytes] of kinds) {
  t.test(`${name} is ${type}, where it is admitted`, async (t) => {
    const admitting = await build(t, { fields: { file: { types: [type] } } })
    t.match((await send(admitting, text(bytes, name))).json(), { files: [{ type, size: bytes.length }] })
    const others = await build(t, { fields: { file: { types: kinds.map(([other]) => other).filter((other) => other !== type) } } })
    t.match(await send(others, text(bytes, name)), { statusCode: 422 })
  })
}

const refused: ReadonlyArray<readonly [what: string, name: string, bytes: Buffer, code: string]> = [
  ['a page as a picture', 'a.png', html, 'TYPE'],
  ['a drawing as a picture', 'a.png', svg, 'TYPE'],
  ['a picture as another one', 'a.png', jpg(), 'TYPE'],
  ['a picture as a page', 'a.html', png(), 'TYPE'],
  ['a picture without extension', 'a', png(), 'TYPE'],
  ['a picture without a name', '', png(), 'TYPE'],
  ['a program as a picture', 'a.png', Buffer.from('MZ\x90\0\x03', 'latin1'), 'CONTENT'],
  ['a page behind a picture', 'a.png', Buffer.concat([png(), html]), 'CONTENT'],
  ['a flood of pixels', 'a.png', png(50_000, 50_000), 'CONTENT'],
  ['no pixels', 'a.png', png(0, 1), 'CONTENT'],
  ['a cut picture', 'a.png', png().subarray(0, -3), 'CONTENT'],
  ['nothing as a picture', 'a.png', Buffer.alloc(0), 'TYPE'],
  ['macros as a text', 'a.docx', docm, 'TYPE'],
  ['a page as a text', 'a.txt', html, 'TYPE'],
  ['UTF-16 as a text', 'a.txt', Buffer.from('\ufeffhello', 'utf16le'), 'CONTENT'],
  ['a page before a PDF', 'a.pdf', Buffer.concat([html, pdf]), 'TYPE'],
  ['a PDF without an end', 'a.pdf', pdf.subarray(0, 20), 'CONTENT'],
  ['a NUL in the name', 'a.png\0.txt', png(), 'TYPE']
]

for (const store of ['disk', 'memory'] as const) {
  for (const [what, name, bytes, code] of refused) {
    t.test(`${what}: refused, and nothing is left (${store})`, async (t) => {
      const path = folder(t)
      const app = await build(t, { options: { folder: path }, fields: { file: { types: ['png', 'txt', 'pdf', 'docx'], store } } })
      const reply = await send(app, text(bytes, name), { name: 'title', data: 'x' })
      t.match(reply.json(), { statusCode: 422, code: `BULWARK_ERR_FILES_${code}_REFUSED` })
      await app.ready()
      await nothingLeft(t, path)
    })
  }
}

const half = Buffer.alloc(512_000, 'a')
const bodies: ReadonlyArray<readonly [what: string, setup: Setup, parts: FormPart[], status: number, code: string]> = [
  ['five files of 500 KB with a limit of 1 MB for all', { fields: { file: { types: ['txt'], maxCount: 5, maxSize: 600_000 } }, limits: { request: 1_000_000 } }, Array.from({ length: 5 }, () => text(half)), 413, 'TOO_LARGE'],
  ['a file over its limit', { fields: { file: { types: ['txt'], maxSize: 4 } } }, [text()], 413, 'TOO_LARGE'],
  ['a second file', {}, [text(), text()], 413, 'TOO_MANY'],
  ['a file more in one of two fields', { fields: { file: { types: ['txt'] }, other: { types: ['txt'] } } }, [text(), text()], 413, 'TOO_MANY'],
  ['a field that is too long', { limits: { fieldSize: 5 } }, [{ name: 'title', data: 'abcdef' }], 413, 'FIELD_TOO_LONG'],
  ['too many fields', { limits: { fields: 1 } }, [{ name: 'a', data: '' }, { name: 'b', data: '' }], 413, 'TOO_MANY'],
  ['a file where none is taken', {}, [text('x', 'a.txt', 'other')], 400, 'FIELD_UNKNOWN'],
  ['a text where a file is taken', {}, [{ name: 'file', data: '/etc/passwd' }], 400, 'BODY_REFUSED'],
  ['a field that is JSON', {}, [{ name: 'title', data: '{"a":1}', type: 'application/json' }], 400, 'BODY_REFUSED'],
  ['a field that is a string of JSON', {}, [{ name: 'title', data: '"a"', type: 'application/json' }], 400, 'BODY_REFUSED'],
  ['a field that is broken JSON', {}, [{ name: 'title', data: '{', type: 'application/json' }], 400, 'BODY_REFUSED'],
  ['bytes without a name', {}, [{ name: 'file', type: 'application/octet-stream', data: 'x' }], 422, 'TYPE_REFUSED'],
  ['a field without a name', {}, [{ data: 'x' }], 400, 'BODY_REFUSED'],
  ['a file without a name of the field', {}, [{ filename: 'a.txt', data: 'x' }], 400, 'BODY_REFUSED'],
  ['a field with an endless name', {}, [{ name: 'a'.repeat(201), data: 'x' }], 400, 'BODY_REFUSED'],
  ['a field of the prototype', {}, [{ name: '__proto__', data: 'x' }], 400, 'BODY_REFUSED'],
  ['a file in the constructor', {}, [text('x', 'a.txt', 'constructor')], 400, 'BODY_REFUSED'],
  ['a file that must be there', { fields: { file: { types: ['txt'], required: true } } }, [{ name: 'title', data: 'x' }], 422, 'REQUIRED'],
  ['a file that was not chosen', { fields: { file: { types: ['txt'], required: true } } }, [text('', '')], 422, 'REQUIRED']
]

for (const [what, setup, parts, status, code] of bodies) {
  t.test(`${what}: ${status}, and nothing is left`, async (t) => {
    const path = folder(t)
    const app = await build(t, { ...setup, options: { folder: path } })
    t.match((await send(app, ...parts)).json(), { statusCode: status, code: `BULWARK_ERR_FILES_${code}` })
    await nothingLeft(t, path)
  })
}

t.test('what is at its limit is taken', async (t) => {
  const app = await build(t, { fields: { file: { types: ['txt'], maxSize: 5, maxCount: 2 } }, limits: { fieldSize: 5, fields: 1 } })
  t.match((await send(app, text(), { name: 'title', data: 'abcde' }, text())).json(), { fields: { title: 'abcde' }, files: [{}, {}] })
})

t.test('a file that was not chosen is none', async (t) => {
  const app = await build(t)
  t.same((await send(app, text('', ''))).json().files, [])
})

t.test('a thousand files', async (t) => {
  const path = folder(t)
  const fields = { file: { types: ['txt'], maxCount: 1000 } }
  const parts = Array.from({ length: 1000 }, (_, index) => text(`${index}`))
  const app = await build(t, { options: { folder: path }, fields })
  t.equal((await send(app, ...parts)).json().files.length, 1000)
  t.match((await send(app, ...parts, text())).json(), { statusCode: 413, code: 'BULWARK_ERR_FILES_TOO_MANY' })
  await nothingLeft(t, path)
})

const malformed: ReadonlyArray<readonly [what: string, contentType: string, payload: string | Buffer]> = [
  ['no boundary', 'multipart/form-data', formBody(text())],
  ['another boundary', 'multipart/form-data; boundary=other', formBody(text())],
  ['no end', CONTENT_TYPE, formBody(text()).subarray(0, -20)],
  ['no part', CONTENT_TYPE, 'hello'],
  ['a header that does not end', CONTENT_TYPE, formBody(text()).subarray(0, 40)]
]

for (const [what, contentType, payload] of malformed) {
  t.test(`a body with ${what} is refused`, async (t) => {
    const app = await build(t)
    const reply = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': contentType }, payload })
    t.match(reply.json(), { statusCode: 400, code: 'BULWARK_ERR_FILES_BODY_REFUSED' })
  })
}

t.test('an empty body is an empty form', async (t) => {
  const app = await build(t)
  t.same((await app.inject({ method: 'POST', url: '/', headers: { 'content-type': CONTENT_TYPE }, payload: '' })).json(), { fields: {}, files: [] })
})

t.test('a body of another kind is refused', async (t) => {
  const app = await build(t)
  for (const type of ['application/json', 'text/plain']) t.match((await app.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload: '{}' })).json(), { statusCode: 415 })
  t.match((await app.inject({ method: 'POST', url: '/' })).json(), { statusCode: 415, code: 'BULWARK_ERR_FILES_MEDIA_TYPE' })
})

t.test('a file lies under a random name, for its owner only, until the reply', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } }, async (request) => {
    const upload = request.uploads.get('file')!
    const chunks: Buffer[] = []
    for await (const chunk of upload.stream()) chunks.push(chunk as Buffer)
    const { mode } = statSync(upload.path!)
    return { mode: (mode & 0o777).toString(8), folder: (statSync(join(upload.path!, '..')).mode & 0o777).toString(8), name: upload.storedName, path: upload.path, text: Buffer.concat(chunks).toString(), buffer: upload.buffer ?? null, none: request.uploads.get('none') ?? null, all: request.uploads.getAll('none').length }
  })
  const { name, path: place, ...rest } = (await send(app, text('hello', '../../a.txt'))).json()
  t.same(rest, { mode: '600', folder: '700', text: 'hello', buffer: null, none: null, all: 0 })
  t.match(name, /^[0-9a-f]{32}\.txt$/)
  t.match(place, name)
  await nothingLeft(t, path)
})

for (const store of ['disk', 'memory'] as const) {
  t.test(`a file that was moved stays (${store})`, async (t) => {
    const path = folder(t)
    const target = folder(t)
    const app = await build(t, { options: { folder: path }, fields: { file: { types: ['txt'], store } } }, async (request) => ({ path: await request.uploads.get('file')!.moveTo(target) }))
    const { path: place } = (await send(app, text())).json()
    t.equal(readFileSync(place, 'utf8'), 'hello')
    t.equal(statSync(place).mode & 0o777, 0o600)
    await nothingLeft(t, path)
  })
}

t.test('an error of the handler leaves nothing', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } }, () => { throw new Error('no') })
  t.equal((await send(app, text())).statusCode, 500)
  await nothingLeft(t, path)
})

t.test('a disk that fails is no fault of the client, and nothing to be told of', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } })
  await app.ready()
  for (const { name } of readdirSync(path, { withFileTypes: true })) rmSync(join(path, name), { recursive: true })
  const reply = await send(app, text())
  t.match(reply.json(), { statusCode: 500, code: 'BULWARK_ERR_FILES_STORE_FAILED', message: 'A file could not be kept.' })
})

t.test('kinds of a detector are admitted by name', async (t) => {
  const mp3 = Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1')
  const app = await build(t, { options: { detect: fileTypeFromBuffer }, fields: { file: { types: ['mp3', 'png'] } } })
  t.match((await send(app, text(Buffer.concat([mp3, Buffer.from('\xff\xfb\x90\0'.repeat(300), 'latin1')]), 'a.mp3'))).json(), { files: [{ type: 'mp3', mediaType: 'audio/mpeg' }] })
  t.match(await send(app, text(png(), 'a.mp3')), { statusCode: 422 })
  t.match(await send(app, text('MZ', 'a.mp3')), { statusCode: 422 })
})

const starts: ReadonlyArray<readonly [what: string, fields: unknown, code: string]> = [
  ['an unknown kind', { file: { types: ['pgn'] } }, 'FORM_INVALID'],
  ['no kind', { file: { types: [] } }, 'FORM_INVALID'],
  ['an unknown key', { file: { types: ['png'], maxsize: 1 } }, 'FORM_INVALID'],
  ['a file larger than the request', { file: { types: ['png'], maxSize: 20_000_000 } }, 'FORM_INVALID'],
  ['a text in the place of fields', 'file', 'FORM_INVALID']
]

for (const [what, fields, code] of starts) {
  t.test(`${what} does not start`, async (t) => {
    await t.rejects(ready(await build(t, { fields: fields as Record<string, FileField> })), { code: `BULWARK_ERR_FILES_${code}` })
  })
}

t.test('neither do options that are wrong', async (t) => {
  const start = (options: object) => ready(Fastify().register(files, options as FilesOptions))
  await t.rejects(start({ limit: {} }), { code: 'BULWARK_ERR_FILES_OPTION_UNKNOWN', message: /`limits`/ })
  await t.rejects(start({ limits: { request: 0 } }), { code: 'BULWARK_ERR_FILES_OPTION_INVALID' })
  await t.rejects(start({ folder: '/does/not/exist' }), { code: 'BULWARK_ERR_FILES_OPTION_INVALID', message: /files\.folder/ })
  await t.rejects(ready(await build(t, { limits: { fields: -1 } })), { code: 'BULWARK_ERR_FILES_OPTION_INVALID', message: /config\.security\.files/ })
})

t.test('a route that takes files needs @fastify/multipart', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.post('/', { form: { files: { file: { types: ['png'] } } } }, async () => '')
  await t.rejects(ready(app), { code: 'BULWARK_ERR_FILES_MULTIPART_MISSING' })
})

t.test('where the body was read by another, files are not missed silently', async (t) => {
  const app = Fastify()
  await app.register(multipart, { attachFieldsToBody: true })
  await app.register(files)
  app.post('/', { form: { files: { file: { types: ['txt'] } } } }, summary)
  t.match((await send(app, text())).json(), { code: 'BULWARK_ERR_FILES_MULTIPART_CONSUMED' })
})

t.test('uploads of a route that takes none are an error', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.get('/', (request) => request.uploads.all())
  t.match((await app.inject('/')).json(), { code: 'BULWARK_ERR_FILES_UPLOADS_MISSING' })
})

t.test('the innermost registration serves a route', async (t) => {
  const app = await build(t)
  await app.register(async (child) => {
    await child.register(files, { limits: { fieldSize: 3 } })
    child.post('/child', { form: { files: { file: { types: ['txt'] } } } }, summary)
  })
  const body = { method: 'POST', headers: { 'content-type': CONTENT_TYPE }, payload: formBody({ name: 'title', data: 'abcd' }) } as const
  t.match(await app.inject({ ...body, url: '/' }), { statusCode: 200 })
  t.match(await app.inject({ ...body, url: '/child' }), { statusCode: 413 })
})

t.test('a page that shows the form has no files', async (t) => {
  const app = Fastify()
  await app.register(multipart)
  await app.register(files)
  app.route({ method: 'GET', url: '/', form: { files: { file: { types: ['txt'] } } }, handler: () => 'form' })
  t.equal((await app.inject('/')).body, 'form')
})

async function address (app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0 })
  return (app.server.address() as AddressInfo).port
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${CONTENT_TYPE}\r\nContent-Length: ${length}\r\n\r\n`

/** What the process has open in a folder. */
function openIn (path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)].filter((target) => target.startsWith(path))
    } catch {
      return []
    }
  })
}

t.test('a client that goes at any place leaves no file and nothing open', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } })
  const port = await address(app)
  const bytes = Buffer.concat([Buffer.from(head(formBody(text(), { name: 'title', data: 'x' }).length)), formBody(text(), { name: 'title', data: 'x' })])
  for (let size = 0; size < bytes.length; size += 10) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(bytes.subarray(0, size))
    await sleep(2)
    socket.destroy()
  }
  const connections = promisify(app.server.getConnections.bind(app.server))
  while (await connections() > 0) await sleep(10)
  await nothingLeft(t, path)
})

for (const [what, declared] of [['says its length', true], ['does not', false]] as const) {
  t.test(`a client that ${what} is told of the limit, and its connection serves the next request`, async (t) => {
    const app = await build(t, { fields: { file: { types: ['txt'], maxSize: 1000 } }, limits: { request: 100_000 } })
    const port = await address(app)
    const body = formBody(text(Buffer.alloc(2_000_000, 'a')))
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => { answer += text })
    if (declared) {
      socket.write(head(body.length))
      socket.write(body)
    } else {
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${CONTENT_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`)
      socket.write(body)
      socket.write('\r\n0\r\n\r\n')
    }
    const small = formBody(text())
    socket.write(head(small.length))
    socket.write(small)
    while (!answer.includes('HTTP/1.1 200')) await once(socket, 'data')
    t.match(answer, /^HTTP\/1\.1 413 [\s\S]*BULWARK_ERR_FILES_TOO_LARGE[\s\S]*HTTP\/1\.1 200 /)
    socket.destroy()
  })
}

t.test('closing the application takes the folder away', async (t) => {
  const path = folder(t)
  const app = Fastify()
  await app.register(files, { folder: path })
  await app.ready()
  t.equal(readdirSync(path).length, 1)
  await app.close()
  t.same(readdirSync(path), [])
})

// Downloads

interface Sending { readonly source: Uint8Array | ((root: string) => DownloadSource), readonly options?: DownloadOptions }

const plugins = { none: [], before: ['static', 'headers', 'files'], after: ['files', 'headers', 'static'] } as const

async function serve (t: Test, order: readonly string[], { source, options }: Sending): Promise<FastifyInstance> {
  const root = folder(t)
  mkdirSync(join(root, 'in'))
  writeFileSync(join(root, 'in', 'a.txt'), 'hello world')
  writeFileSync(join(root, 'in', 'a.html'), '<script>')
  writeFileSync(join(root, 'in', '.hidden'), 'hidden')
  writeFileSync(join(root, 'secret'), 'secret')
  symlinkSync(join(root, 'secret'), join(root, 'in', 'link'))
  const app = Fastify()
  t.teardown(() => app.close())
  for (const name of order) {
    if (name === 'static') await app.register(fastifyStatic, { root, serve: false, setHeaders: (reply) => reply.header('content-security-policy', 'from static') })
    if (name === 'headers') await app.register(headers)
    if (name === 'files') await app.register(files)
  }
  if (order.length === 0) await app.register(files)
  app.get('/', (_request, reply) => reply.download(typeof source === 'function' ? source(join(root, 'in')) : source, options))
  return app
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'private, no-cache' }
const file = (path: string) => (root: string) => ({ root, path })

const downloads: ReadonlyArray<readonly [what: string, sending: Sending, type: string, disposition: string, body: string]> = [
  ['bytes', { source: Buffer.from('x'), options: { name: 'a.png', type: 'png' } }, 'image/png', 'attachment; filename="a.png"', 'x'],
  ['a view of bytes', { source: new Uint8Array([120]), options: { name: 'a' } }, 'application/octet-stream', 'attachment; filename="a"', 'x'],
  ['a picture, shown', { source: Buffer.from('x'), options: { name: 'a.png', type: 'image/png', inline: true } }, 'image/png', 'inline; filename="a.png"', 'x'],
  ['a page, which is not shown', { source: Buffer.from('x'), options: { name: 'a.html', type: 'text/html', inline: true } }, 'application/octet-stream', 'attachment; filename="a.html"', 'x'],
  ['a drawing, which is not shown', { source: Buffer.from('x'), options: { name: 'a.svg', type: 'svg', inline: true } }, 'application/octet-stream', 'attachment; filename="a.svg"', 'x'],
  ['a type that has a header in it', { source: Buffer.from('x'), options: { type: 'image/png\r\nx: y' } }, 'application/octet-stream', 'attachment; filename="file"', 'x'],
  ['a text of another charset', { source: Buffer.from('x'), options: { type: 'text/plain; charset=utf-7' } }, 'text/plain; charset=utf-8', 'attachment; filename="file"', 'x'],
  ['a stream', { source: () => Readable.from([Buffer.from('x')]), options: { name: 'a.txt', type: 'txt' } }, 'text/plain; charset=utf-8', 'attachment; filename="a.txt"', 'x'],
  ['a file', { source: file('a.txt'), options: { type: 'txt' } }, 'text/plain; charset=utf-8', 'attachment; filename="a.txt"', 'hello world'],
  ['a file that is a page', { source: file('a.html') }, 'application/octet-stream', 'attachment; filename="a.html"', '<script>']
]

for (const [where, order] of Object.entries(plugins)) {
  for (const [what, sending, type, disposition, body] of downloads) {
    t.test(`${what} (${where})`, async (t) => {
      const app = await serve(t, order, sending)
      const reply = await app.inject('/')
      t.match(reply, { statusCode: 200, body, headers: { ...HEADERS, 'content-type': type, 'content-disposition': disposition } })
    })
  }
  for (const path of ['../secret', 'link', '.hidden', 'none', '', '/etc/passwd', 'a.txt\0', '..\\secret', 'x/../../secret', '.', '%2e%2e/secret', 'a.txt/']) {
    t.test(`${JSON.stringify(path)} is not found (${where})`, async (t) => {
      const app = await serve(t, order, { source: file(path) })
      const reply = await app.inject('/')
      t.match(reply.json(), { statusCode: 404, code: 'BULWARK_ERR_FILES_NOT_FOUND' })
      t.notOk('content-disposition' in reply.headers, 'an error is no download')
    })
  }
}

for (const order of [plugins.before, plugins.after]) {
  t.test(`ranges and conditions, with ${order.join(', ')}`, async (t) => {
    const app = await serve(t, order, { source: file('a.txt'), options: { type: 'txt', inline: true } })
    const whole = await app.inject('/')
    t.match(await app.inject({ url: '/', headers: { range: 'bytes=6-' } }), { statusCode: 206, body: 'world', headers: { ...HEADERS, 'content-range': 'bytes 6-10/11', 'content-disposition': 'inline; filename="a.txt"' } })
    t.match(await app.inject({ url: '/', headers: { 'if-none-match': String(whole.headers['etag']) } }), { statusCode: 304, body: '' })
    const beyond = await app.inject({ url: '/', headers: { range: 'bytes=100-' } })
    t.equal(beyond.statusCode, 416)
    t.notOk('content-disposition' in beyond.headers)
  })
}

t.test('a header for caches that was set is kept', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.get('/', (_request, reply) => reply.header('cache-control', 'public, max-age=60').download(Buffer.from('x')))
  t.equal((await app.inject('/')).headers['cache-control'], 'public, max-age=60')
})

const calls: ReadonlyArray<readonly [what: string, source: unknown, options?: unknown]> = [
  ['a path alone, as @fastify/static has it', 'a.txt'],
  ['nothing', undefined],
  ['a path without a folder', { path: 'a.txt' }],
  ['an empty folder', { root: '', path: 'a.txt' }],
  ['an unknown option', Buffer.from('x'), { filename: 'a' }],
  ['a name that is no text', Buffer.from('x'), { name: 1 }]
]

for (const [what, source, options] of calls) {
  t.test(`${what} cannot be sent`, async (t) => {
    const app = Fastify()
    await app.register(files)
    app.get('/', (_request, reply) => reply.download(source as DownloadSource, options as DownloadOptions))
    t.match((await app.inject('/')).json(), { statusCode: 500, code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })
  })
}

t.test('a folder that is not there is an error of the program', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.get('/', (_request, reply) => reply.download({ root: '/does/not/exist', path: 'a.txt' }))
  t.equal((await app.inject('/')).statusCode, 500)
})

t.test('what else is exported', async (t) => {
  t.equal(safeFileName('../a'), 'a')
  t.throws(() => { (filesDefaults.limits as { request: number }).request = 1 })
})
