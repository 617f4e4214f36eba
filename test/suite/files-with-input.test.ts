import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import type { FileMessageKey } from '../../lib/form-files.ts'
import { files, type FilesOptions } from '../../plugins/files.ts'
import { english, f, german, html, input, type InputOptions } from '../../plugins/input.ts'
import { BOUNDARY, CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'
import { html as page, jpg, png, zip } from '../lib/files/samples.ts'
import { permutations } from './permutations.ts'

// Files are fields of the form: one plugin reads them, the other one answers, and neither knows the other.

const Profile = Type.Object({
  title: f.text({ max: 10 }),
  avatar: f.file({ types: ['png', 'jpg'], maxSize: 2000, maxPixels: 100, title: 'Picture' }),
  notes: Type.Optional(f.file({ types: ['txt', 'zip'], maxSize: 3000, store: 'memory' })),
  papers: f.files({ types: ['txt'], maxSize: 200, max: 2 })
})

/** A folder of its own, so that a test sees what is left. */
function folder (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'bulwark-test-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

const left = (path: string) => readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

/** Files are taken away behind the reply, which may be read before. */
async function nothingLeft (t: Test, path: string): Promise<void> {
  for (let tries = 0; left(path) > 0 && tries < 500; tries++) await sleep(10)
  t.equal(left(path), 0, 'nothing is left')
}

interface Setup { readonly order?: readonly string[], readonly options?: FilesOptions, readonly speech?: InputOptions }

async function build (t: Test, { order = ['multipart', 'files', 'input'], options = {}, speech = {} }: Setup = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  const register: Readonly<Record<string, () => unknown>> = {
    multipart: () => app.register(multipart),
    files: () => app.register(files, { limits: { request: 10_000, fieldSize: 100, fields: 5 }, ...options }),
    input: () => app.register(input, speech)
  }
  for (const name of order) await register[name]!()
  app.route({
    method: ['GET', 'POST'],
    url: '/profile',
    schema: { body: Profile },
    form: {
      messages: { papers: { maxFiles: 'At most {max} {label}.' } },
      render: (_request, _reply, form) => {
        const { attributes, errors } = form.field('avatar')
        return html`<form method="post" enctype="${form.enctype}"><input ${form.field('title').attributes}><input ${attributes}><p ${form.errorAttributes('avatar')}>${errors}</p><p>${form.formErrors}</p></form>`
      }
    }
  }, async (request) => {
    if (!request.form.ok) return 'never'
    const { title, avatar, notes, papers } = request.form.values
    const text = notes?.buffer?.toString()
    return { title, avatar: [avatar.type, avatar.size, avatar.path !== undefined], notes: text ?? null, papers: papers.map(({ originalName }) => originalName) }
  })
  return app
}

const text = (name: string, data: string): FormPart => ({ name, data })
const file = (name: string, data: Buffer | string, filename: string): FormPart => ({ name, filename, data })
const title = text('title', ' x ')
const avatar = (data: Buffer | string = png(), filename = 'a.png') => file('avatar', data, filename)
const post = (app: FastifyInstance, parts: FormPart[], accept = 'application/json') => app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': CONTENT_TYPE, accept }, payload: formBody(...parts) })

for (const order of permutations(['multipart', 'files', 'input'])) {
  t.test(`${order.join(', ')}: files stand in the values beside the texts, and their faults beside those of the texts`, async (t) => {
    const path = folder(t)
    const app = await build(t, { order, options: { folder: path } })
    const whole = [title, avatar(), file('notes', 'hi', 'n.txt'), file('papers', 'a', '\ufffd\u0007.txt'), file('papers', 'b', '2.txt')]
    t.same((await post(app, whole)).json(), { title: 'x', avatar: ['png', png().length, true], notes: 'hi', papers: ['\ufffd\u0007.txt', '2.txt'] })
    t.same((await post(app, [title, avatar(jpg(), 'a.jpeg'), file('notes', '', '')])).json(), { title: 'x', avatar: ['jpg', jpg().length, true], notes: null, papers: [] })
    t.match((await post(app, [text('title', 'x'.repeat(11)), avatar(page)])).json(), { status: 422, errors: { title: ['Use at most 10 characters.'], avatar: ['What is in this file is not what its name says.'] } })
    await nothingLeft(t, path)
  })
}

const refused: ReadonlyArray<readonly [what: string, parts: FormPart[], status: number, errors: Readonly<Record<string, FileMessageKey>>, sentences: readonly string[]]> = [
  ['no file', [title], 422, { avatar: 'required' }, ['This field is required.']],
  ['a file that was not chosen', [title, file('avatar', '', '')], 422, { avatar: 'required' }, ['This field is required.']],
  ['a file that is too large', [title, avatar(Buffer.concat([png(), Buffer.alloc(2000)]))], 413, { avatar: 'fileSize' }, ['Choose a file of at most 2 kB.']],
  ['another kind', [title, avatar('MZ\0', 'a.exe')], 422, { avatar: 'fileType' }, ['Choose a file of a kind that is taken here: PNG, JPG.']],
  ['another ending', [title, avatar(png(), 'a.jpg.exe')], 422, { avatar: 'fileExtension' }, ['What is in this file is not what its name says.']],
  ['a page behind a picture', [title, avatar(Buffer.concat([png(), page]))], 422, { avatar: 'fileDamaged' }, ['This file is damaged, or there is more in it than there should be.']],
  ['a flood of pixels', [title, avatar(png(101))], 422, { avatar: 'filePixels' }, ['Choose a picture of at most 100 pixels.']],
  ['an archive that leads out of its folder', [title, avatar(), file('notes', zip([{ name: '../a' }]), 'a.zip')], 422, { notes: 'fileArchive' }, ['This archive is encrypted, holds too much, or would write where it should not.']],
  ['a text in another encoding', [title, avatar(), file('notes', Buffer.from('\xfc', 'latin1'), 'a.txt')], 422, { notes: 'fileText' }, ['This file is not a text in UTF-8.']],
  ['a second picture', [title, avatar(), avatar()], 413, { avatar: 'maxFiles' }, ['Choose at most 1 file.']],
  ['a file more than the list has', [title, avatar(), ...['1', '2', '3'].map((data) => file('papers', data, 'a.txt'))], 413, { papers: 'maxFiles' }, ['At most 2 Papers.']],
  ['two of another kind, said once', [title, avatar(), file('papers', png(), '1.png'), file('papers', png(), '2.png')], 422, { papers: 'fileType' }, ['Choose a file of a kind that is taken here: TXT.']],
  ['a text that is too long', [text('title', 'x'.repeat(101)), avatar()], 413, { title: 'fieldSize' }, ['Enter a text of at most 100 B.']],
  ['a body that is too large', [title, avatar(), text('more', 'x'.repeat(10_000))], 413, { '': 'requestSize' }, ['What you sent is too large. All of it may have 10 kB. Choose the files again.']],
  ['texts that are too many', [title, avatar(), ...['a', 'b', 'c', 'd', 'e'].map((name) => text(name, 'x'))], 413, { '': 'partCount' }, ['There are more fields or files in what you sent than can be taken.']]
]

for (const [what, parts, status, errors, sentences] of refused) {
  t.test(`${what}: ${status}, said beside the field, in every language, and nothing is left`, async (t) => {
    const path = folder(t)
    const told = async (speech: InputOptions) => {
      const reply = await post(await build(t, { options: { folder: path }, speech }), parts)
      const { errors, formErrors, ...rest } = reply.json()
      t.match({ ...rest, statusCode: reply.statusCode, type: reply.headers['content-type'] }, { statusCode: status, status, type: 'application/problem+json' })
      return formErrors.length > 0 ? { ...errors, '': formErrors } : errors
    }
    const [field, key] = Object.entries(errors)[0]!
    t.same(await told({}), { [field]: sentences })
    if (field !== 'papers' || key !== 'maxFiles') {
      t.not(german[key]({ label: '', max: 1, values: [] }), english[key]({ label: '', max: 1, values: [] }))
      const max = { fileSize: 2000, filePixels: 100, fieldSize: 100, maxFiles: 1, requestSize: 10_000 }[key as 'fileSize']
      t.same(await told({ messages: german }), { [field]: [german[key]({ label: '', max, values: field === 'papers' ? ['txt'] : ['png', 'jpg'] })] })
      t.same(await told({ translate: (key) => key === 'formInvalid' ? undefined : `«${key}»` }), { [field]: [`«${key}»`] })
    }
    await nothingLeft(t, path)
  })
}

/** One piece after the other, each when the one before was looked at. */
async function * slowly (chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    yield chunk
    await sleep(20)
  }
}

t.test('a body beyond its limit is told of as a whole, with what came before, on the page and as data', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path, limits: { request: 3500, fieldSize: 3000, fields: 5 } } })
  const chunks = [formBody(title, avatar()).subarray(0, -BOUNDARY.length - 6), formBody(text('other', 'x'.repeat(2500))).subarray(0, -BOUNDARY.length - 6), formBody(text('more', 'x'.repeat(2500)))]
  const send = (accept: string) => app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': CONTENT_TYPE, accept }, payload: Readable.from(slowly(chunks)) })
  t.match((await send('application/json')).json(), { status: 413, title: 'Content Too Large', errors: {}, formErrors: ['What you sent is too large. All of it may have 3.5 kB. Choose the files again.'] })
  const reply = await send('text/html')
  t.match(reply, { statusCode: 413, body: 'All of it may have 3.5 kB.' })
  t.match(reply.body, 'value="x"', 'what was read is there again')
  t.notMatch(reply.body, 'This field is required.', 'what was not read is not missed')
  await nothingLeft(t, path)
})

