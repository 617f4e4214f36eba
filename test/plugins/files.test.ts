import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import { fileTypeFromBuffer } from 'file-type'
import t from 'tap'
import { files, filesDefaults, safeFileName, type FileField, type FilesOptions } from '../../plugins/files.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'
import { docm, docx, gif, html, jpg, pdf, png, svg, webp } from '../lib/files/samples.ts'
import { build, folder, nothingLeft, ready, send, type Setup, summary, text } from './files-world.ts'

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

t.test('what else is exported', async (t) => {
  t.equal(safeFileName('../a'), 'a')
  t.throws(() => { (filesDefaults.limits as { request: number }).request = 1 })
})
