// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyReply } from 'fastify'
import filesByDefault, {
  files, filesDefaults, safeFileName,
  type DownloadOptions, type DownloadSource, type FileField, type FilesOptions, type FilesSettings, type FormFiles, type Upload
} from 'fastify-bulwark/files'

export const options: FilesOptions = {
  folder: '/var/spool',
  limits: { request: 1, fields: 2, fieldSize: 3 },
  detect: async (head) => head.length > 0 ? { ext: 'mp4', mime: 'video/mp4' } : undefined
}
export const setting: FilesSettings = { limits: { request: 5 } }
export const field: FileField = { types: ['png', 'mp4'], maxSize: 1, maxCount: 2, maxPixels: 3, maxEntries: 4, maxUnpacked: 5, required: true, store: 'memory' }
export const fields: FormFiles = { avatar: field } as const
export const download: DownloadOptions = { name: 'a', type: 'png', inline: true }
export const sources: DownloadSource[] = [Buffer.alloc(1), new Uint8Array(), process.stdin, { root: '/srv', path: 'a' }]
export const name: string = safeFileName('a')
export const most: number = filesDefaults.limits.request

const app = Fastify()
app.register(files)
app.register(files, options)
await app.register(filesByDefault, {})

app.post('/', { form: { files: { avatar: { types: ['png'] } } }, config: { security: { files: { limits: { fields: 3 } } } } }, async (request, reply) => {
  const upload: Upload | undefined = request.uploads.get('avatar')
  const all: readonly Upload[] = request.uploads.getAll('avatar')
  const every: readonly Upload[] = request.uploads.all()
  const path: string | undefined = upload?.path
  const buffer: Buffer | undefined = upload?.buffer
  const hash: string | undefined = await upload?.sha256()
  const moved: string | undefined = await upload?.moveTo('/srv')
  const sent: FastifyReply = reply.download({ root: '/srv', path: 'a.png' }, { name: 'a.png', type: 'png' })
  // @ts-expect-error: what is in the place of the files
  request.uploads = undefined
  // @ts-expect-error: facts are facts
  upload!.size = 1
  // @ts-expect-error: inline
  reply.download(Buffer.alloc(1), { inlined: true })
  // @ts-expect-error: types
  app.post('/type', { form: { files: { avatar: { type: ['png'] } } } }, () => '')
  return [all, every, path, buffer, hash, moved, sent]
})

export const misspelt: Array<FilesOptions | FileField> = [
  // @ts-expect-error: limits
  { limit: {} },
  // @ts-expect-error: maxSize
  { types: ['png'], maxsize: 1 },
  // @ts-expect-error: a list
  { types: 'png' },
  // @ts-expect-error: disk or memory
  { types: ['png'], store: 'ram' },
  // @ts-expect-error: a number of bytes
  { limits: { request: '1 MB' } }
]
