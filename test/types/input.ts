// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import inputByDefault, {
  english, equalTo, f, german, html, input, inputDefaults, likePattern, password, requiredIf, safeJson, sqlIdentifier,
  type FieldView, type Form, type FormOptions, type Html, type HtmlAttributes, type InputOptions, type Message, type MessageKey, type MessageParams, type Messages,
  type PasswordOptions, type Validation
} from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function exactly<A> () { return <B>(_value: B, _same: Same<A, B>): void => {} }

export const options: InputOptions = {
  lint: 'warn',
  accepts: ['form'],
  limits: { body: 1000, fields: 10, depth: 2, items: 3, errors: 4 },
  setAside: ['_csrf', 'token'],
  checkTimeout: 3,
  formats: { postcode: (text) => /^\d{5}$/.test(text) },
  messages: { ...german, required: ({ label }) => `${label}!` },
  translate: (key, { label, max }: MessageParams) => `${key} ${label} ${max ?? ''}`
}

const Account = Type.Object({
  username: f.username({ min: 3, max: 25 }),
  email: f.email(),
  password: f.secret(),
  again: f.secret(),
  age: Type.Optional(f.integer()),
  price: f.decimal(),
  news: f.checkbox(),
  terms: f.agreement(),
  colour: f.choice(['red', 'green']),
  tags: f.choices(['a', 'b']),
  kind: Type.Enum(['x', 'y']),
  size: Type.Union([Type.Literal('s'), Type.Literal('l')]),
  greeting: f.text({ default: 'hello' }),
  address: Type.Object({ street: f.text(), zip: Type.Optional(f.text()) }),
  items: f.list(Type.Object({ name: f.text(), count: f.integer() })),
  either: Type.Union([Type.Object({ card: f.text() }), Type.Object({ iban: f.text() })]),
  key: f.hidden(f.uuid())
})

interface Values {
  username: string
  email: string
  password: string
  again: string
  age?: number
  price: string
  news: boolean
  terms: true
  colour: 'red' | 'green'
  tags: Array<'a' | 'b'>
  kind: 'x' | 'y'
  size: 's' | 'l'
  greeting: string
  address: { street: string, zip?: string }
  items: Array<{ name: string, count: number }>
  either: { card: string } | { iban: string }
  key: string
}
type Flat<T> = { [Key in keyof T]: T[Key] }

const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
await app.register(input)
await app.register(input, options)
await app.register(inputByDefault, { lint: 'off' })
await app.register(input, { translate: (key, _params, request) => request.headers['accept-language'] === 'de' ? german[key as MessageKey]?.({ label: '' }) : undefined })

app.route({
  method: ['GET', 'POST'],
  url: '/account',
  schema: { body: Account },
  form: {
    accepts: ['form', 'json'],
    labels: { email: 'E-mail', 'address.street': 'Street', 'items.*.name': 'Name' },
    messages: { username: { pattern: 'Letters', minLength: 'Longer' }, 'items.*.count': 'Wrong', '': { formInvalid: 'Look again' } },
    filters: { email: (email) => email.toLowerCase(), age: (age) => age + 1 },
    check: {
      email: async (email, { request, signal, values }) => {
        exactly<string>()(email, true)
        exactly<boolean>()(signal.aborted, true)
        exactly<string>()(request.id, true)
        exactly<string>()(values.username, true)
        return email === '' ? 'taken' : undefined
      },
      age: (age) => age > 3 ? { key: 'minimum', params: { min: 3 } } : undefined,
      again: equalTo('password', 'Passwords must match.'),
      'address.zip': [requiredIf('colour', 'red'), (zip) => zip.length === 5 ? undefined : 'invalid'],
      password: password({ min: 12, breached: async (prefix, { signal }) => `${prefix}${String(signal.aborted)}` })
    },
    checkForm: (values) => values.news ? undefined : 'invalid',
    initial: () => ({ greeting: 'hi' }),
    render: (request, reply, form) => html`<p>${request.id}${reply.statusCode}${form.field('items.0.name').attributes}${form.errors.email}`,
    onInvalid: 'continue'
  }
}, async (request) => {
  const { form } = request
  if (!form.ok) {
    // @ts-expect-error: there are values only when the form is right
    form.values.toString()
    exactly<readonly string[] | undefined>()(form.errors.email, true)
    exactly<readonly string[] | undefined>()(form.errors['items.3.name'], true)
    exactly<string | readonly string[] | undefined>()(form.raw.username, true)
    return form.fail('email', 'taken')
  }
  exactly<Flat<Values>>()(form.values as Flat<typeof form.values>, true)
  exactly<number | undefined>()(form.values.age, true)
  exactly<string>()(request.body.username, true)
  const view: FieldView = form.field('address.street')
  const attributes: HtmlAttributes = view.attributes
  await form.fail('', `That did not work. ${String(attributes)}`)
  // @ts-expect-error: a misspelt field
  form.field('emial')
  // @ts-expect-error: a misspelt field
  await form.fail('emial', 'taken')
  return form.redirect('/welcome')
})

