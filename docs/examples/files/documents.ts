import { createHash } from 'node:crypto'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import { files } from 'fastify-bulwark/files'

export interface Row { readonly id: string, readonly name: string, readonly type: string }

export async function build (folder: string, rows: Row[]): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(multipart)
  await app.register(files)

  // #region several
  app.post<{ Body: { note?: string } }>('/documents', {
    form: { files: { documents: { types: ['pdf', 'docx', 'txt'], maxSize: 5_000_000, maxCount: 10 } } },
    config: { security: { files: { limits: { request: 20_000_000 } } } }
  }, async (request) => {
    for (const upload of request.uploads.getAll('documents')) {
      await upload.moveTo(folder)
      rows.push({ id: upload.storedName, name: upload.safeName, type: upload.type })
    }
    return { note: request.body.note, stored: rows.length }
  })
  // #endregion several

  // #region download
  app.get<{ Params: { id: string } }>('/documents/:id', (request, reply) => {
    const row = rows.find(({ id }) => id === request.params.id)
    if (row === undefined) return reply.callNotFound()
    return reply.download({ root: folder, path: row.id }, { name: row.name, type: row.type })
  })
  // #endregion download

  // #region memory
  app.post('/fingerprint', {
    form: { files: { file: { types: ['txt', 'csv'], maxSize: 100_000, store: 'memory' } } }
  }, async (request) => {
    const { buffer } = request.uploads.get('file') ?? {}
    return { md5: buffer && createHash('md5').update(buffer).digest('hex') }
  })
  // #endregion memory

  return app
}
