import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { files } from '../../plugins/files.ts'
import { f, german, input } from '../../plugins/input.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'
import { html, png } from '../lib/files/samples.ts'

// A form with fields and files: one plugin each, in any order, and what is wrong with a file stands beside what is wrong with a field.

const register = {
  multipart: (app: FastifyInstance) => app.register(multipart),
  files: (app: FastifyInstance) => app.register(files),
  input: (app: FastifyInstance) => app.register(input, { messages: german })
}
const orders = [['multipart', 'files', 'input'], ['input', 'files', 'multipart'], ['files', 'input', 'multipart'], ['input', 'multipart', 'files']] as const

async function build (t: Test, order: ReadonlyArray<keyof typeof register>): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const name of order) await register[name](app)
  app.route({
    method: ['GET', 'POST'],
    url: '/profile',
    schema: { body: Type.Object({ title: f.text({ max: 10 }), age: Type.Optional(f.integer()) }) },
    form: { files: { avatar: { types: ['png'], required: true } }, accepts: ['form', 'json'], render: (_request, _reply, form) => `<p>${JSON.stringify(form.errors)}` }
  }, async (request) => ({ values: request.form.ok ? request.form.values : null, avatar: request.uploads.get('avatar')?.size }))
  return app
}

const ask = (app: FastifyInstance, parts: FormPart[], accept = 'application/json') => app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': CONTENT_TYPE, accept }, payload: formBody(...parts) })
const avatar = (data: Buffer, filename = 'a.png'): FormPart => ({ name: 'avatar', filename, data })

for (const order of orders) {
  t.test(order.join(', '), async (t) => {
    const app = await build(t, order)
    t.same((await ask(app, [{ name: 'title', data: ' x ' }, { name: 'age', data: '7' }, avatar(png())])).json(), { values: { title: 'x', age: 7 }, avatar: png().length })
    t.same((await ask(app, [{ name: 'title', data: 'x'.repeat(11) }, avatar(html)])).json().errors, {
      title: ['Verwenden Sie höchstens 10 Zeichen.'],
      avatar: ['A file is of a kind that is not admitted, or its name says another kind than its content.']
    })
    const missing = await ask(app, [{ name: 'title', data: 'x' }])
    t.equal(missing.statusCode, 422)
    t.same(Object.keys(missing.json().errors), ['avatar'])
    t.match(await ask(app, [{ name: 'title', data: 'x' }], 'text/html'), { statusCode: 422, body: /^<p>.*avatar/ })
    t.match(await ask(app, [{ name: 'title', data: 'x' }, avatar(png()), avatar(png())]), { statusCode: 413 })
    t.match(await app.inject({ method: 'POST', url: '/profile', payload: { title: 'x' } }), { statusCode: 422 }, 'a file that must be there is missed in JSON, too')
    t.match(await app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': 'text/plain' }, payload: 'x' }), { statusCode: 415 })
    t.match(await app.inject('/profile'), { statusCode: 200, body: '<p>{}' })
  })
}

t.test('where nobody reads the files, a form with them does not start', async (t) => {
  const app = await build(t, ['multipart', 'input'])
  await t.rejects(async () => { await app.ready() }, { code: 'BULWARK_ERR_INPUT_FORM_INVALID', message: /fastify-bulwark\/files/ })
})

t.test('a form without files does not read a body in parts', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(input)
  await app.register(files)
  app.post('/profile', { schema: { body: Type.Object({ title: f.text({ max: 10 }) }) }, form: {} }, async () => '')
  t.match(await ask(app, [{ name: 'title', data: 'x' }]), { statusCode: 415 })
})

t.test('a form of nothing but files needs no schema, and reads no other body', async (t) => {
  for (const order of orders) {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const name of order) await register[name](app)
    app.post('/profile', { form: { files: { avatar: { types: ['png'] } } } }, async (request) => ({ size: request.uploads.get('avatar')?.size }))
    app.post('/profile/:id', { schema: { params: Type.Object({ id: f.integer() }) }, form: { files: { avatar: { types: ['png'] } } } }, async (request) => request.params)
    t.match(await ask(app, [avatar(png())]), { statusCode: 200, body: `{"size":${png().length}}` }, order.join(', '))
    t.match(await ask(app, [avatar(html)]), { statusCode: 422, body: /BULWARK_ERR_FILES_TYPE_REFUSED/ })
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      t.match(await app.inject({ method: 'POST', url: '/profile', headers: { 'content-type': type }, payload: '{}' }), { statusCode: 415 }, type)
    }
    const sent = await app.inject({ method: 'POST', url: '/profile/7', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(avatar(png())) })
    t.match(sent, { statusCode: 200, body: '{"id":7}' }, 'other parts of the request are checked all the same')
  }
})
