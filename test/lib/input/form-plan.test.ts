import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { compileForm, fieldAt, labelFor, ownMessage, type FormPlan } from '../../../lib/input/form-plan.ts'
import { equalTo } from '../../../lib/input/form-options.ts'
import { Part } from '../../../lib/input/request-part.ts'

const part = (schema: TSchema): Part => new Part(schema, { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)
const body = part(Type.Object({ email: f.email(), again: f.text({ title: 'Once more' }), items: f.list(Type.Object({ name: f.text() })), more: Type.Record(Type.String(), f.text()), either: Type.Union([Type.Object({ x: f.text() }), Type.Object({ y: f.text() })]) }))
const plan = (form: unknown): FormPlan => compileForm(form, body, ['form', 'json'])

t.test('the option `form` is checked', async (t) => {
  const refused: Array<[title: string, form: unknown, message: RegExp]> = [
    ['an unknown key', { label: {} }, /form\.label: .*`labels`/],
    ['a wrong type', { onInvalid: 'ignore' }, /form\.onInvalid/],
    ['no object', 'x', /form: expected an object/],
    ['no kinds at all', { accepts: [] }, /form\.accepts/],
    ['an unknown kind', { accepts: ['text'] }, /form\.accepts/],
    ['a check that is none', { check: { email: 'x' } }, /form\.check\.email/],
    ['a filter that is none', { filters: { email: true } }, /form\.filters\.email: expected a function/],
    ['a page that is none', { render: 'x' }, /form\.render/],
    ['a misspelt label', { labels: { emial: 'x' } }, /form\.labels\.emial: .*`email`/],
    ['a misspelt message', { messages: { emial: 'x' } }, /form\.messages\.emial/],
    ['a misspelt filter', { filters: { emial: String } }, /form\.filters\.emial/],
    ['a misspelt check', { check: { emial: String } }, /form\.check\.emial/],
    ['a misspelt other field', { check: { again: equalTo('emial') } }, /form\.check\.again\.emial/],
    ['a misspelt nested field', { labels: { 'items.*.nmae': 'x' } }, /form\.labels\.items\.\*\.nmae/],
    ['a check of every member', { check: { 'items.*.name': String } }, /Give a check or a filter of the whole list/]
  ]
  for (const [title, form, message] of refused) t.throws(() => plan(form), { code: 'BULWARK_ERR_INPUT_FORM_INVALID', message }, title)
  t.throws(() => compileForm({ labels: { x: 'x' } }, part(Type.Union([Type.Object({ a: f.text() }), f.text()])), []), { message: /`a`/ }, 'of a union')
  t.same([...plan(undefined).accepts], ['form', 'json'])
  t.same([...plan({ accepts: ['json'] }).accepts], ['json'])
  t.equal(plan({ check: { email: [String, equalTo('again'), String] } }).checks.length, 2)
  t.equal(plan({ check: { email: [String, equalTo('again')] } }).cross.length, 1)
})

t.test('fields by name', async (t) => {
  for (const name of ['email', 'items', 'items.0', 'items.*', 'items.12.name', 'more.x', 'either.x', 'either.y']) t.ok(fieldAt(body.node, name), name)
  for (const name of ['', 'emial', 'items.x', 'items.0.nmae', 'email.x', 'either.z', 'constructor', '__proto__', 'items.-1', 'items.123456']) t.notOk(fieldAt(body.node, name), name)
})

t.test('labels', async (t) => {
  const { labels, titles } = { labels: plan({ labels: { email: 'E-mail', 'items.*.name': 'Name of it', 'items.0.name': 'First' } }), titles: plan({}) }
  t.equal(labelFor(labels, 'email'), 'E-mail')
  t.equal(labelFor(labels, 'items.3.name'), 'Name of it')
  t.equal(labelFor(labels, 'items.0.name'), 'First')
  t.equal(labelFor(titles, 'again'), 'Once more')
  t.equal(labelFor(titles, 'items.3.name'), 'Name')
  t.equal(labelFor(titles, 'nothing'), 'Nothing')
})

t.test('messages: field and rule, field, rule', async (t) => {
  const own = plan({ messages: { email: { required: 'E', pattern: 'P' }, again: 'A', 'items.*.name': { maxLength: 'M' }, '': { required: 'R', formInvalid: 'F' } } })
  t.equal(ownMessage(own, 'email', 'required'), 'E')
  t.equal(ownMessage(own, 'email', 'username'), 'P')
  t.equal(ownMessage(own, 'email', 'email'), undefined)
  t.equal(ownMessage(own, 'again', 'anything'), 'A')
  t.equal(ownMessage(own, 'items.3.name', 'maxLength'), 'M')
  t.equal(ownMessage(own, 'items.3.name', 'required'), 'R')
  t.equal(ownMessage(own, '', 'formInvalid'), 'F')
  t.equal(ownMessage(plan({ messages: { '': 'All' } }), 'email', 'required'), undefined)
  t.equal(ownMessage(plan({ messages: { '': 'All' } }), '', 'formInvalid'), 'All')
  t.equal(ownMessage(plan({}), 'email', 'required'), undefined)
})
