import multipart from '@fastify/multipart'
import type { FastifyReply } from 'fastify'
import { files } from 'fastify-bulwark/files'
import { f, input, type Form } from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'
import { FILE_SAMPLES } from '../file-samples.ts'
import type { Room } from '../room.ts'

const path = '/files'

/** What the room admits: more than a site should, so that there is something to see. */
const TYPES = ['png', 'jpg', 'gif', 'webp', 'pdf', 'zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'txt', 'csv', 'json', 'html', 'svg', 'xml']
const LARGEST = 1_000_000
const Letter = Type.Object({
  note: Type.Optional(f.text({ max: 100, title: 'Note, if you like' })),
  file: f.file({ types: TYPES, maxSize: LARGEST, store: 'memory' })
})
/** Files that are kept; the oldest goes first. */
const MOST_KEPT = 20

interface Kept { readonly bytes: Buffer, readonly name: string, readonly type: string }

/** The room of the plugin `files`: what a file says, what it is, and what becomes of it. */
export const room: Room = {
  path,
  title: 'Files',
  summary: 'Uploads that are what they say, downloads that do not run: send anything, and see what was made of it.',
  register: async (app, { live }) => {
    const kept = new Map<string, Kept>()
    await app.register(multipart)
    await app.register(files)
    await app.register(input)

    const samples = FILE_SAMPLES.map(({ name, what }) => ({ name, what }))
    const page = (reply: FastifyReply, form: Form<Static<typeof Letter>>, values?: Static<typeof Letter>, sha256?: string) => reply.view('files.eta', { room: path, title: 'Files', samples, form, facts: values?.file, sha256, note: values?.note, liveId: live.remember(reply) })

    app.route({
      method: ['GET', 'POST'],
      url: path,
      schema: { body: Letter },
      form: {
        accepts: ['form'],
        messages: { file: { required: 'No file was chosen.', maxFiles: 'Only one file at a time.' } },
        render: (_request, reply, form) => page(reply, form)
      }
    }, async (request, reply) => {
      if (!request.form.ok) return
      const { values } = request.form
      const { storedName, buffer, safeName, mediaType } = values.file
      kept.set(storedName, { bytes: buffer!, name: safeName, type: mediaType })
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
      return page(reply, request.form, values, await values.file.sha256())
    })

    app.get<{ Params: { id: string } }>(`${path}/:id`, (request, reply) => {
      const file = kept.get(request.params.id)
      return file === undefined ? reply.callNotFound() : reply.download(file.bytes, { name: file.name, type: file.type })
    })
    app.get<{ Params: { id: string } }>(`${path}/:id/show`, (request, reply) => {
      const file = kept.get(request.params.id)
      return file === undefined ? reply.callNotFound() : reply.download(file.bytes, { name: file.name, type: file.type, inline: true })
    })
    app.get<{ Params: { name: string } }>(`${path}/samples/:name`, (request, reply) => {
      const sample = FILE_SAMPLES.find(({ name }) => name === request.params.name)
      return sample === undefined ? reply.callNotFound() : reply.download(sample.bytes, { name: sample.name })
    })
  }
}
