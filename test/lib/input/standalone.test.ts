import t from 'tap'
import { Type } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { german } from '../../../lib/input/messages-de.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'
import { Standalone } from '../../../lib/input/standalone.ts'

t.test('for `request.validateInput`: yes or no, and nothing else', async (t) => {
  const check = new Standalone(resolveSettings({ limits: { depth: 2 } }), () => ({})).checkOf(Type.Object({ a: f.integer() }))
  t.same([{ a: 1 }, { a: '1' }, { a: 1, b: 2 }, null, [[[]]]].map(check), [true, false, false, false, false])
  t.throws(() => new Standalone(resolveSettings({}), () => ({})).checkOf(Type.String({ format: 'nothing' }))(''), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID' })
})

t.test('without a route', async (t) => {
  const schema = Type.Object({ a: f.integer(), b: f.checkbox() })
  const input = new Standalone(resolveSettings({}), () => ({ Known: { type: 'string', maxLength: 3 } }))
  t.same(input.validate(schema, { a: 1 }), { ok: true, values: { a: 1, b: false } })
  t.same(input.validate(schema, { a: '1', b: 'on' }, { from: 'form' }), { ok: true, values: { a: 1, b: true } })
  const wrong = input.validate(schema, { a: '1' }) as { ok: boolean, errors: Record<string, string[]>, formErrors: string[] }
  t.same([wrong.ok, { ...wrong.errors }, wrong.formErrors], [false, { a: ['Enter a whole number.'] }, []])
  t.same(input.validate(Type.Ref('Known'), 'abc'), { ok: true, values: 'abc' })
  t.throws(() => input.validate(schema, { a: ['1', '2'] }, { from: 'form' }), { code: 'BULWARK_ERR_INPUT_BODY_REFUSED' })
  t.throws(() => input.validate(Type.String({ format: 'nothing' }), ''), { code: 'BULWARK_ERR_INPUT_SCHEMA_INVALID' })
  const deutsch = new Standalone(resolveSettings({ messages: german, formats: { x: () => false } }), () => ({})).validate(Type.Object({ a: Type.String({ format: 'x' }), b: f.text() }), { a: '1' }) as { errors: Record<string, string[]> }
  t.same({ ...deutsch.errors }, { a: ['x'], b: ['Dieses Feld muss ausgefüllt werden.'] })
})
