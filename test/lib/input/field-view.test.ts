import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { viewField, type FieldView } from '../../../lib/input/field-view.ts'
import { readNode } from '../../../lib/input/schema-node.ts'
import { shape } from '../../../lib/input/shape.ts'

function view (schema: TSchema, entered?: string | string[], { isRequired = true, errors = [] }: { isRequired?: boolean, errors?: string[] } = {}): FieldView {
  const node = readNode(shape(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, ''))
  return viewField({ name: 'a.0', label: 'A', node, isRequired, entered, errors })
}

t.test('the attributes of a field', async (t) => {
  const rows: Array<[title: string, schema: TSchema, entered: string | string[] | undefined, attributes: string]> = [
    ['a text', f.text({ min: 2, max: 3 }), 'x"', 'type="text" value="x&quot;" required minlength="2" maxlength="3"'],
    ['nothing entered', f.text(), undefined, 'type="text" required maxlength="1000"'],
    ['several lines', f.text({ multiline: true }), 'x', 'required maxlength="1000"'],
    ['a secret is not filled in', f.secret(), 'hunter2', 'type="password" required maxlength="128"'],
    ['an e-mail address', f.email(), 'a', 'type="email" value="a" required maxlength="254" inputmode="email" autocomplete="email"'],
    ['a username', f.username({ max: 9 }), 'a', 'type="text" value="a" required maxlength="9" pattern="^[A-Za-z][A-Za-z0-9._]*$" autocomplete="username"'],
    ['a pattern that a browser would ignore', f.text({ pattern: '^[a-z(]*$', max: 9 }), undefined, 'type="text" required maxlength="9"'],
    ['a whole number', f.integer({ min: 1 }), 'x', 'type="number" value="x" required min="1" inputmode="numeric"'],
    ['a step', Type.Integer({ multipleOf: 5 }), '5', 'type="number" value="5" required step="5" inputmode="numeric"'],
    ['a fraction', f.number({ max: 3 }), '1', 'type="number" value="1" required max="3" step="any"'],
    ['a step of a fraction', Type.Number({ multipleOf: 0.5 }), undefined, 'type="number" required step="0.5"'],
    ['money', f.decimal(), '1.50', 'type="text" value="1.50" required maxlength="16" pattern="^-?(?:0|[1-9][0-9]{0,11})(?:\\.[0-9]{1,2})?$" inputmode="decimal"'],
    ['a box', f.checkbox(), 'true', 'type="checkbox" value="true" checked'],
    ['a box that is not ticked', f.checkbox(), 'false', 'type="checkbox" value="true"'],
    ['a box that must be', f.agreement(), undefined, 'type="checkbox" value="true" required'],
    ['a date', f.date(), '2026-11-25', 'type="date" value="2026-11-25" required'],
    ['a colour', f.color(), undefined, 'type="color" required'],
    ['a choice', f.choice(['x', 'y']), 'y', 'required'],
    ['choices', f.choices(['x', 'y']), ['y'], 'multiple'],
    ['choices, at least one', f.choices(['x', 'y'], { min: 1 }), ['y'], 'required multiple'],
    ['a hidden field', f.hidden(f.uuid()), 'k', 'type="hidden" value="k"'],
    ['a value or null', Type.Union([Type.Null(), f.integer()]), '3', 'type="number" value="3" required inputmode="numeric"'],
    ['null', Type.Union([Type.Null(), Type.Null()]), '', 'type="text" required'],
    ['a text without a format', Type.String({ maxLength: 3 }), 'x', 'type="text" value="x" required maxlength="3"'],
    ['an unknown kind', Type.Any(), 'x', 'type="text" value="x" required'],
    ['a file is not filled in', f.file({ types: ['png'] }), 'C:\\fakepath\\a.png', 'type="file" required accept="image/png,.png"'],
    ['a file is shown even where it is hidden', f.hidden(f.file({ types: ['png'] })), undefined, 'type="file" required accept="image/png,.png"'],
    ['files', f.files({ types: ['txt'], max: 3 }), undefined, 'type="file" multiple accept="text/plain,.txt,.text,.log"'],
    ['files, at least one', f.files({ types: ['mp3'], min: 1 }), undefined, 'type="file" required multiple accept=".mp3"'],
    ['a text that may be empty', f.text({ min: 0 }), '', 'type="text" maxlength="1000"']
  ]
  for (const [title, schema, entered, attributes] of rows) t.equal(String(view(schema, entered).attributes), `id="a-0" name="a.0" ${attributes}`, title)
  t.notOk(view(f.text(), 'x', { isRequired: false }).required)
})

t.test('errors are pointed to', async (t) => {
  const { errors, errorId, attributes, ...rest } = view(f.text(), 'x', { errors: ['No.'] })
  t.same([errors, errorId, rest['aria-invalid'], rest['aria-describedby']], [['No.'], 'a-0-error', 'true', 'a-0-error'])
  t.match(String(attributes), 'aria-invalid="true" aria-describedby="a-0-error"')
  t.notMatch(String(view(f.text()).attributes), 'aria')
})

t.test('the options of a choice', async (t) => {
  t.same(view(f.choices(['x', 'y']), ['y']).options, [{ value: 'x', label: 'x', selected: false }, { value: 'y', label: 'y', selected: true }])
  t.same(view(f.agreement()).options, [])
  t.equal(view(f.secret(), 'hunter2').value, '')
})