t.test('on the page, errors stand beside the field, and a file is not filled in', async (t) => {
  const app = await build(t)
  const attributes = 'id="avatar" name="avatar" type="file" required accept="image/png,image/jpeg,.png,.jpg,.jpeg,.jpe,.jfif"'
  t.equal((await app.inject('/profile')).body, `<form method="post" enctype="multipart/form-data"><input id="title" name="title" type="text" required maxlength="10"><input ${attributes}><p id="avatar-error" role="alert"></p><p></p></form>`)
  const reply = await post(app, [title, avatar('MZ\0', 'a<b>.exe')], 'text/html')
  t.equal(reply.statusCode, 422)
  t.match(reply.body, `<input ${attributes} aria-invalid="true" aria-describedby="avatar-error"><p id="avatar-error" role="alert">Choose a file of a kind that is taken here: PNG, JPG.</p>`)
  t.notMatch(reply.body, 'a<b>')
  t.notMatch(reply.body, 'exe')
})

const others: ReadonlyArray<readonly [what: string, contentType: string, payload: string, expected: object]> = [
  ['JSON has no file', 'application/json', '{"title":"x","papers":[]}', { statusCode: 422, body: /"avatar":\["This field is required\."\]/ }],
  ['what looks like one in JSON is none', 'application/json', '{"title":"x","papers":["y"],"avatar":{"field":"avatar","type":"png","size":1,"path":"/etc/passwd"}}', { statusCode: 422, body: /"avatar":\["Choose a file\."\],"papers\.0":\["Choose a file\."\]/ }],
  ['a form that was sent without its parts has the name of the file', 'application/x-www-form-urlencoded', 'title=x&avatar=a.png', { statusCode: 422, body: /"avatar":\["Choose a file\."\]/ }],
  ['a text in the place of a file', CONTENT_TYPE, String(formBody(title, text('avatar', '/etc/passwd'))), { statusCode: 400 }],
  ['a file in the place of a text', CONTENT_TYPE, String(formBody(file('title', 'x', 'a.txt'))), { statusCode: 400 }],
  ['a body that is cut', CONTENT_TYPE, String(formBody(title)).slice(0, -20), { statusCode: 400 }],
  ['a text twice', CONTENT_TYPE, String(formBody(title, title, avatar('x'))), { statusCode: 400 }],
  ['bytes that are no UTF-8', CONTENT_TYPE, String(formBody(text('title', '\ufffd'), avatar('x'))), { statusCode: 400 }],
  ['another kind of body', 'text/plain', 'x', { statusCode: 415 }]
]

