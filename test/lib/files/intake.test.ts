import { access } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { Intake, type MultipartRequest, type Part } from '../../../lib/files/intake.ts'
import { filesDefaults, resolveForm, type FormFiles } from '../../../lib/files/settings.ts'
import { Spool } from '../../../lib/files/spool.ts'

// What a parser gives is played here, part by part; plugins/files.test.ts has the real one.

const spool = await Spool.in()
t.teardown(() => spool.close())
const file = (...chunks: string[]): Part => ({ type: 'file', fieldname: 'file', filename: 'a.txt', file: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) })

function intake (fields: FormFiles = { file: { types: ['txt'], maxCount: 3 } }, limits = {}): Intake {
  const all = { ...filesDefaults.limits, ...limits }
  return new Intake({ fields: resolveForm(fields, all, false), limits: all }, { spool, detect: undefined })
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

const errors: ReadonlyArray<readonly [what: string, error: object, code: string]> = [
  ['too many parts', { code: 'FST_PARTS_LIMIT' }, 'TOO_MANY'],
  ['too many files', { code: 'FST_FILES_LIMIT' }, 'TOO_MANY'],
  ['too many fields', { code: 'FST_FIELDS_LIMIT' }, 'TOO_MANY'],
  ['whatever else the parser objects to', { code: 'FST_OTHER' }, 'BODY_REFUSED'],
  ['an error without a code', {}, 'BODY_REFUSED']
]

for (const [what, error, code] of errors) {
  t.test(`${what}: ${code}`, async (t) => {
    const failing = request(async function * () {
      yield file('a')
      throw Object.assign(new Error('no'), error)
    })
    await t.rejects(intake().read(failing), { code: `BULWARK_ERR_FILES_${code}` })
    t.ok(failing.raw.readableFlowing, 'the rest is drained')
    failing.raw.destroy()
  })
}

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

t.test('a field is missed once', async (t) => {
  const missing = intake({ a: { types: ['png'], required: true }, b: { types: ['png'] } })
  missing.requireFiles()
  missing.requireFiles()
  t.same(missing.faults.map(({ field, code }) => [field, code]), [['a', 'BULWARK_ERR_FILES_REQUIRED']])
})
