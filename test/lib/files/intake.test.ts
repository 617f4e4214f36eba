import { access } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { Intake } from '../../../lib/files/intake.ts'
import type { MultipartRequest, Part } from '../../../lib/files/parser.ts'
import { filesDefaults, resolveForm, type FormFiles } from '../../../lib/files/settings.ts'
import { Spool } from '../../../lib/files/spool.ts'

// What a parser gives is played here, part by part; plugins/files.test.ts has the real one.

const spool = await Spool.in()
t.teardown(() => spool.close())
const file = (...chunks: string[]): Part => ({ type: 'file', fieldname: 'file', filename: 'a.txt', file: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) })

function intake (fields: FormFiles = { file: { types: ['txt'], maxCount: 3 } }, limits = {}, isAnswered = false): Intake {
  const all = { ...filesDefaults.limits, ...limits }
  return new Intake({ fields: resolveForm(fields, all, false), limits: all, isAnswered }, { spool, detect: undefined })
}

function request (parts: () => AsyncGenerator<Part>, headers = {}): MultipartRequest & { readonly raw: PassThrough } {
  return { raw: new PassThrough(), headers, parts }
}

t.test('files and fields, in order', async (t) => {
  const taken = intake()
  await taken.read(request(async function * () {
    yield file('a', 'b')
    yield { type: 'field', fieldname: 'x', value: '1' }
    yield file('c')
  }))
  t.same({ ...taken.fields }, { x: '1' })
  t.same(taken.all().map(({ size }) => size), [2, 1])
  t.equal(taken.get('file'), taken.getAll('file')[0])
  t.equal(taken.get('none'), undefined)
  await taken.dispose()
})

t.test('what the parser objects to ends the reading, and the rest is drained', async (t) => {
  const failing = request(async function * () {
    yield file('a')
    throw Object.assign(new Error('no'), { code: 'FST_PARTS_LIMIT' })
  })
  await t.rejects(intake().read(failing), { code: 'BULWARK_ERR_FILES_TOO_MANY' })
  t.ok(failing.raw.readableFlowing)
  failing.raw.destroy()
})

t.test('a client that went before is not waited for', async (t) => {
  const gone = request(async function * () { t.fail('not asked') })
  gone.raw.destroy()
  await t.rejects(intake().read(gone), { code: 'BULWARK_ERR_FILES_BODY_REFUSED' })
})

t.test('a length that is too much is not begun with', async (t) => {
  const refusing = request(async function * () { t.fail('not asked') }, { 'content-length': '99999999999' })
  await t.rejects(intake().read(refusing), { code: 'BULWARK_ERR_FILES_TOO_LARGE' })
  refusing.raw.destroy()
})

t.test('the bytes of the request count, whatever they are', async (t) => {
  const counting = request(async function * () {
    yield { type: 'file', fieldname: 'file', filename: 'a.txt', file: new Readable({ read () {} }) }
  })
  setImmediate(() => counting.raw.write(Buffer.alloc(11)))
  await t.rejects(intake(undefined, { request: 10, fieldSize: 1 }).read(counting), { code: 'BULWARK_ERR_FILES_TOO_LARGE' })
  const preamble = request(async function * () { await new Promise(() => {}) })
  setImmediate(() => preamble.raw.write(Buffer.alloc(11)))
  await t.rejects(intake(undefined, { request: 10 }).read(preamble), { code: 'BULWARK_ERR_FILES_TOO_LARGE' })
  counting.raw.destroy()
  preamble.raw.destroy()
})

t.test('a client that goes while its file is written is no fault of the disk', async (t) => {
  const gone = intake()
  const leaving = request(async function * () {
    yield {
      type: 'file',
      fieldname: 'file',
      filename: 'a.txt',
      file: Object.assign((async function * () {
        yield Buffer.alloc(300_000, 'a')
        await gone.dispose()
        yield Buffer.from('b')
      })(), { destroy () {} })
    }
  })
  await t.rejects(gone.read(leaving), { code: 'BULWARK_ERR_FILES_BODY_REFUSED' })
  leaving.raw.destroy()
})

t.test('a client that goes while its file is looked at leaves nothing', async (t) => {
  const gone = intake()
  await gone.read(request(async function * () {
    yield file('a')
    await gone.dispose()
    yield file('b')
  }))
  for (const { path } of gone.all()) await t.rejects(access(path!), { code: 'ENOENT' })
  t.equal(gone.all().length, 2)
})

