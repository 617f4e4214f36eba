import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { equalTo, f, input, password, requiredIf, type InputOptions } from '../../plugins/input.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'

// A wrong option never starts: what is misspelt, of a wrong type, out of range or in contradiction.

const UNKNOWN = 'BULWARK_ERR_INPUT_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_INPUT_OPTION_INVALID'
const FORM = 'BULWARK_ERR_INPUT_FORM_INVALID'
const SCHEMA = 'BULWARK_ERR_INPUT_SCHEMA_INVALID'
const WEAK = 'BULWARK_ERR_INPUT_SCHEMA_WEAK'

const options: readonly Misuse<unknown>[] = [
  ['an option that is misspelt', { lnt: SECRET }, UNKNOWN, 'input.lnt', '`lint`'],
  ['an option in small letters', { checktimeout: 1 }, UNKNOWN, 'input.checktimeout', '`checkTimeout`'],
  ['an option in snake case', { set_aside: [] }, UNKNOWN, 'input.set_aside', '`setAside`'],
  ['a singular', { limit: {} }, UNKNOWN, 'input.limit', '`limits`'],
  ["the route's word", { accept: ['form'] }, UNKNOWN, 'input.accept', '`accepts`'],
  ['a format that is misspelt', { format: {} }, UNKNOWN, 'input.format', '`formats`'],
  ['a translation that is misspelt', { translation: () => '' }, UNKNOWN, 'input.translation', '`translate`'],
  ['a message that is misspelt', { message: {} }, UNKNOWN, 'input.message', '`messages`'],
  ["an option of Fastify's own", { prefix: '/a' }, UNKNOWN, 'input.prefix', 'The names are'],
  ['options of a suite', { input: {} }, UNKNOWN, 'input.input', 'The names are'],
  ['options that are text', SECRET, INVALID, 'input', 'an object'],
  ['options that are a list', [], INVALID, 'input', 'an object'],
  ['a lint that is misspelt', { lint: 'errors' }, INVALID, 'input.lint', "`'error'`"],
  ['a lint that is true', { lint: true }, INVALID, 'input.lint', "`'warn'`"],
  ['a lint that is null', { lint: null }, INVALID, 'input.lint', "`'off'`"],
  ['kinds that are text', { accepts: 'form' }, INVALID, 'input.accepts', 'an array'],
  ['no kinds', { accepts: [] }, INVALID, 'input.accepts', 'an array of length 0'],
  ['a kind that is a media type', { accepts: ['json', 'application/json'] }, INVALID, 'input.accepts.1', "`'json'`"],
  ['a kind that others read', { accepts: ['multipart'] }, INVALID, 'input.accepts.0', "`'form'`"],
  ['limits that are a number', { limits: 5 }, INVALID, 'input.limits', 'an object'],
  ['a limit that is misspelt', { limits: { feilds: 5 } }, UNKNOWN, 'input.limits.feilds', '`fields`'],
  ["Fastify's name of a limit", { limits: { bodyLimit: 5 } }, UNKNOWN, 'input.limits.bodyLimit', 'Did you mean'],
  ...['body', 'fields', 'depth', 'items', 'errors'].flatMap((name): Misuse<unknown>[] => [
    [`${name}: none`, { limits: { [name]: 0 } }, INVALID, `input.limits.${name}`, 'an integer from 1'],
    [`${name}: less than none`, { limits: { [name]: -1 } }, INVALID, `input.limits.${name}`, 'from 1'],
    [`${name}: a part`, { limits: { [name]: 1.5 } }, INVALID, `input.limits.${name}`, 'no integer'],
    [`${name}: as text`, { limits: { [name]: SECRET } }, INVALID, `input.limits.${name}`, 'an integer'],
    [`${name}: without an end`, { limits: { [name]: Infinity } }, INVALID, `input.limits.${name}`, 'an integer'],
    [`${name}: no number`, { limits: { [name]: NaN } }, INVALID, `input.limits.${name}`, 'an integer']
  ]),
  ['a depth that a stack has not', { limits: { depth: 101 } }, INVALID, 'input.limits.depth', 'to 100'],
  ['a field set aside as text', { setAside: SECRET }, INVALID, 'input.setAside', 'an array'],
  ['a field set aside that is none', { setAside: [1] }, INVALID, 'input.setAside.0', 'a string'],
  ['milliseconds', { checkTimeout: 5000 }, INVALID, 'input.checkTimeout', 'to 300'],
  ['no time at all', { checkTimeout: 0 }, INVALID, 'input.checkTimeout', 'from 1'],
  ['a time as text', { checkTimeout: '5s' }, INVALID, 'input.checkTimeout', 'an integer'],
  ['formats that are a list', { formats: [] }, INVALID, 'input.formats', 'a plain object'],
  ['formats that are a map', { formats: new Map([['x', () => true]]) }, INVALID, 'input.formats', 'a plain object'],
  ['a format that is an expression', { formats: { x: /swordfish/ } }, INVALID, 'input.formats.x', 'a function'],
  ['a format that is text', { formats: { x: SECRET } }, INVALID, 'input.formats.x', 'a function'],
  ['messages that are text', { messages: SECRET }, INVALID, 'input.messages', 'a plain object'],
  ['messages that are a map', { messages: new Map([['required', () => '']]) }, INVALID, 'input.messages', 'a plain object'],
  ['messages that are nothing', { messages: null }, INVALID, 'input.messages', 'null'],
  ['a message that is text', { messages: { required: SECRET } }, INVALID, 'input.messages.required', 'a function'],
  ['a key of the messages that is misspelt', { messages: { requird: () => SECRET } }, UNKNOWN, 'input.messages.requird', '`required`'],
  ['a translation that is text', { translate: SECRET }, INVALID, 'input.translate', 'a function'],
  ['a translation that is a table', { translate: {} }, INVALID, 'input.translate', 'a function']
]

