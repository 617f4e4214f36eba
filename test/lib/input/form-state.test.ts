import { inspect } from 'node:util'
import t from 'tap'
import { Type } from 'typebox'
import type { Fault } from '../../../lib/input/explain.ts'
import { f } from '../../../lib/input/fields.ts'
import { compileForm } from '../../../lib/input/form-plan.ts'
import { FormState } from '../../../lib/input/form-state.ts'
import { german } from '../../../lib/input/messages-de.ts'
import { english, type MessageParams } from '../../../lib/input/messages.ts'
import { Part } from '../../../lib/input/request-part.ts'

const body = new Part(Type.Object({ email: f.email(), password: f.secret(), again: f.secret() }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)
const plan = compileForm({ messages: { email: { maxLength: '{label}: at most {max}' } } }, body, ['form'])

function state (faults: Fault[], { isSubmitted = true, translate, messages = english }: { isSubmitted?: boolean, translate?: (key: string, params: MessageParams) => string | undefined, messages?: typeof english } = {}): FormState {
  return new FormState(plan, { translate, messages: new Map(Object.entries(messages)), answer: (form) => ({ answered: form.errors }), redirect: (location) => ({ location }) }, { email: 'a@b.co', password: 'hunter2' }, faults, isSubmitted)
}

t.test('a check may say another label than that of the field', async (t) => {
  const form = state([{ path: 'email', key: 'maxLength', params: { label: 'Address', max: 3 } }])
  t.same({ ...form.errors }, { email: ['Address: at most 3'] })
})

t.test('a form that is right', async (t) => {
  const form = state([])
  t.ok(form.ok)
  t.equal((form.values as { email: string }).email, 'a@b.co')
  t.same({ ...form.errors }, {})
  t.equal(form.summary, '')
})

t.test('a form that is not', async (t) => {
  const form = state([{ path: 'email', key: 'email', params: {} }, { path: 'again', key: 'equalTo', params: { other: 'password' } }, { path: 'email', key: 'maxLength', params: { max: 3 } }, { path: '', key: 'invalid', params: {} }, { path: 'email', key: 'A sentence.', params: {} }])
  t.notOk(form.ok)
  t.throws(() => form.values, TypeError)
  t.same({ ...form.errors }, { email: [english.email({ label: '' }), 'Email: at most 3', 'A sentence.'], again: ['This must be the same as “Password”.'] })
  t.same(form.formErrors, [english.invalid({ label: '' })])
  t.equal(form.summary, 'Please check what you entered.')
  t.same({ ...form.raw }, { email: 'a@b.co' })
  t.equal(form.raw, form.raw, 'made once')
  t.match(form.field('email'), { value: 'a@b.co', required: true, errors: { length: 3 } })
  t.equal(form.field('password').value, '')
  t.throws(() => form.field('emial'), RangeError)
  t.equal(String(form.errorAttributes('email')), 'id="email-error" role="alert"')
})

t.test('what is too large decides the status, and files the way in which the form is sent', async (t) => {
  const fault = { path: 'email', key: 'email', params: {} }
  t.equal(state([fault, { ...fault, status: 422 }]).statusCode, 422)
  t.equal(state([fault, { ...fault, key: 'fieldSize', params: { max: 1 }, status: 413 }]).statusCode, 413)
  t.equal(state([]).enctype, 'application/x-www-form-urlencoded')
  const files = compileForm({}, new Part(Type.Object({ a: f.file({ types: ['png'] }) }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100), ['form'])
  t.equal(new FormState(files, { translate: undefined, messages: new Map(Object.entries(english)), answer: () => {}, redirect: () => {} }, {}, [], false).enctype, 'multipart/form-data')
})

t.test('nothing of a secret is in what a log prints', async (t) => {
  const form = state([{ path: 'password', key: 'minLength', params: { min: 99 } }])
  for (const printed of [JSON.stringify(form), inspect(form, { depth: 9, showHidden: true }), String(form)]) t.notMatch(printed, 'hunter2')
  t.same(JSON.parse(JSON.stringify(form)), { ok: false, isSubmitted: true, faults: [{ path: 'password', key: 'minLength' }] })
})

t.test('other languages', async (t) => {
  const fault = { path: 'again', key: 'equalTo', params: { other: 'password' } }
  t.equal(state([fault], { messages: german }).errors['again']![0], german.equalTo({ label: '', other: 'Password' }))
  t.equal(state([fault], { translate: (key, { label, other }) => `${key} ${label} ${other!}` }).errors['again']![0], 'equalTo Again Password')
  t.equal(state([fault], { translate: () => undefined }).errors['again']![0], english.equalTo({ label: '', other: 'Password' }))
  t.equal(state([{ path: 'email', key: 'toString', params: {} }]).errors['email']![0], 'toString')
})

t.test('what the handler found out', async (t) => {
  const form = state([])
  t.same(form.fail('email', 'taken'), { answered: Object.assign(Object.create(null), { email: ['This is taken.'] }) })
  t.notOk(form.ok)
  t.throws(() => form.fail('emial', 'taken'), RangeError)
  const shown = state([], { isSubmitted: false })
  t.notOk(shown.ok)
  shown.fail('', 'No.')
  t.same(shown.formErrors, ['No.'])
})

t.test('where to go on', async (t) => {
  const form = state([])
  t.same(form.redirect('/welcome?a=1#b'), { location: '/welcome?a=1#b' })
  for (const path of ['', 'welcome', 'https://evil.example', '//evil.example', '/\\evil.example', '/a\\b', '/a\nb', '/a b', '/\u00e9', 'javascript:1']) {
    t.throws(() => form.redirect(path), { code: 'BULWARK_ERR_INPUT_REDIRECT_REFUSED', statusCode: 400 }, JSON.stringify(path))
  }
})
