// Both plugins bring to the option `form` what is theirs, and neither takes from the other.

import Fastify from 'fastify'
import 'fastify-bulwark/files'
import { f } from 'fastify-bulwark/input'
import { Type } from 'typebox'

const app = Fastify()
app.route({
  method: ['GET', 'POST'],
  url: '/',
  schema: { body: Type.Object({ title: f.text({ max: 10 }) }) },
  form: {
    labels: { title: 'Title' },
    check: { title: async (title) => title.toUpperCase() === '' ? 'empty' : undefined },
    files: { avatar: { types: ['png'] } }
  }
}, async (request) => {
  const title: string = request.form.ok ? request.form.values.title : ''
  return [title, request.uploads.get('avatar')?.safeName]
})
// @ts-expect-error: a field that the schema does not have
app.post('/label', { schema: { body: Type.Object({ title: f.text({ max: 10 }) }) }, form: { labels: { titel: 'x' }, files: {} } }, async () => '')
