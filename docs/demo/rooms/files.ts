import multipart from '@fastify/multipart'
import type { FastifyError } from 'fastify'
import { files } from 'fastify-bulwark/files'
import { FILE_SAMPLES } from '../file-samples.ts'
import type { Room } from '../room.ts'

const path = '/files'

/** What the room admits: more than a site should, so that there is something to see. */
const TYPES = ['png', 'jpg', 'gif', 'webp', 'pdf', 'zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'txt', 'csv', 'json', 'html', 'svg', 'xml']
const LARGEST = 1_000_000
/** Files that are kept; the oldest goes first. */
const MOST_KEPT = 20

interface Kept { readonly bytes: Buffer, readonly name: string, readonly type: string }

/** What the log says is for the operator; a visitor of this room may know it as well. */
const REFUSALS: Readonly<Record<string, string>> = {
  BULWARK_ERR_FILES_TYPE_REFUSED: 'The bytes and the name say different things, or something that is not admitted. Only what agrees is taken.',
  BULWARK_ERR_FILES_CONTENT_REFUSED: 'The file is not whole, has more pixels than a picture needs, or has something in it or behind it that does not belong there.',
  BULWARK_ERR_FILES_TOO_LARGE: 'The file is larger than 1 MB. Reading stopped at the limit, and the rest was dropped.',
  BULWARK_ERR_FILES_TOO_MANY: 'Only one file at a time.',
  BULWARK_ERR_FILES_REQUIRED: 'No file was chosen.'
}

/** The room of the plugin `files`: what a file says, what it is, and what becomes of it. */
export const room: Room = {
  path,
  title: 'Files',
  summary: 'Uploads that are what they say, downloads that do not run: send anything, and see what was made of it.',
  register: async (app, { live }) => {
    const kept = new Map<string, Kept>()
    await app.register(multipart)
    await app.register(files)

    const page = (more: object) => ({ room: path, title: 'Files', samples: FILE_SAMPLES.map(({ name, what }) => ({ name, what })), largest: LARGEST, facts: undefined, refusal: undefined, ...more })

    app.get(path, (_request, reply) => reply.view('files.eta', page({ liveId: live.remember(reply) })))

    app.post(path, {
      form: { files: { file: { types: TYPES, maxSize: LARGEST, required: true, store: 'memory' } } },
      errorHandler: (error: FastifyError, _request, reply) => {
        const says = REFUSALS[error.code]
        if (says === undefined) throw error
        return reply.code(error.statusCode!).view('files.eta', page({ refusal: { code: error.code, says }, liveId: live.remember(reply) }))
      }
    }, (request, reply) => {
      const upload = request.uploads.get('file')!
      kept.set(upload.storedName, { bytes: upload.buffer!, name: upload.safeName, type: upload.mediaType })
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
      return reply.view('files.eta', page({ facts: upload, liveId: live.remember(reply) }))
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