for (const [what, contentType, payload, expected] of others) {
  t.test(what, async (t) => {
    const app = await build(t)
    t.match(await app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': contentType, accept: 'application/json' }, payload }), expected)
  })
}

t.test('checks, filters, defaults and rules of the program see files; a file that is optional may be missing', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(files)
  await app.register(input)
  app.addSchema({ $id: 'upload', ...Type.Object({ own: Type.Object({ picture: Type.Optional(f.file({ types: ['png', 'txt'] })) }) }) })
  app.post('/checked', {
    schema: { body: Type.Object({ picture: Type.Optional(Type.Refine(f.file({ types: ['txt'] }), ({ size }) => size !== 3, () => 'Not three.')) }) },
    form: {
      check: { picture: async (picture, { values }) => picture.size > 1 && values.picture === picture ? 'Only one byte.' : undefined },
      onInvalid: 'continue'
    }
  }, async (request) => request.form.ok ? { size: request.form.values.picture?.size ?? null } : request.form.errors)
  app.post('/known', { schema: { body: Type.Ref('upload') }, form: {} }, async (request) => (request.form.ok ? request.form.values : {}) as object)
  const send = async (url: string, ...parts: FormPart[]) => (await app.inject({ method: 'POST', url, headers: { 'content-type': CONTENT_TYPE }, payload: formBody(...parts) })).json()
  t.same(await send('/checked', file('picture', 'x', 'a.txt')), { size: 1 })
  t.same(await send('/checked'), { size: null })
  t.same(await send('/checked', file('picture', 'xy', 'a.txt')), { picture: ['Only one byte.'] })
  t.same(await send('/checked', file('picture', 'xyz', 'a.txt')), { picture: ['Not three.'] })
  t.match(await send('/checked', file('picture', png(), 'a.png')), { picture: [/TXT/] })
  t.match(await send('/known', file('own.picture', png(), 'a.png')), { own: { picture: { type: 'png', field: 'own.picture' } } })
  t.same(await send('/known'), { own: {} })
})

