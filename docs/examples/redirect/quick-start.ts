import Fastify from 'fastify'
import { redirect } from 'fastify-bulwark/redirect'

const app = Fastify({ logger: true })
await app.register(redirect, { origin: 'https://app.example' })

app.get('/login', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => {
  return reply.safeRedirect(request.redirectTarget)
})

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