// The shorthand, a handler among the options, and no type provider at all.
app.post('/short', { schema: { body: Account }, form: { labels: { username: 'Name' } } }, async (request) => request.form.ok && request.form.values.username.length)
app.route({ method: 'POST', url: '/in', schema: { body: Account }, form: { labels: { username: 'Name' } }, handler: async (request) => request.form.ok && request.form.values.username.length })
const plain = Fastify()
await plain.register(input)
plain.post('/plain', { schema: { body: Account }, form: { labels: { username: 'Name' } } }, async (request) => request.form.ok && request.form.values.username.length)

app.post('/misspelt/label', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field
  form: { labels: { usernmae: 'Name' } }
}, () => '')
app.post('/misspelt/message', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field
  form: { messages: { usernmae: 'Name' } }
}, () => '')
app.post('/misspelt/check', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field
  form: { check: { emial: () => undefined } }
}, () => '')
app.post('/misspelt/filter', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field
  form: { filters: { emial: (value: string) => value } }
}, () => '')
app.post('/misspelt/other', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field
  form: { check: { again: equalTo('passwrod') } }
}, () => '')
app.post('/misspelt/nested', {
  schema: { body: Account },
  // @ts-expect-error: a misspelt field within another
  form: { labels: { 'address.stret': 'Street' } }
}, () => '')
app.post('/misspelt/option', {
  schema: { body: Account },
  // @ts-expect-error: labels
  form: { label: { email: 'E-mail' } }
}, () => '')
app.post('/type/check', {
  schema: { body: Account },
  // @ts-expect-error: an age is a number
  form: { check: { age: (age: string) => age } }
}, () => '')
app.post('/type/filter', {
  schema: { body: Account },
  // @ts-expect-error: a filter gives back what it got
  form: { filters: { email: () => 3 } }
}, () => '')
app.post('/list/check', {
  schema: { body: Account },
  // @ts-expect-error: a check is of one field
  form: { check: { 'items.*.name': () => undefined } }
}, () => '')

const result: Validation<Static<typeof Account>> = app.input.validate(Account, {}, { from: 'form' })
if (result.ok) exactly<string>()(result.values.username, true)
else exactly<readonly string[] | undefined>()(result.errors.username, true)
// @ts-expect-error: 'form' or 'json'
app.input.validate(Account, {}, { from: 'xml' })

export const page: Html = html`<p>${['a', 1, null, html`<b>b</b>`]}</p><script type="application/json">${safeJson({ a: 1 })}</script>`
export const column: string = sqlIdentifier({ name: 'users.name' })('name')
export const pattern: string = likePattern('50 %')
export const language: Messages = english
export const message: Message = ({ label }) => label
export const defaults: Readonly<InputOptions> = inputDefaults
export const rules: PasswordOptions = { min: 15, common: new Set(['x']), context: (_request, { email }) => [String(email)], onBreachedFailure: 'accept' }
export const form: Pick<FormOptions<{ a: string }>, 'labels'> = { labels: { a: 'A' } }
export const none: Form<unknown> | undefined = undefined

export const misspelt: InputOptions[] = [
  // @ts-expect-error: limits
  { limit: { fields: 1 } },
  // @ts-expect-error: 'off', 'warn' or 'error'
  { lint: true },
  // @ts-expect-error: 'form' or 'json'
  { accepts: ['text'] },
  // @ts-expect-error: fields
  { limits: { field: 1 } },
  // @ts-expect-error: a test answers true or false
  { formats: { postcode: () => 'yes' } }
]