type Start = (app: FastifyInstance) => unknown
const body = Type.Object({ a: f.file({ types: ['png'] }) })
const all: Start[] = [(app) => app.register(multipart), (app) => app.register(files), (app) => app.register(input)]
const route = (options: object): Start => (app) => { app.post('/', { form: {}, ...options }, async () => '') }

const starts: ReadonlyArray<readonly [what: string, steps: Start[], code: string, message: RegExp]> = [
  ['nobody reads the files', [all[0]!, all[2]!, route({ schema: { body } })], 'INPUT_FORM_INVALID', /fastify-bulwark\/files.*\(route POST \/\)$/],
  ['the part of the application was there before who reads the files', [all[0]!, all[2]!, async (app) => { await app.register(async (child) => { await route({ schema: { body } })(child) }) }, all[1]!], 'INPUT_FORM_INVALID', /fastify-bulwark\/files/],
  ['nobody takes the body apart', [all[1]!, all[2]!, route({ schema: { body } })], 'FILES_MULTIPART_MISSING', /./],
  ['a kind is misspelt', [...all, route({ schema: { body: Type.Object({ a: f.file({ types: ['pgn'] }) }) } })], 'FILES_FORM_INVALID', /schema\.body\.a\.types.*`png`/],
  ['a rule is misspelt', [...all, route({ schema: { body: Type.Object({ a: f.file({ types: ['png'], maxsize: 1 } as never) }) } })], 'FILES_FORM_INVALID', /`maxSize`/],
  ['files are named beside the schema', [...all, route({ schema: { body: Type.Object({ b: f.text() }) }, form: { files: { a: { types: ['png'] } } } })], 'INPUT_FORM_INVALID', /f\.file/],
  ['files are named twice', [...all, route({ schema: { body }, form: { files: { a: { types: ['png'] } } } })], 'INPUT_FORM_INVALID', /f\.file/],
  ['no body brings files', [...all, route({ schema: { body }, form: { accepts: ['json'] } })], 'INPUT_FORM_INVALID', /form\.accepts/],
  ['a file has no place', [...all, route({ schema: { body: Type.Object({ a: f.list(Type.Object({ b: f.file({ types: ['png'] }) })) }) } })], 'INPUT_FORM_INVALID', /schema\.body\.a/]
]