const fails = (): never => { throw new Error('It is never called.') }

/** Of the option `form` of a route with `Schema`. */
const forms: readonly Misuse<unknown>[] = [
  ['a form that is text', SECRET, FORM, 'form', 'an object'],
  ['a form that is null', null, FORM, 'form', 'an object'],
  ['a form that is true', true, FORM, 'form', 'an object'],
  ['a form that is a list', [], FORM, 'form', 'an object'],
  ['an option that is misspelt', { acepts: ['form'] }, FORM, 'form.acepts', '`accepts`'],
  ['another in small letters', { oninvalid: 'reply' }, FORM, 'form.oninvalid', '`onInvalid`'],
  ['a check of the form in small letters', { checkform: fails }, FORM, 'form.checkform', '`checkForm`'],
  ['the page misspelt', { rendr: fails }, FORM, 'form.rendr', '`render`'],
  ["WTForms' word for checks", { validators: {} }, FORM, 'form.validators', 'The names are'],
  ['no kinds', { accepts: [] }, FORM, 'form.accepts', 'an array of length 0'],
  ['a kind that is misspelt', { accepts: ['jsn'] }, FORM, 'form.accepts.0', "`'json'`"],
  ['kinds that are text', { accepts: SECRET }, FORM, 'form.accepts', 'an array'],
  ...['labels', 'messages', 'filters', 'check'].flatMap((name): Misuse<unknown>[] => {
    const value = name === 'labels' || name === 'messages' ? SECRET : fails
    return [
      [`${name}: of a field that is misspelt`, { [name]: { emial: value } }, FORM, `form.${name}.emial`, '`email`'],
      [`${name}: of a name of every object`, { [name]: { constructor: value } }, FORM, `form.${name}.constructor`, 'The names are'],
      [`${name}: of a field within a list without its place`, { [name]: { 'items.n': value } }, FORM, `form.${name}.items.n`, 'Did you mean'],
      [`${name}: of a field within a list that is misspelt`, { [name]: { 'items.*.m': value } }, FORM, `form.${name}.items.*.m`, 'Did you mean'],
      [`${name}: text`, { [name]: SECRET }, FORM, `form.${name}`, 'a plain object'],
      [`${name}: a map`, { [name]: new Map([['email', value]]) }, FORM, `form.${name}`, 'a plain object'],
      [`${name}: a number`, { [name]: { email: 5 } }, FORM, `form.${name}.email`, /function|string/]
    ]
  }),
  ['a message that is a number', { messages: { email: { required: 5 } } }, FORM, 'form.messages.email.required', 'a string'],
  ['a filter that is text', { filters: { email: SECRET } }, FORM, 'form.filters.email', 'a function'],
  ['a filter of each member', { filters: { 'items.*.n': fails } }, FORM, 'form.filters.items.*.n', 'the whole list'],
  ['a check that is text', { check: { email: SECRET } }, FORM, 'form.check.email', 'a function'],
  ['a check among several that is text', { check: { email: [fails, SECRET] } }, FORM, 'form.check.email.1', 'a function'],
  ['a check of one member', { check: { 'items.0.n': fails } }, FORM, 'form.check.items.0.n', 'the whole list'],
  ['checks that are one function', { check: fails }, FORM, 'form.check', 'a plain object'],
  ['equal to a field that is misspelt', { check: { email: equalTo('nam') } }, FORM, 'form.check.email', '`name`'],
  ['equal to itself', { check: { email: equalTo('email') } }, FORM, 'form.check.email', 'another field'],
  ['required by a field that is misspelt', { check: { email: requiredIf('nam') } }, FORM, 'form.check.email', '`name`'],
  ['required by itself', { check: { email: [fails, requiredIf('email')] } }, FORM, 'form.check.email', 'another field'],
  ['a check of the form that is text', { checkForm: SECRET }, FORM, 'form.checkForm', 'a function'],
  ['first values that are no function', { initial: {} }, FORM, 'form.initial', 'a function'],
  ['the name of a template', { render: SECRET }, FORM, 'form.render', 'a function'],
  ['an outcome that is misspelt', { onInvalid: 'contine' }, FORM, 'form.onInvalid', "`'continue'`"],
  ['an outcome that is true', { onInvalid: true }, FORM, 'form.onInvalid', "`'reply'`"],
  ['files beside the schema', { files: {} }, FORM, 'form.files', '`schema.body`']
]

