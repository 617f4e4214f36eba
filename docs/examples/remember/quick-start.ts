import Fastify from 'fastify'
import { generateKey, requireFresh, requireLogin, session } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'

const app = Fastify({ logger: true })
// For several processes, and for a server that starts anew: redisStore or postgresStore.
await app.register(session, { keys: [process.env['SESSION_KEY'] ?? generateKey()], store: memoryStore() })

app.post('/login', async (request) => {
  await request.session.login('42', { remember: true, label: 'Firefox on Linux' })
  return { ok: true }
})
app.get('/me', { preHandler: requireLogin }, async ({ session }) => ({ user: session.userId, remembered: session.remembered }))
app.post('/email', { preHandler: requireFresh({ within: 300 }) }, async () => ({ ok: true }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