for (const [what, steps, code, message] of starts) {
  t.test(`an application where ${what} does not start`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close().then(() => {}, () => {}))
    for (const step of steps) await step(app)
    await t.rejects(async () => { await app.ready() }, { code: `BULWARK_ERR_${code}`, message })
  })
}

t.test('a compiler that knows no files does not take one for a text', async (t) => {
  const app = Fastify()
  app.post('/', { schema: { body } }, async () => '')
  await t.rejects(async () => { await app.ready() }, /x-bulwark-file/)
})

t.test('a route without a schema of the body has its files to itself, beside input', async (t) => {
  for (const order of permutations(['multipart', 'files', 'input'])) {
    const app = await build(t, { order })
    app.post('/alone', { form: { files: { avatar: { types: ['png'] } } } }, async (request) => request.uploads.get('avatar')?.type)
    t.equal((await app.inject({ method: 'POST', url: '/alone', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(avatar()) })).body, 'png')
    t.match(await app.inject({ method: 'POST', url: '/alone', payload: {} }), { statusCode: 415 })
  }
})

t.test('the files of a form are in its values, and nowhere else', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const step of all) await step(app)
  app.post('/', { schema: { body }, form: {} }, async (request) => request.uploads.all())
  t.match((await app.inject({ method: 'POST', url: '/', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(file('a', png(), 'a.png')) })).json(), { code: 'BULWARK_ERR_FILES_UPLOADS_MISSING' })
})

t.test('each scope has its own limits, and a route those of its own', async (t) => {
  const app = await build(t)
  const small = { schema: { body: Type.Object({ a: f.file({ types: ['txt'], maxSize: 5 }) }) }, form: {} } as const
  app.post('/route', { ...small, config: { security: { files: { limits: { request: 200 } } } } }, async () => '')
  await app.register(async (child) => {
    await child.register(files, { limits: { request: 100 } })
    child.post('/child', small, async () => '')
  })
  const send = (url: string) => app.inject({ method: 'POST', url, headers: { 'content-type': CONTENT_TYPE }, payload: formBody(text('x', 'x'.repeat(100)), file('a', 'a', 'a.txt')) })
  t.match((await send('/route')).json(), { status: 413, formErrors: [/200 B/] })
  t.match((await send('/child')).json(), { status: 413, formErrors: [/100 B/] })
})

t.test('a route that was there before who reads its files is read', async (t) => {
  const path = folder(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input)
  app.post('/', { schema: { body }, form: {} }, async (request) => request.form.ok && request.form.values.a.type)
  await app.register(files, { folder: path })
  await app.register(multipart)
  t.equal((await app.inject({ method: 'POST', url: '/', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(file('a', png(), 'a.png')) })).body, 'png')
  await nothingLeft(t, path)
})

t.test('a form without files does not read a body in parts', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const step of all) await step(app)
  app.post('/profile', { schema: { body: Type.Object({ title: f.text({ max: 10 }) }) }, form: { render: (_request, _reply, form) => form.enctype } }, async () => '')
  t.match(await post(app, [title]), { statusCode: 415 })
  t.match(await app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: '' }), { statusCode: 422, body: 'application/x-www-form-urlencoded' })
})

t.test('a form of nothing but files needs no schema, and reads no other body', async (t) => {
  for (const order of permutations([...all])) {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const step of order) await step(app)
    app.post('/profile', { form: { files: { avatar: { types: ['png'] } } } }, async (request) => ({ size: request.uploads.get('avatar')?.size }))
    app.post('/profile/:id', { schema: { params: Type.Object({ id: f.integer() }) }, form: { files: { avatar: { types: ['png'] } } } }, async (request) => request.params)
    t.match(await post(app, [avatar()]), { statusCode: 200, body: `{"size":${png().length}}` })
    t.match(await post(app, [avatar(page)]), { statusCode: 422, body: /BULWARK_ERR_FILES_CONTENT_REFUSED|BULWARK_ERR_FILES_TYPE_REFUSED/ })
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      t.match(await app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': type }, payload: '{}' }), { statusCode: 415 }, type)
    }
    const sent = await app.inject({ method: 'POST', url: '/profile/7', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(avatar()) })
    t.match(sent, { statusCode: 200, body: '{"id":7}' }, 'other parts of the request are checked all the same')
  }
})
