import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import { files } from 'fastify-bulwark/files'
import { fileTypeFromBuffer } from 'file-type'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(multipart)

  // #region detect
  await app.register(files, { detect: fileTypeFromBuffer })

  app.post('/song', { form: { files: { song: { types: ['mp3', 'flac'], maxSize: 8_000_000 } } } }, async (request) => {
    const song = request.uploads.get('song')
    return { type: song?.type, mediaType: song?.mediaType }
  })
  // #endregion detect

  return app
}