const Schema = Type.Object({ email: Type.Optional(f.email()), name: f.text(), items: f.list(Type.Object({ n: f.text() })) })

/** Of everything else that a route has. */
const routes: readonly Misuse<unknown>[] = [
  ['a form without a body', { form: {} }, FORM, 'form', '`schema.body`'],
  ['a form with a compiler of its own', { schema: { body: Schema }, form: {}, validatorCompiler: () => () => true }, FORM, 'form', '`validatorCompiler`'],
  ['attachValidation', { schema: { body: Schema }, attachValidation: true }, FORM, 'attachValidation', '`form.onInvalid'],
  ['attachValidation of a query', { schema: { querystring: Type.Object({ page: f.integer() }) }, attachValidation: true }, FORM, 'attachValidation', 'unchecked'],
  ['a schema that is text', { schema: { body: SECRET } }, SCHEMA, 'body', 'a schema'],
  ['a reference that leads nowhere', { schema: { body: { $ref: `${SECRET}#` } } }, SCHEMA, 'body', 'leads nowhere'],
  ['a format that nobody knows', { schema: { body: Type.Object({ a: Type.String({ format: SECRET, maxLength: 9 }) }) } }, SCHEMA, 'body.a', '`formats`'],
  ['a pattern that is none', { schema: { body: Type.Object({ a: Type.String({ pattern: `(${SECRET}`, maxLength: 9 }) }) } }, SCHEMA, 'body.a', 'flag `u`'],
  ['a refinement with a text', { schema: { body: Type.Refine(Type.Object({}), () => false, SECRET as never) } }, SCHEMA, 'body', 'a function'],
  ['a kind of body that nobody reads', { schema: { body: { content: { 'text/plain': { schema: Schema } } } } }, SCHEMA, 'body.content', '`validatorCompiler`'],
  ['a text without an end', { schema: { body: Type.Object({ a: Type.String() }) } }, WEAK, 'body.properties.a', '`maxLength`'],
  ['a range that nothing fits', { schema: { body: Type.Object({ a: Type.String({ minLength: 9, maxLength: 3 }) }) } }, WEAK, 'body.properties.a', 'no value fits'],
  ['a default that does not fit', { schema: { body: Type.Object({ a: Type.String({ default: SECRET, maxLength: 3 }) }) } }, WEAK, 'body.properties.a', '`default`'],
  ['a pattern that takes for ever', { schema: { body: Type.Object({ a: Type.String({ pattern: '^(s+)+$', maxLength: 99 }) }) } }, WEAK, 'body.properties.a', 'ReDoS']
]

