import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { MemorySink } from '../../../lib/files/spool.ts'
import { Upload } from '../../../lib/files/upload.ts'
import { readBody } from '../../../lib/input/body.ts'
import { f } from '../../../lib/input/fields.ts'
import { compileForm } from '../../../lib/input/form-plan.ts'
import { equalTo } from '../../../lib/input/form-options.ts'
import { Part } from '../../../lib/input/request-part.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'

const schema = Type.Object({ a: f.text(), b: Type.Optional(f.text()) })
const settings = resolveSettings({ limits: { fields: 5, depth: 2, items: 3 } })

function read (kind: 'form' | 'json', body: unknown, of: TSchema = schema): { reasons: string[] } & Partial<ReturnType<typeof readBody>> {
  const reasons: string[] = []
  const plan = compileForm({ check: of === schema ? { b: equalTo('a') } : {} }, new Part(of, { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100), ['form'])
  try {
    return { reasons, ...readBody(plan, kind, body, settings, (reason) => reasons.push(reason)) }
  } catch (error) {
    t.equal((error as { code: string }).code, 'BULWARK_ERR_INPUT_BODY_REFUSED')
    return { reasons }
  }
}

t.test('files come with the fields of a form, and are not looked at for the limits of texts', async (t) => {
  const upload = new Upload({ field: 'c', originalName: '\ufffd', claimedType: '', safeName: '', storedName: '', type: 'png', mediaType: '', size: 1 }, new MemorySink())
  const plan = compileForm({}, new Part(Type.Object({ a: f.text(), c: f.file({ types: ['png'] }) }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100), ['form'])
  const { value, faults } = readBody(plan, 'form', { a: 'x', _csrf: 't' }, settings, () => t.fail('refused'), { c: upload })
  t.same(faults, [])
  t.equal((value as { c: Upload }).c, upload)
})

t.test('bodies', async (t) => {
  t.match(read('json', { a: 'x' }), { value: { a: 'x' }, faults: [], aside: {} })
  t.match(read('form', { a: 'x', b: 'y' }).faults, [{ path: 'b', key: 'equalTo' }])
  const given = Object.freeze({ a: 'x', _csrf: 't' })
  t.match(read('json', given), { value: { a: 'x' }, faults: [], aside: { _csrf: 't' } })
  t.match(read('form', given), { value: { a: 'x' }, faults: [], aside: { _csrf: 't' } })
  t.match(read('json', given, Type.Object({ a: f.text(), _csrf: f.text() })), { value: { _csrf: 't' }, aside: {} }, 'a field of the schema is its own')
  t.match(read('json', null).faults, [{ path: '', key: 'object' }])
  t.match(read('form', undefined).faults, [{ path: 'a', key: 'required' }])
  t.match(read('form', 'x').faults, [{ path: 'a', key: 'required' }])
  t.same(read('form', { a: ['1', '2'] }).reasons, ['duplicate'])
  t.same(read('form', { 'a.b.c': '1' }).reasons, ['depth'])
  t.same(read('json', { a: { b: { c: {} } } }).reasons, ['depth'])
  t.same(read('json', [1, 2, 3, 4]).reasons, ['items'])
  t.same(read('json', { a: '\ufffd' }).reasons, ['encoding'])
  t.match(read('json', { _csrf: 1 }, Type.Union([schema, f.text()]) as unknown as typeof schema), { aside: { _csrf: 1 } })
})
