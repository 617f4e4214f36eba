import { mkdir } from 'node:fs/promises'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import { files } from 'fastify-bulwark/files'

const app = Fastify({ logger: true })
await app.register(multipart)
await app.register(files)
await mkdir('uploads', { recursive: true })

app.post('/avatar', {
  form: { files: { avatar: { types: ['png', 'jpg', 'webp'], maxSize: 2_000_000, maxPixels: 20_000_000, required: true } } }
}, async (request) => {
  const avatar = request.uploads.get('avatar')!
  await avatar.moveTo('uploads')
  return { id: avatar.storedName, name: avatar.safeName, type: avatar.type, size: avatar.size }
})

app.get<{ Params: { id: string } }>('/avatar/:id', (request, reply) =>
  reply.download({ root: 'uploads', path: request.params.id }, { name: 'avatar.png', type: 'image/png', inline: true }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