async function failure (register: (app: FastifyInstance) => unknown): Promise<unknown> {
  const app = Fastify()
  register(app)
  return await failureOf(app)
}

const withOptions = (given: unknown): Promise<unknown> => failure((app) => app.register(input, given as InputOptions))
const withRoute = (route: object): Promise<unknown> => failure((app) => {
  app.register(input)
  app.register(async (scope) => { scope.route({ method: 'POST', url: '/account', handler: () => '', ...route }) })
})

t.test('options of the plugin', async (t) => {
  for (const entry of options) checkMisuse(t, await withOptions(entry[1]), entry)
})

t.test('the form of a route', async (t) => {
  for (const entry of forms) {
    const error = await withRoute({ schema: { body: Schema }, form: entry[1] })
    checkMisuse(t, error, entry)
    t.match(error, { message: / \(route POST \/account\)$/ }, `${entry[0]}: the route is named`)
  }
})

t.test('schemas and routes', async (t) => {
  for (const entry of routes) {
    const error = await withRoute(entry[1] as object)
    checkMisuse(t, error, entry)
    t.match(error, { message: /POST \/account/ }, `${entry[0]}: the route is named`)
  }
})

t.test('builders and helpers refuse at once what makes no sense', async (t) => {
  const rows: Array<[what: string, make: () => unknown]> = [
    ['a text', () => f.text({ min: 3, max: 2 })],
    ['a text of the default length', () => f.text({ min: 2000 })],
    ['a number', () => f.integer({ min: 3, max: 2 })],
    ['a decimal without digits', () => f.decimal({ digits: 0 })],
    ['a decimal', () => f.decimal({ min: '3', max: '2' })],
    ['no choice', () => f.choice([])],
    ['a list', () => f.list(f.text(), { min: 3, max: 2 })],
    ['an address that runs', () => f.url({ protocols: ['javascript'] })],
    ['an address with a colon', () => f.url({ protocols: ['https:'] })],
    ['a short password', () => password({ min: 7 })]
  ]
  for (const [what, make] of rows) t.throws(make, RangeError, what)
})

t.test('what looks odd and is right starts', async (t) => {
  const rows: Array<[what: string, options: InputOptions, form?: object]> = [
    ['no options', {}],
    ['a kind twice', { accepts: ['json', 'json'] }],
    ['nothing set aside', { setAside: [] }],
    ['all empty', { limits: {}, formats: {}, messages: {} }],
    ['the greatest limits', { limits: { body: 1_073_741_824, fields: 1_000_000, depth: 100, items: 1_000_000, errors: 1000 }, checkTimeout: 300 }],
    ['a form of nothing', {}, {}],
    ['messages of the form as a whole, and of a rule of a check', {}, { messages: { '': { required: 'x' }, email: { ours: 'x' } } }],
    ['labels of one member and of all', {}, { labels: { 'items.0.n': 'x', 'items.*.n': 'y', items: 'z' } }]
  ]
  for (const [what, given, form] of rows) {
    t.equal(await failure((app) => {
      app.register(input, given)
      app.register(async (scope) => { scope.route({ method: 'POST', url: '/', schema: { body: Schema }, handler: () => '', ...form === undefined ? {} : { form } }) })
    }), undefined, what)
  }
})