t.test('a file that was refused is not missing as well', async (t) => {
  const missing = intake({ a: { types: ['png'], required: true }, b: { types: ['png'] }, file: { types: ['png'], required: true } })
  await missing.read(request(async function * () { yield file('no picture') }))
  t.same(missing.refusals.map(({ field, code }) => [field, code]), [['file', 'BULWARK_ERR_FILES_TYPE_REFUSED'], ['a', 'BULWARK_ERR_FILES_REQUIRED']])
})

// Where somebody answers the form, what is too much is told, and what is behind it is read.

const answered = (fields?: FormFiles, limits?: object): Intake => intake(fields, limits, true)
const field = (name: string, more: Partial<Part> = {}): Part => ({ type: 'field', fieldname: name, value: '1', ...more })

const told: ReadonlyArray<readonly [what: string, parts: () => Part[], fields: FormFiles, expected: object]> = [
  ['a file that is too large', () => [file('abc', 'def', 'ghi'), field('x')], { file: { types: ['txt'], maxSize: 4 } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'fileSize', params: { max: 4 }, status: 413 }] }],
  ['one that is from its beginning', () => [file('abcdef'), field('x')], { file: { types: ['txt'], maxSize: 4 } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'fileSize' }] }],
  ['one of which a batch was written', () => [file(...'a'.repeat(70)), field('x')], { file: { types: ['txt'], maxSize: 66 } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'fileSize', params: { max: 66 } }] }],
  ['the same in memory', () => [file('abc', 'def'), field('x')], { file: { types: ['txt'], maxSize: 4, store: 'memory' } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'fileSize' }] }],
  ['files that are too many, once', () => [file('a'), file('b'), file('c'), field('x')], { file: { types: ['txt'] } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'maxFiles', params: { max: 1 }, status: 413 }] }],
  ['a text that is too long', () => [field('x', { valueTruncated: true }), field('y')], { file: { types: ['txt'] } }, { fields: { y: '1' }, faults: [{ path: 'x', key: 'fieldSize', params: { max: 65_536 }, status: 413 }] }],
  ['a file of another kind', () => [file('a'), field('x')], { file: { types: ['png'] } }, { fields: { x: '1' }, faults: [{ path: 'file', key: 'fileType', params: { values: ['png'] }, status: 422 }] }]
]

for (const [what, parts, fields, expected] of told) {
  t.test(`${what}: told of its field`, async (t) => {
    const taken = answered(fields)
    await taken.read(request(async function * () { yield * parts() }))
    t.match(taken.parts, { ...expected, isWhole: true })
    await taken.dispose()
  })
}

t.test('files come as they are: one, or a list', async (t) => {
  const taken = answered({ file: { types: ['txt'], maxCount: 3 } })
  await taken.read(request(async function * () { yield file('a') }))
  t.match(taken.parts, { files: { file: { size: 1 } }, faults: [] })
  const several = answered({ file: { types: ['txt'], maxCount: 3 } })
  await several.read(request(async function * () {
    yield file('a')
    yield file('bc')
  }))
  t.match(several.parts, { files: { file: [{ size: 1 }, { size: 2 }] }, faults: [] })
  await taken.dispose()
  await several.dispose()
})

t.test('a body that is too large is told of as a whole, and nothing of its files is left', async (t) => {
  const large = request(async function * () {
    yield field('x')
    yield file('a')
    large.raw.write(Buffer.alloc(11))
    yield { type: 'file', fieldname: 'file', filename: 'b.txt', file: new Readable({ read () {} }) }
  }, { 'content-length': '99999999999' })
  const taken = answered(undefined, { request: 10 })
  await taken.read(large)
  t.match(taken.parts, { fields: { x: '1' }, files: {}, faults: [{ path: '', key: 'requestSize', params: { max: 10 }, status: 413 }], isWhole: false })
  t.same(taken.all(), [])
  large.raw.destroy()
})

t.test('parts that are too many for the parser are told of as a whole, unless a field says so', async (t) => {
  for (const files of [1, 4]) {
    const many = request(async function * () {
      for (let count = 0; count < files; count++) yield file('a')
      throw Object.assign(new Error('no'), { code: 'FST_PARTS_LIMIT' })
    })
    const taken = answered()
    await taken.read(many)
    t.match(taken.parts.faults, files === 1 ? [{ path: '', key: 'partCount', status: 413 }] : [{ path: 'file', key: 'maxFiles', status: 413 }])
    t.equal(taken.parts.faults.length, 1)
    many.raw.destroy()
  }
})

t.test('what is malformed is an error all the same', async (t) => {
  const strange = request(async function * () { yield { ...file('a'), fieldname: 'other' } })
  await t.rejects(answered().read(strange), { code: 'BULWARK_ERR_FILES_FIELD_UNKNOWN' })
  strange.raw.destroy()
})
