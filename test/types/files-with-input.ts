// Both plugins bring to the option `form` what is theirs, and neither takes from the other.

import Fastify from 'fastify'
import type { Upload } from 'fastify-bulwark/files'
import { f, type FileOptions, type FileSchema } from 'fastify-bulwark/input'
import { Type } from 'typebox'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function exactly<A> () { return <B>(_value: B, _same: Same<A, B>): void => {} }

export const options: FileOptions = { types: ['png', 'mp4'], maxSize: 1, maxPixels: 2, maxEntries: 3, maxUnpacked: 4, store: 'memory', title: 'Picture', description: 'Of you' }
export const schema: FileSchema = f.file(options)

const Profile = Type.Object({
  title: f.text({ max: 10 }),
  avatar: f.file({ types: ['png'] }),
  photo: Type.Optional(f.file({ types: ['jpg'] })),
  papers: f.files({ types: ['pdf'], min: 1, max: 3 }),
  own: Type.Object({ scan: f.file({ types: ['png'] }) })
})

const app = Fastify()
app.route({
  method: ['GET', 'POST'],
  url: '/',
  schema: { body: Profile },
  form: {
    labels: { avatar: 'Picture', papers: 'Papers', 'own.scan': 'Scan' },
    messages: { avatar: { fileSize: 'Too large', fileType: 'Only PNG' }, 'own.scan': 'Wrong' },
    check: {
      title: async (title) => title.toUpperCase() === '' ? 'empty' : undefined,
      avatar: (avatar, { values }) => avatar.size > 5 && values.papers.length > 1 ? 'fileSize' : undefined,
      papers: (papers) => papers.some(({ type }) => type === '') ? 'invalid' : undefined
    },
    render: (_request, _reply, form) => `${form.enctype}${form.field('avatar').accept ?? ''}${form.field('own.scan').attributes.toString()}${form.errors.avatar?.join() ?? ''}`
  }
}, async (request) => {
  if (!request.form.ok) return request.form.fail('avatar', 'fileType')
  const { avatar, photo, papers, own } = request.form.values
  exactly<Upload>()(avatar, true)
  exactly<Upload | undefined>()(photo, true)
  exactly<Upload[]>()(papers, true)
  exactly<Upload>()(own.scan, true)
  // @ts-expect-error: what is within a file is no field
  request.form.field('avatar.size')
  return await avatar.moveTo('/srv')
})

app.post('/label', {
  schema: { body: Profile },
  // @ts-expect-error: a misspelt file
  form: { labels: { avatr: 'x' } }
}, () => '')
app.post('/message', {
  schema: { body: Profile },
  // @ts-expect-error: a misspelt file
  form: { messages: { avatr: 'x' } }
}, () => '')
app.post('/check', {
  schema: { body: Profile },
  // @ts-expect-error: a misspelt file
  form: { check: { avatr: () => undefined } }
}, () => '')
app.post('/inner', {
  schema: { body: Profile },
  // @ts-expect-error: what is within a file is no field
  form: { labels: { 'avatar.size': 'x' } }
}, () => '')
app.post('/twice', {
  schema: { body: Profile },
  // @ts-expect-error: the schema names its files, and nothing else does, misspelt or not
  form: { files: { avatr: { types: ['png'] } } }
}, () => '')
app.post('/nested', {
  schema: { body: Type.Object({ own: Type.Object({ scan: f.files({ types: ['png'] }) }) }) },
  // @ts-expect-error: the schema names its files, and nothing else does
  form: { files: { 'own.scan': { types: ['png'] } } }
}, () => '')
app.post('/alone', { form: { files: { avatar: { types: ['png'] } } } }, async (request) => request.uploads.get('avatar')?.safeName)
app.post('/fields', { schema: { body: Type.Object({ title: f.text() }) }, form: { files: { avatar: { types: ['png'] } } } }, () => '')

export const misspelt: FileSchema[] = [
  // @ts-expect-error: maxSize
  f.file({ types: ['png'], maxsize: 1 }),
  // @ts-expect-error: the kinds must be said
  f.file({}),
  // @ts-expect-error: whether it is required is said by the schema around it
  f.file({ types: ['png'], required: true }),
  // @ts-expect-error: how many is said by `max`
  f.file({ types: ['png'], maxCount: 2 })
]
// @ts-expect-error: how many is said by `max`
f.files({ types: ['png'], maxCount: 2 })
